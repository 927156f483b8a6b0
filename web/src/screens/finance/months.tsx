import { useState } from "react";
import type { MonthView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  type Column,
  EmptyState,
  Link,
  Page,
  Row,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { ManifestDialog } from "./manifest.tsx";
import { type MonthsKey, monthsMessages } from "./months-messages.ts";
import { Amount, CloseText, StateBadge, StatusBadge } from "./parts.tsx";
import { useWords } from "./words.ts";

const isKey = (key: string): key is MonthsKey => Object.hasOwn(monthsMessages.en, key);

/** Every month and where it stands. There is no way here, or anywhere, to open a closed one: the page says why. */
export default function Months() {
  const [say, { t, format }] = [useText(monthsMessages), useWords()];
  const query = useAsk("financeMonths");
  const [sealed, setSealed] = useState<MonthView | undefined>(undefined);
  const blockText = ({ blockedBy, status }: MonthView): string => {
    if (blockedBy === undefined) return status === "due" ? say("nothingBlocks") : "";
    const key = `blocked.${blockedBy}`;
    return isKey(key) ? say(key) : blockedBy;
  };
  const columns: readonly Column<MonthView>[] = [
    {
      id: "month",
      label: t("month"),
      isRowHeader: true,
      isNarrow: true,
      render: ({ month }) => (
        <Link
          to="/app/finance/overview"
          search={{ month }}
          label={`${format.month(month)}: ${say("openMonthOf", { month: format.month(month) })}`}
        >
          {format.month(month)}
        </Link>
      ),
    },
    {
      id: "status",
      label: t("stateColumn"),
      render: ({ status, cost }) => (
        <Row gap="xs">
          <StatusBadge status={status} />
          {status !== "closed" && <StateBadge state={cost.state} />}
        </Row>
      ),
    },
    { id: "closing", label: say("closing"), render: (month) => <CloseText month={month} /> },
    {
      id: "blocked",
      label: say("blocked"),
      render: (month) => (
        <Stack gap="none">
          {blockText(month)}
          {(month.blockedBy === "no-bill" || month.blockedBy === "unreconciled") && (
            <Link
              to="/app/finance/reconcile"
              search={{ month: month.month }}
              label={say("billOf", { month: format.month(month.month) })}
            >
              {say("upload")}
            </Link>
          )}
        </Stack>
      ),
    },
    { id: "cost", label: t("cost"), align: "end", render: ({ cost }) => <Amount money={cost} /> },
    { id: "revenue", label: t("revenue"), align: "end", render: ({ revenue }) => <Amount money={revenue} /> },
    {
      id: "manifest",
      label: say("manifest"),
      render: (month) =>
        month.manifest !== null && (
          <Button
            size="sm"
            tone="quiet"
            label={`${month.manifest.sha256.slice(0, 12)}: ${say("manifestOf", { month: format.month(month.month) })}`}
            onClick={() => setSealed(month)}
          >
            {month.manifest.sha256.slice(0, 12)}
          </Button>
        ),
    },
  ];
  return (
    <Page title={say("title")} intro={say("intro")} width="full">
      <Stack gap="lg">
        <Alert tone="info" title={say("noReopenTitle")}>
          <Text>{say("noReopen")}</Text>
        </Alert>
        <Text>{say("how")}</Text>
        <AskState
          query={query}
          label={say("caption")}
          isEmpty={({ months }) => months.length === 0}
          empty={<EmptyState title={say("empty")} hint={say("emptyHint")} />}
        >
          {({ months }) => (
            <Table
              caption={say("caption")}
              hidesCaption
              columns={columns}
              rows={months}
              rowKey={({ month }) => month}
              rowTone={({ blockedBy }) => (blockedBy === undefined ? undefined : "warning")}
            />
          )}
        </AskState>
      </Stack>
      {sealed !== undefined && sealed.manifest !== null && (
        <ManifestDialog month={sealed.month} manifest={sealed.manifest} onClose={() => setSealed(undefined)} />
      )}
    </Page>
  );
}
