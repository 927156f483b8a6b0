import { type Format, type Say, useFormat, useText } from "../../i18n/index.ts";
import { useDataWords } from "../finance/data-words.ts";
import { PRICE_PLACES, type StatementLine } from "./line.ts";
import { statementMessages } from "./messages.ts";

type Key = keyof typeof statementMessages.en;

const isKey = (key: string): key is Key => Object.hasOwn(statementMessages.en, key);

function quantityText({ quantity, unit }: StatementLine, t: Say<Key>, format: Format): string {
  if (quantity === null) return "";
  const [text, key] = [format.decimal(quantity, PRICE_PLACES), `unit.${unit ?? ""}`];
  // Which plural it is, a whole one says; the figure itself is the exact text.
  return isKey(key) ? t(key, { quantity: text, count: quantity === "1" ? 1 : 2 }) : `${text} ${unit ?? ""}`.trim();
}

/** How a line is said: its charge and how much of it. */
export function useLineWords(): {
  readonly chargeOf: (line: StatementLine) => string;
  readonly quantityOf: (line: StatementLine) => string;
} {
  const [t, format, inWords] = [useText(statementMessages), useFormat(), useDataWords()];
  return { chargeOf: ({ description }) => inWords(description), quantityOf: (line) => quantityText(line, t, format) };
}
