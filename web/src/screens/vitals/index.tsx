import { useState } from "react";
import type { VitalColumn } from "../../../../core/contract/chart.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, Card, EmptyState, Row, Section, Stack } from "../../ui/index.ts";
import type { ChartTabProps } from "../chart/tabs.ts";
import { ShownState } from "../chart/shown.tsx";
import { VitalsEntry } from "./entry-form.tsx";
import { vitalsMessages } from "./messages.ts";
import { VitalTrends } from "./trends.tsx";
import { UnitSwitch } from "./unit-switch.tsx";

/** Columns at once: as many as a screen shows without being searched through. */
const AT_ONCE = 6;

/** The tab of a chart: the flowsheet, with a column to type into, and trends. */
export default function VitalsTab({ patient }: ChartTabProps) {
  const t = useText(vitalsMessages);
  const [count, setCount] = useState(AT_ONCE);
  const [hasTrends, setHasTrends] = useState(false);
  const query = useAsk("readVitals", { path: { id: patient } });
  return (
    <Section title={t("title")} actions={<UnitSwitch />}>
      <AskState query={query} label={t("title")}>
        {({ columns, mayRecord, isInfant }) => {
          const sheet = (all: readonly VitalColumn[]) => (
            <Stack gap="lg">
              <VitalsEntry patient={patient} columns={all.slice(0, count)} mayRecord={mayRecord} isInfant={isInfant} />
              <Row>
                {all.length > count && <Button onClick={() => setCount(count + AT_ONCE)}>{t("older")}</Button>}
                {all.length > 0 && (
                  <Button isExpanded={hasTrends} onClick={() => setHasTrends(!hasTrends)}>
                    {t(hasTrends ? "hideTrends" : "showTrends")}
                  </Button>
                )}
              </Row>
              {hasTrends && (
                <Card title={t("trends")} level={3}>
                  <VitalTrends columns={all} />
                </Card>
              )}
            </Stack>
          );
          return (
            <ShownState
              field={columns}
              onRetry={() => void query.refetch()}
              empty={
                mayRecord ? (
                  <Stack>
                    <EmptyState isCompact title={t("empty")} hint={t("emptyHint")} />
                    {sheet([])}
                  </Stack>
                ) : (
                  <EmptyState title={t("empty")} />
                )
              }
            >
              {sheet}
            </ShownState>
          );
        }}
      </AskState>
    </Section>
  );
}
