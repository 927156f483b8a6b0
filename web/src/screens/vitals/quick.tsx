import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, EmptyState, Stack } from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import { VitalsEntry } from "./entry-form.tsx";
import { vitalsMessages } from "./messages.ts";
import { UnitSwitch } from "./unit-switch.tsx";

interface QuickVitalsProps {
  readonly patient: string;
  readonly onSaved: () => void;
}

/** One column beside the last one, from anywhere in the chart. */
export function QuickVitals({ patient, onSaved }: QuickVitalsProps) {
  const t = useText(vitalsMessages);
  const query = useAsk("readVitals", { path: { id: patient } });
  return (
    <AskState query={query} label={t("title")}>
      {({ columns, mayRecord, isInfant }) => {
        const entry = (count: number) => (
          <VitalsEntry
            patient={patient}
            columns={columns.state === "value" ? columns.value.slice(0, count) : []}
            mayRecord={mayRecord}
            isInfant={isInfant}
            onSaved={onSaved}
          />
        );
        return (
          <Stack>
            <UnitSwitch />
            <ShownState
              field={columns}
              onRetry={() => void query.refetch()}
              empty={mayRecord ? entry(0) : <EmptyState title={t("empty")} />}
            >
              {() => entry(1)}
            </ShownState>
          </Stack>
        );
      }}
    </AskState>
  );
}
