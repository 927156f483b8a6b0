import { IconPrinter } from "@tabler/icons-react";
import type { DisclosureReportView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  type Column,
  EmptyState,
  Form,
  PrintHeader,
  Section,
  Stack,
  Table,
  Text,
  TextField,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { ChartFinder } from "./chart-finder.tsx";
import { auditMessages } from "./messages.ts";
import { isChartId } from "./words.ts";

type Line = DisclosureReportView["lines"][number];

function Report({ report }: { readonly report: DisclosureReportView }) {
  const [t, shared, format] = [useText(auditMessages), useText(governMessages), useFormat()];
  const { user, tenant } = useSession();
  const period = t("periodOf", { from: format.day(report.fromMs), to: format.day(report.toMs) });
  const columns: readonly Column<Line>[] = [
    {
      id: "recipient",
      label: t("recipientName"),
      isRowHeader: true,
      render: ({ recipient }) => [recipient.name, recipient.address].filter(Boolean).join(", "),
    },
    { id: "purpose", label: t("purpose"), render: ({ purpose }) => wordFor(shared, "purpose", purpose) },
    { id: "what", label: t("description"), render: ({ description }) => description },
    { id: "first", label: t("first"), render: ({ firstMs }) => format.dateTime(firstMs) },
    { id: "last", label: t("last"), render: ({ lastMs }) => format.dateTime(lastMs) },
    { id: "count", label: t("times"), align: "end", render: ({ count }) => format.number(count) },
  ];
  return (
    <Stack>
      <PrintHeader
        title={t("disclosuresTitle")}
        lines={[shared("record", { id: report.patient }), period]}
        clinic={tenant.name}
        printedBy={user.name}
      />
      <Text tone="muted">{period}</Text>
      {!report.complete && <Alert tone="warning" title={t("incomplete")} />}
      {report.unnamed.length > 0 && <Alert tone="warning" title={t("unnamed", { count: report.unnamed.length })} />}
      <Table
        caption={t("disclosuresTitle")}
        hidesCaption
        columns={columns}
        rows={report.lines}
        rowKey={({ eventIds }) => eventIds.join(" ")}
        empty={<EmptyState title={t("disclosuresEmpty")} hint={t("disclosuresEmptyHint")} />}
      />
      <Button icon={IconPrinter} onClick={() => window.print()}>
        {t("print")}
      </Button>
    </Stack>
  );
}

/** 45 CFR 164.528 for one patient, named by the id of the chart. */
export function Disclosures() {
  const [t, shared] = [useText(auditMessages), useText(governMessages)];
  const { patient = "" } = useAddressQuery();
  const go = useGo();
  const isAsked = isChartId(patient);
  const query = useAsk("readDisclosures", { path: { patient: isAsked ? patient : "none" } }, { isEnabled: isAsked });
  return (
    <Section title={t("disclosuresTitle")}>
      <Text tone="muted">{t("disclosuresIntro")}</Text>
      <ChartFinder onFound={(found) => go({ to: "/app/audit", search: { tab: "disclosures", patient: found } })} />
      <Form<{ readonly patient: string }>
        key={patient}
        label={t("askRecord")}
        loading={false}
        guards={false}
        defaults={{ patient }}
        problem={undefined}
        submitLabel={t("show")}
        onSubmit={(values) => go({ to: "/app/audit", search: { tab: "disclosures", patient: values.patient } })}
      >
        <TextField
          name="patient"
          label={shared("chartId")}
          hint={shared("chartIdHint")}
          isRequired
          isCode
          width="md"
          validate={(value) => (isChartId(value) ? undefined : t("invalidNumber"))}
        />
      </Form>
      {isAsked ? (
        <AskState query={query} label={t("disclosuresTitle")}>
          {(report) => <Report report={report} />}
        </AskState>
      ) : (
        <EmptyState title={t("askRecord")} hint={t("askRecordHint")} />
      )}
    </Section>
  );
}
