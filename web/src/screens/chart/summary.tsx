import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Columns, Stack } from "../../ui/index.ts";
import { AllergiesCard } from "../lists/allergies-card.tsx";
import { ImmunizationsCard } from "../lists/immunizations-card.tsx";
import { listsMessages } from "../lists/messages.ts";
import { MedicationsCard } from "../lists/medications-card.tsx";
import { ProblemsCard } from "../lists/problems-card.tsx";
import { ProtectedCard } from "../lists/protected-card.tsx";
import { LatestVitals } from "../vitals/latest-card.tsx";
import type { ChartTabProps } from "./tabs.ts";

/** What counts of a patient today, a card for each list, each with what can be done about it. */
export default function SummaryTab({ patient }: ChartTabProps) {
  const t = useText(listsMessages);
  const query = useAsk("readLists", { path: { id: patient } });
  const onRetry = (): void => void query.refetch();
  return (
    <AskState query={query} label={t("lists")}>
      {({ problems, allergies, medications, immunizations, segmented }) => (
        <Columns min="lg">
          <Stack gap="lg">
            <AllergiesCard patient={patient} card={allergies} onRetry={onRetry} />
            <ProblemsCard patient={patient} card={problems} onRetry={onRetry} />
            <ImmunizationsCard patient={patient} card={immunizations} onRetry={onRetry} />
          </Stack>
          <Stack gap="lg">
            <MedicationsCard patient={patient} card={medications} onRetry={onRetry} />
            <LatestVitals patient={patient} />
            <ProtectedCard cards={segmented} onRetry={onRetry} />
          </Stack>
        </Columns>
      )}
    </AskState>
  );
}
