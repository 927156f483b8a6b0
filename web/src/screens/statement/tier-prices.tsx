import type { ClinicStatement } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Badge, Row, Section, Table, Text } from "../../ui/index.ts";
import { financeMessages } from "../finance/messages.ts";
import { wordFor } from "../finance/words.ts";
import { statementMessages } from "./messages.ts";

/** What each way to be kept apart is sold for: the clinic's own, and the others. */
export function TierPrices({ statement: { tiers, tier, total } }: { readonly statement: ClinicStatement }) {
  const [t, shared, format] = [useText(statementMessages), useText(financeMessages), useFormat()];
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
            label: t("tierColumn"),
            isRowHeader: true,
            render: ({ tier: own, isPlaceable }) => (
              <Row gap="xs">
                <Text as="span">{wordFor(shared, "tier", own)}</Text>
                {own === tier && <Badge tone="info" text={t("yours")} />}
                {!isPlaceable && <Badge text={t("notYet")} />}
              </Row>
            ),
          },
          { id: "isolation", label: t("isolation"), render: ({ tier: own }) => t(`isolation.${own}`) },
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
