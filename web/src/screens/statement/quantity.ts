import { useDataWords } from "../finance/data-words.ts";
import { type Measured, useQuantities } from "../finance/quantity.tsx";
import type { StatementLine } from "./line.ts";

/** How a line is said: its charge, how much of it, what was counted, and what one of it is. */
export function useLineWords(): {
  readonly chargeOf: (line: StatementLine) => string;
  /** What is charged; or another quantity of the same. */
  readonly quantityOf: (line: StatementLine, quantity?: string | null) => Measured | undefined;
  readonly countedOf: (line: StatementLine, units: string) => Measured;
  readonly unitOf: (line: StatementLine) => string;
} {
  const inWords = useDataWords();
  const { byteHours, counted, one } = useQuantities();
  return {
    chargeOf: ({ description }) => inWords(description),
    quantityOf: (line, quantity = line.quantity) => (quantity === null ? undefined : counted(quantity, line)),
    countedOf: (line, units) => (line.baseUnit === "byte-hours" ? byteHours(units) : counted(units, line)),
    unitOf: (line) => one(line),
  };
}
