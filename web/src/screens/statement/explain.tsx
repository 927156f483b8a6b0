import { useFormat, useText } from "../../i18n/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import { Quantity } from "../finance/quantity.tsx";
import { Drawer, Stack, Table, Text } from "../../ui/index.ts";
import { AMOUNT_PLACES, PRICE_PLACES, type StatementLine } from "./line.ts";
import { statementMessages } from "./messages.ts";
import { useLineWords } from "./quantity.ts";

interface ExplainDrawerProps {
  readonly line: StatementLine;
  readonly onClose: () => void;
}

interface Counted {
  readonly day: string | undefined;
  readonly units: string;
}

/** How a line came about: quantity times price, and what was counted on which day. */
export function ExplainDrawer({ line, onClose }: ExplainDrawerProps) {
  const [t, format, { chargeOf, quantityOf, countedOf, unitOf }] = [
    useText(statementMessages),
    useFormat(),
    useLineWords(),
  ];
  const { quantity, unitPrice, amount, days, period } = line;
  const sum = textOfScaled(days.reduce((all, { units }) => all + (scaledOf(units) ?? 0n), 0n));
  const rows: readonly Counted[] = [...days, { day: undefined, units: sum }];
  return (
    <Drawer title={t("explainTitle", { line: chargeOf(line) })} isOpen onClose={onClose} closesLightly>
      <Stack>
        {quantity !== null && unitPrice !== null && (
          <Text>
            {t("times", {
              quantity: quantityOf(line)?.exact,
              unit: unitOf(line),
              price: format.money({ amount: unitPrice, currency: amount.currency }, PRICE_PLACES),
              amount: format.money(amount, AMOUNT_PLACES),
            })}
          </Text>
        )}
        {line.included !== null && (
          <Text>{t("includedText", { quantity: quantityOf(line, line.included)?.exact })}</Text>
        )}
        {days.length === 0 ? (
          <Text>
            {quantity === null
              ? t("explainRounding")
              : t("explainTime", {
                  start: format.date(period.start.slice(0, 10)),
                  end: format.date(period.end.slice(0, 10)),
                })}
          </Text>
        ) : (
          <>
            <Text tone="muted">{t("explainText")}</Text>
            <Table
              caption={t("counted")}
              hidesCaption
              rows={rows}
              rowKey={({ day }) => day ?? "sum"}
              rowTone={({ day }) => (day === undefined ? "muted" : undefined)}
              columns={[
                {
                  id: "day",
                  label: t("day"),
                  isRowHeader: true,
                  render: ({ day }) => (day === undefined ? t("sum") : format.weekday(day)),
                },
                {
                  id: "units",
                  label: t("counted"),
                  align: "end",
                  render: ({ units }) => <Quantity of={countedOf(line, units)} />,
                },
              ]}
            />
          </>
        )}
      </Stack>
    </Drawer>
  );
}
