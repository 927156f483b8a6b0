import type { ReactNode } from "react";
import type { BillView } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { Badge, EmptyState, Section, Stack, Table, Text } from "../../ui/index.ts";
import { reconcileMessages } from "./reconcile-messages.ts";
import { useWords } from "./words.ts";

interface BillsProps {
  readonly bills: readonly BillView[];
  readonly upload: ReactNode;
}

/** AWS's bills that were uploaded, the newest first, and which of them counts. */
export function Bills({ bills, upload }: BillsProps) {
  const [say, { t, format }] = [useText(reconcileMessages), useWords()];
  return (
    <Section title={say("bills")}>
      <Text tone="muted">{say("billsIntro")}</Text>
      <Table
        caption={say("bills")}
        hidesCaption
        rows={bills}
        rowKey={({ id }) => id}
        empty={<EmptyState title={say("noBills")} hint={say("noBillsHint")} action={upload} />}
        columns={[
          {
            id: "file",
            label: say("file"),
            isRowHeader: true,
            render: ({ sha256 }) => (
              <Text as="span" isCode size="xs">
                {sha256.slice(0, 16)}
              </Text>
            ),
          },
          {
            id: "current",
            label: t("stateColumn"),
            render: ({ isCurrent }) => (
              <Badge tone={isCurrent ? "success" : "neutral"} text={say(isCurrent ? "current" : "older")} />
            ),
          },
          { id: "month", label: t("month"), render: ({ month }) => format.month(month) },
          { id: "size", label: say("size"), align: "end", render: ({ sizeBytes }) => format.bytes(sizeBytes) },
          {
            id: "until",
            label: say("completeUntil"),
            render: ({ completeUntil }) => format.date(completeUntil),
          },
          {
            id: "uploaded",
            label: say("uploaded"),
            render: ({ by, at }) => (
              <Stack gap="none">
                <Text as="span">{format.dateTime(at)}</Text>
                <Text as="span" size="xs" tone="muted" isCode>
                  {by}
                </Text>
              </Stack>
            ),
          },
        ]}
      />
    </Section>
  );
}
