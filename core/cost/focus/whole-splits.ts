import { invariant } from "../../kernel/invariant.ts";
import { add, compare, type Decimal, decimal, ZERO } from "../decimal.ts";
import type { SplitCharge } from "../ledger.ts";
import { total } from "../money.ts";

const ONE: Decimal = decimal(1n);

const sumOf = (numbers: readonly (Decimal | null)[]): Decimal =>
  numbers.reduce<Decimal>((sum, number) => (number === null ? sum : add(sum, number)), ZERO);

/**
 * Throws InvariantError unless the shares of each origin are all of it: ratios sum to exactly 1, quantity and costs to the
 * origin's. A file that loses a cent on its way out is not written. Charges that no method split are skipped.
 */
export function requireWholeSplits(charges: readonly SplitCharge[]): void {
  const byOrigin = Map.groupBy(
    charges.filter(({ method }) => method !== null),
    ({ origin }) => origin.id,
  );
  for (const shares of byOrigin.values()) {
    const [first] = shares;
    if (first === undefined) continue;
    const { origin } = first;
    const ratios = shares.flatMap(({ elements }) => elements.map(({ ratio }) => ratio));
    invariant(compare(sumOf(ratios), ONE) === 0, "the ratios of one origin's shares sum to 1");
    const quantity = sumOf(shares.map((share) => share.quantity));
    invariant(compare(quantity, origin.quantity ?? ZERO) === 0, "the quantities of one origin's shares sum to its own");
    for (const cost of ["listCost", "billedCost", "effectiveCost"] as const) {
      const sum = total(shares.map((share) => share[cost]));
      invariant(sum === origin[cost], `${cost} of one origin's shares sums to its own`);
    }
  }
}
