import { add, compare, type Decimal, decimal, multiply, negate, ZERO } from "../../decimal.ts";
import { isCustom } from "../column.ts";
import { columnsOf } from "../datasets.ts";
import { numberText } from "../row.ts";
import { type CheckedRow, numberOf } from "./checked-row.ts";
import type { GroupCheck, GroupFault, Rule } from "./rule.ts";
import { isOwn, ratiosOf } from "./split-rules.ts";

const NAME = "CostAndUsage";
const ORIGIN = "x_OriginChargeId";
const DIMENSIONS = columnsOf("cost-and-usage", "1.4")
  .filter(({ split }) => split === "equal")
  .map(({ id }) => id);
const METRICS = columnsOf("cost-and-usage", "1.4")
  .filter(({ split }) => split === "sum")
  .map(({ id }) => id);

const isSplit = (row: CheckedRow): boolean => !row.isNull("AllocatedMethodId");

/**
 * Which shares are of one origin: by our own `x_OriginChargeId` where it stands, else by all that must be equal. Then a
 * dimension that differs shows as two groups whose ratios do not sum to 1.
 */
function originOf(row: CheckedRow): string {
  const id = row.get(ORIGIN);
  return id ?? JSON.stringify(DIMENSIONS.map((column) => row.get(column)));
}

const equalRule = (column: string): Rule => ({
  id: `${NAME}.${column}.7`,
  severity: "error",
  text:
    column === "Custom"
      ? "a custom column is the same in all shares of one origin charge"
      : `${column} is the same in all shares of one origin charge`,
  mend: "a share has the origin's own value; what differs goes into AllocatedMethodDetails",
});
const EQUAL: ReadonlyMap<string, Rule> = new Map(
  [...DIMENSIONS, "Custom"].map((column) => [column, equalRule(column)] as const),
);

/** Dimensions and unit prices of shares that name their origin. */
const DIMENSION_CHECK: GroupCheck = {
  rules: [...EQUAL.values()],
  needs: ["AllocatedMethodId", ORIGIN],
  watch() {
    const firsts = new Map<string, CheckedRow>();
    return {
      *see(row): Iterable<GroupFault> {
        if (!isSplit(row) || row.isNull(ORIGIN)) return;
        const key = originOf(row);
        const first = firsts.get(key);
        if (first === undefined) {
          firsts.set(key, row);
          return;
        }
        for (const column of row.header.names) {
          const rule = EQUAL.get(isCustom(column) ? "Custom" : column);
          if (rule === undefined || isOwn(column) || row.get(column) === first.get(column)) continue;
          yield { rule, row: row.number, detail: `${column} differs from row ${first.number} of the same origin` };
        }
      },
      *finish() {},
    };
  },
};

const RATIO_SUM: Rule = {
  id: `${NAME}.AllocatedMethodDetails.13`,
  severity: "error",
  text: "AllocatedRatio of all shares of one origin charge sums to exactly 1",
  mend: "give the last places by largest remainder; a share that is missing is its own row",
};
const RATIO_SHARE: Rule = {
  id: `${NAME}.AllocatedMethodDetails.14`,
  severity: "error",
  text: "a share's AllocatedRatio is its part of the origin's BilledCost, to one part in a million",
  mend: "say the ratio that was applied",
};
const ONE: Decimal = decimal(1n);
const TOLERANCE: Decimal = decimal(1n, 6);
const sizeOf = (value: Decimal): Decimal => (value.unscaled < 0n ? negate(value) : value);

interface Share {
  readonly row: number;
  readonly ratio: Decimal;
  readonly cost: Decimal | undefined;
}

const totalOf = (shares: readonly Share[], of: (share: Share) => Decimal): Decimal =>
  shares.reduce<Decimal>((sum, share) => add(sum, of(share)), ZERO);

const RATIO_CHECK: GroupCheck = {
  rules: [RATIO_SUM, RATIO_SHARE],
  needs: ["AllocatedMethodId", "AllocatedMethodDetails", "BilledCost"],
  watch() {
    const groups = new Map<string, Share[]>();
    return {
      see(row): Iterable<GroupFault> {
        const ratios = isSplit(row) ? ratiosOf(row) : [];
        if (ratios.length === 0) return [];
        const ratio = ratios.reduce<Decimal>((sum, text) => add(sum, numberOf(text) ?? ZERO), ZERO);
        const share = { row: row.number, ratio, cost: row.decimalAt("BilledCost") };
        const group = groups.get(originOf(row));
        if (group === undefined) groups.set(originOf(row), [share]);
        else group.push(share);
        return [];
      },
      *finish(): Iterable<GroupFault> {
        for (const shares of groups.values()) {
          const sum = totalOf(shares, ({ ratio }) => ratio);
          const [first] = shares;
          if (first === undefined) continue;
          if (compare(sum, ONE) !== 0) {
            const rows = shares.slice(0, 5).map(({ row }) => row);
            yield { rule: RATIO_SUM, row: first.row, detail: `${numberText(sum)} over rows ${rows.join(", ")}` };
            continue;
          }
          const cost = totalOf(shares, (share) => share.cost ?? ZERO);
          const most = add(multiply(sizeOf(cost), TOLERANCE), decimal(1n, 11));
          for (const share of shares) {
            const off = sizeOf(add(share.cost ?? ZERO, negate(multiply(share.ratio, cost))));
            if (compare(off, most) <= 0) continue;
            yield { rule: RATIO_SHARE, row: share.row, detail: `${numberText(share.ratio)} of ${numberText(cost)}` };
          }
        }
      },
    };
  },
};

const SUMS: ReadonlyMap<string, Rule> = new Map(
  METRICS.map((column) => [
    column,
    {
      id: `${NAME}.${column}.8`,
      severity: "error",
      text: `${column} of all shares sums to the origin charge's`,
      mend: "split by largest remainder, and keep what is left over as a row of its own",
    } as const,
  ]),
);

/** Sums against origin charges that the check is told of. */
const SUM_CHECK: GroupCheck = {
  rules: [...SUMS.values()],
  needs: [ORIGIN],
  watch({ origins }) {
    const sums = new Map<string, Map<string, Decimal>>();
    return {
      see(row): Iterable<GroupFault> {
        const id = row.get(ORIGIN);
        if (id === null || origins?.has(id) !== true) return [];
        const own = sums.get(id) ?? new Map<string, Decimal>();
        sums.set(id, own);
        for (const column of METRICS) {
          const value = row.decimalAt(column);
          if (value !== undefined) own.set(column, add(own.get(column) ?? ZERO, value));
        }
        return [];
      },
      *finish(): Iterable<GroupFault> {
        for (const [id, expected] of origins ?? []) {
          for (const [column, rule] of SUMS) {
            const text = expected[column];
            if (text === undefined) continue;
            const [due, found] = [text === null ? ZERO : (numberOf(text) ?? ZERO), sums.get(id)?.get(column) ?? ZERO];
            if (compare(due, found) === 0) continue;
            yield { rule, row: null, detail: `${id}: ${numberText(found)} of ${numberText(due)}` };
          }
        }
      },
    };
  },
};

/** The rules that hold between the shares of an origin. */
export const SPLIT_CHECKS: readonly GroupCheck[] = [DIMENSION_CHECK, RATIO_CHECK, SUM_CHECK];
