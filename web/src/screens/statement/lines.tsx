import { useState } from "react";
import type { ClinicStatement } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Button, type Column, Table, Text } from "../../ui/index.ts";
import { ExplainDrawer } from "./explain.tsx";
import { Quantity } from "../finance/quantity.tsx";
import { placesOf, PRICE_PLACES, type StatementLine } from "./line.ts";
import { statementMessages } from "./messages.ts";
import { useLineWords } from "./quantity.ts";

/** A total stands under the lines that add up to it. */
type Shown = { readonly kind: "line"; readonly line: StatementLine } | { readonly kind: "total" };

/** Line by line with the total under them; each line leads to what was counted for it. */
export function Lines({ statement: { lines, total } }: { readonly statement: ClinicStatement }) {
  const [t, format, { chargeOf, quantityOf, unitOf }] = [useText(statementMessages), useFormat(), useLineWords()];
  const places = placesOf(lines);
  const [explained, setExplained] = useState<StatementLine | undefined>(undefined);
  const columns: readonly Column<Shown>[] = [
    {
      id: "charge",
      label: t("charge"),
      isRowHeader: true,
      render: (row) => (row.kind === "total" ? t("total") : chargeOf(row.line)),
    },
    {
      id: "location",
      label: t("location"),
      render: (row) => (row.kind === "total" ? "" : (row.line.location?.name ?? t("wholeClinic"))),
    },
    {
      id: "quantity",
      label: t("quantity"),
      align: "end",
      render: (row) => {
        const quantity = row.kind === "total" ? undefined : quantityOf(row.line);
        return quantity === undefined ? "" : <Quantity of={quantity} />;
      },
    },
    {
      id: "price",
      label: t("unitPrice"),
      align: "end",
      render: (row) =>
        row.kind === "total" || row.line.unitPrice === null
          ? ""
          : t("each", {
              price: format.money({ amount: row.line.unitPrice, currency: row.line.amount.currency }, PRICE_PLACES),
              unit: unitOf(row.line),
            }),
    },
    {
      id: "amount",
      label: t("amount"),
      align: "end",
      render: (row) => (
        <Text as="span" isNumeric isStrong={row.kind === "total"}>
          {row.kind === "total" ? format.money(total, 2, 2) : format.money(row.line.amount, places, places)}
        </Text>
      ),
    },
    {
      id: "explain",
      label: t("explain"),
      hidesLabel: true,
      isNarrow: true,
      render: (row) =>
        row.kind === "line" && (
          <Button
            size="sm"
            tone="quiet"
            label={t("explainOf", { line: chargeOf(row.line) })}
            onClick={() => setExplained(row.line)}
          >
            {t("explain")}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Table
        caption={t("lines")}
        hidesCaption
        columns={columns}
        rows={[...lines.map((line): Shown => ({ kind: "line", line })), { kind: "total" }]}
        rowKey={(row) => (row.kind === "total" ? "total" : row.line.id)}
        rowTone={({ kind }) => (kind === "total" ? "muted" : undefined)}
      />
      {explained !== undefined && <ExplainDrawer line={explained} onClose={() => setExplained(undefined)} />}
    </>
  );
}
