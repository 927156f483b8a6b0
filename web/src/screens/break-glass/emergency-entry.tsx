import { openEmergencies } from "../../app/emergencies.ts";
import { useStore } from "../../app/store.ts";
import { ButtonRow } from "../../ui/index.ts";
import { EmergencyAccess } from "./emergency-access.tsx";

interface EmergencyEntryProps {
  readonly patient: string;
  /** `all`: the chart does not open at all. `some`: parts of it are withheld. */
  readonly withheld: "all" | "some";
}

/** Where a chart or a part of it is restricted: the way in for an emergency. Nothing where one is open already. */
export function EmergencyEntry({ patient, withheld }: EmergencyEntryProps) {
  const isOpen = useStore(openEmergencies).some((episode) => episode.patient === patient);
  if (isOpen) return null;
  return (
    <ButtonRow>
      <EmergencyAccess patient={patient} tone={withheld === "all" ? "danger" : "secondary"} />
    </ButtonRow>
  );
}
