import type { ClinicStatement } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Badge, Row, Section, Table, Text } from "../../ui/index.ts";
import { useDataWords } from "../finance/data-words.ts";
import { statementMessages } from "./messages.ts";

/** What each way to be kept apart is sold for: the clinic's own, and the others. */
export function TierPrices({ statement: { tiers, tier, total } }: { readonly statement: ClinicStatement }) {
  const [t, format, inWords] = [useText(statementMessages), useFormat(), useDataWords()];
  return (
    <Section title={t("tiers")}>
      <Text tone="muted">{t("tiersIntro")}</Text>
      <Table
        caption={t("tiers")}
        hidesCaption
        rows={tiers}
        rowKey={(one) => one.tier}
        columns={[
          {
            id: "tier",
            label: t("tier"),
            isRowHeader: true,
            render: ({ name, tier: own, isPlaceable }) => (
              <Row gap="xs">
                <Text as="span">{inWords(name)}</Text>
                {own === tier && <Badge tone="info" text={t("yours")} />}
                {!isPlaceable && <Badge text={t("notYet")} />}
              </Row>
            ),
          },
          { id: "isolation", label: t("isolation"), render: ({ isolation }) => inWords(isolation) },
          {
            id: "price",
            label: t("price"),
            align: "end",
            render: ({ unitPrice }) => format.money({ amount: unitPrice, currency: total.currency }),
          },
        ]}
      />
    </Section>
  );
}
