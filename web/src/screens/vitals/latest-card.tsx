import { MEASURES, type VitalCell, type VitalColumn } from "../../../../core/contract/chart-words.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Card, type Definition, DefinitionList, EmptyState, LinkButton, Text } from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import { vitalsMessages } from "./messages.ts";
import { VitalValue } from "./value.tsx";

interface Latest {
  readonly at: string;
  readonly cell: VitalCell;
}

/** Of each measure the newest value that counts. */
export const latestOf = (columns: readonly VitalColumn[]): readonly Latest[] =>
  MEASURES.flatMap((measure) => {
    const found = columns.flatMap(({ at, cells }) =>
      cells
        .filter((cell) => cell.measure === measure && cell.state !== "entered-in-error")
        .map((cell) => ({ at, cell })),
    );
    return found[0] ?? [];
  });

/** The newest vitals in the summary, with when each was measured. */
export function LatestVitals({ patient }: { readonly patient: string }) {
  const [t, format] = [useText(vitalsMessages), useFormat()];
  const query = useAsk("readVitals", { path: { id: patient } });
  return (
    <Card
      title={t("listTitle")}
      level={3}
      actions={
        <LinkButton to="/app/patients/$patient" params={{ patient }} search={{ tab: "vitals" }} size="sm" tone="quiet">
          {t("allVitals")}
        </LinkButton>
      }
    >
      <AskState query={query} label={t("listTitle")}>
        {({ columns }) => (
          <ShownState
            field={columns}
            onRetry={() => void query.refetch()}
            empty={<EmptyState isCompact title={t("empty")} hint={t("emptyHint")} />}
          >
            {(all) => (
              <DefinitionList
                items={latestOf(all).map(({ at, cell }): Definition => ({
                  term: t(`measure.${cell.measure}`),
                  value: (
                    <>
                      <VitalValue cell={cell} wraps />
                      <Text size="xs" tone="muted">
                        {format.day(at)}
                      </Text>
                    </>
                  ),
                }))}
              />
            )}
          </ShownState>
        )}
      </AskState>
    </Card>
  );
}
