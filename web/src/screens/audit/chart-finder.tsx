import { useState } from "react";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, Button, Form, List, Stack, TextField } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { auditMessages } from "./messages.ts";

/**
 * From a record number to the id by which the trail knows the chart. The number goes into a body, and nothing but the id
 * comes back: whose chart it is, the trail does not say.
 */
export function ChartFinder({ onFound }: { readonly onFound: (chart: string) => void }) {
  const [t, shared] = [useText(auditMessages), useText(governMessages)];
  const finding = useAct("findCharts");
  const [charts, setCharts] = useState<readonly string[] | undefined>(undefined);
  const find = async (values: { readonly recordNumber: string }): Promise<void> => {
    const answer = await finding.act({ body: values });
    setCharts(answer?.charts);
    const [first, ...others] = answer?.charts ?? [];
    if (first !== undefined && others.length === 0) onFound(first);
  };
  return (
    <Stack gap="sm">
      <Form<{ readonly recordNumber: string }>
        label={t("findChart")}
        loading={false}
        guards={false}
        defaults={{ recordNumber: "" }}
        problem={finding.problem}
        submitLabel={t("find")}
        onSubmit={find}
      >
        <TextField
          name="recordNumber"
          label={t("recordNumber")}
          hint={t("recordNumberHint")}
          isRequired
          isCode
          width="md"
          maxLength={64}
        />
      </Form>
      {charts?.length === 0 && <Alert tone="info" title={t("noChart")} isLive />}
      {charts !== undefined && charts.length > 1 && (
        <List label={t("severalCharts")} items={charts} itemKey={(chart) => chart}>
          {(chart) => <Button onClick={() => onFound(chart)}>{shared("record", { id: chart })}</Button>}
        </List>
      )}
    </Stack>
  );
}
