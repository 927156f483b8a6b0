import type { ClinicMoment } from "../../../../core/contract/index.ts";
import type { Problem } from "../../api/client.ts";
import { DateField, RadioField, TimeField } from "../../ui/index.ts";
import { useWords } from "./words.ts";

export interface MomentValues {
  readonly day: string;
  readonly time: string;
  readonly occurrence: string;
}
export const NO_MOMENT: MomentValues = { day: "", time: "", occurrence: "" };

/** What the fields hold, as a request says it; undefined without a day. */
export function momentOf({ day, time, occurrence }: MomentValues): ClinicMoment | undefined {
  if (day === "") return undefined;
  const which = occurrence === "first" || occurrence === "second" ? occurrence : undefined;
  return { day, ...(time !== "" && { time }), ...(time !== "" && which !== undefined && { occurrence: which }) };
}

interface MomentFieldsProps {
  readonly problem: Problem | undefined;
  readonly isRequired?: boolean;
}

/** A day of the clinic and, where it matters, a time on its clock; which of the two is asked when the clock shows it twice. */
export function MomentFields({ problem, isRequired = false }: MomentFieldsProps) {
  const { w } = useWords();
  return (
    <>
      <DateField name="day" label={w("dueDay")} isRequired={isRequired} />
      <TimeField name="time" label={w("dueTime")} />
      {problem?.rule === "time-doubled" && (
        <RadioField
          name="occurrence"
          label={w("occurrence")}
          choices={[
            { value: "first", label: w("occurrence.first") },
            { value: "second", label: w("occurrence.second") },
          ]}
        />
      )}
    </>
  );
}
