import { IconPrinter } from "@tabler/icons-react";
import type { ClinicStatement } from "../../../../core/contract/index.ts";
import { addressOf } from "../../api/ask.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useSession } from "../../app/session.tsx";
import { useStore } from "../../app/store.ts";
import { locale, useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Badge,
  Button,
  DefinitionList,
  EmptyState,
  ExternalLink,
  Page,
  PrintHeader,
  Row,
  Section,
  SelectField,
  Stack,
  Text,
  type Tone,
  Toolbar,
} from "../../ui/index.ts";
import { financeMessages } from "../finance/messages.ts";
import { planText, wordFor } from "../finance/words.ts";
import { Lines } from "./lines.tsx";
import { statementMessages } from "./messages.ts";
import { TierPrices } from "./tier-prices.tsx";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const FORMATS = ["pdf", "xlsx", "csv"] as const;
const TONES: Readonly<Record<ClinicStatement["total"]["state"], Tone>> = {
  estimated: "warning",
  reconciled: "info",
  closed: "success",
};

/** What the clinic is asked for in a month, explained, printed or taken along. */
export default function Statement() {
  const t = useText(statementMessages);
  const { month } = useAddressQuery();
  const asked = month !== undefined && MONTH.test(month) ? { month } : {};
  const query = useAsk("readStatement", { query: asked }, { keepsPrevious: true });
  return (
    <Page title={t("title")} intro={t("intro")}>
      <AskState query={query} label={t("title")}>
        {(statement) => <Shown statement={statement} />}
      </AskState>
    </Page>
  );
}

function Shown({ statement }: { readonly statement: ClinicStatement }) {
  const [t, shared, format] = [useText(statementMessages), useText(financeMessages), useFormat()];
  const { tenant, user } = useSession();
  const { total, lines, invoiceId, planId, tier } = statement;
  const name = format.month(statement.month.month);
  return (
    <Stack gap="lg">
      <PrintHeader
        title={t("printTitle", { month: name })}
        lines={[
          [`${t("state")}: ${t(`state.${total.state}`)}`, `${t("invoice")}: ${invoiceId ?? t("noInvoice")}`].join(
            " · ",
          ),
        ]}
        clinic={tenant.name}
        printedBy={user.name}
      />
      <Tools statement={statement} name={name} />
      <Section title={t("facts")}>
        <DefinitionList
          items={[
            { term: t("month"), value: name },
            {
              term: t("total"),
              value: (
                <Text as="span" isStrong isNumeric>
                  {format.money(total)}
                </Text>
              ),
            },
            { term: t("state"), value: <Badge tone={TONES[total.state]} text={t(`state.${total.state}`)} /> },
            { term: t("invoice"), value: invoiceId ?? t("noInvoice") },
            { term: t("plan"), value: planId === null ? t("noPlan") : planText(shared, planId) },
            { term: t("tier"), value: wordFor(shared, "tier", tier) },
          ]}
        />
        <Text size="sm" tone="muted">
          {t(`stateHint.${total.state}`)}
        </Text>
      </Section>
      <Section title={t("lines")}>
        {lines.length === 0 ? <EmptyState title={t("empty")} hint={t("emptyHint")} /> : <Lines statement={statement} />}
      </Section>
      <TierPrices statement={statement} />
    </Stack>
  );
}

interface ToolsProps {
  readonly statement: ClinicStatement;
  readonly name: string;
}

function Tools({ statement: { month, months }, name }: ToolsProps) {
  const [t, format, go] = [useText(statementMessages), useFormat(), useGo()];
  const language = useStore(locale);
  const known = [...new Set([month.month, ...months])].toSorted().toReversed();
  return (
    <Toolbar label={t("tools")}>
      <SelectField
        label={t("month")}
        width="sm"
        isRequired
        value={month.month}
        choices={known.map((value) => ({ value, label: format.month(value) }))}
        onChange={(value) => go({ to: "/app/statement", search: { month: value } })}
      />
      <Row>
        <Text as="span">{t("download")}</Text>
        {FORMATS.map((kind) => (
          <ExternalLink
            key={kind}
            href={addressOf("/admin/statement/file", { query: { month: month.month, format: kind, language } })}
            fileName={`keyward-statement-${month.month}.${kind}`}
            label={t("downloadAs", { format: t(`format.${kind}`), month: name })}
          >
            {t(`format.${kind}`)}
          </ExternalLink>
        ))}
      </Row>
      <Button icon={IconPrinter} onClick={() => window.print()}>
        {t("print")}
      </Button>
    </Toolbar>
  );
}
