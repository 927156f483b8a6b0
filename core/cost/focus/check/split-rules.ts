import { isCustom } from "../column.ts";
import { unitFault } from "../units.ts";
import { type CheckedRow, objectOf } from "./checked-row.ts";
import { follows, nullWithout, valueWhere } from "./pair-rules.ts";
import type { RowRule } from "./rule.ts";

const NAME = "CostAndUsage";
const DETAILS = "AllocatedMethodDetails";

/** The factors of AllocatedMethodDetails; undefined where it has none of the shape that FOCUS gives it. */
function factorsOf(text: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const elements = objectOf(text)?.["Elements"];
  if (!Array.isArray(elements) || elements.length === 0) return undefined;
  const all: unknown[] = elements;
  return all.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))
    ? (all as Readonly<Record<string, unknown>>[])
    : undefined;
}

function shapeFault(text: string): string | undefined {
  const factors = factorsOf(text);
  if (factors === undefined) return "Elements is no list of objects";
  for (const { AllocatedRatio: ratio, UsageUnit: unit, UsageQuantity: quantity } of factors) {
    if (typeof ratio !== "number" || ratio < 0 || ratio > 1) return "an AllocatedRatio is no number from 0 to 1";
    if (quantity !== undefined && typeof quantity !== "number") return "a UsageQuantity is no number";
    if (unit !== undefined && typeof unit !== "string") return "a UsageUnit is no text";
    if (quantity !== undefined && unit === undefined) return "a UsageQuantity has no UsageUnit";
  }
  return undefined;
}

const OWN_PROPERTY = /^x_[A-Z][A-Za-z0-9]*$/;
function propertyFault(text: string): string | undefined {
  const root = Object.keys(objectOf(text) ?? {}).filter((key) => key !== "Elements");
  const inner = (factorsOf(text) ?? [])
    .flatMap((factor) => Object.keys(factor))
    .filter((key) => !["AllocatedRatio", "UsageUnit", "UsageQuantity"].includes(key));
  const strange = [...root, ...inner].find((key) => !OWN_PROPERTY.test(key));
  return strange === undefined ? undefined : JSON.stringify(strange.slice(0, 40));
}

function unitsFault(text: string): string | undefined {
  const units = (factorsOf(text) ?? []).flatMap(({ UsageUnit: unit }) => (typeof unit === "string" ? [unit] : []));
  return units.map(unitFault).find((fault) => fault !== undefined);
}

/** A rule about the text of AllocatedMethodDetails, where it parses. */
const ofDetails = (
  n: number,
  text: string,
  mend: string,
  fault: (text: string) => string | undefined,
  severity: RowRule["severity"] = "error",
): RowRule => ({
  id: `${NAME}.${DETAILS}.${n}`,
  severity,
  text,
  mend,
  needs: [DETAILS],
  check(row) {
    const details = row.get(DETAILS);
    return details === null || objectOf(details) === undefined ? undefined : fault(details);
  },
});

const classOf = (row: CheckedRow): unknown => objectOf(row.get(DETAILS) ?? "")?.["x_AllocationClass"];

/** Rules about one allocated charge (FOCUS 1.3, Data Generator-Calculated Split Cost Allocation Handling). */
export const SPLIT_RULES: readonly RowRule[] = [
  valueWhere(`${NAME}.AllocatedMethodId.10`, "AllocatedMethodId", "another Allocated column has a value", [], (row) =>
    [DETAILS, "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags"].some((column) => !row.isNull(column)),
  ),
  nullWithout(NAME, DETAILS, "AllocatedMethodId"),
  valueWhere(
    `${NAME}.${DETAILS}.11`,
    DETAILS,
    "the charge is split",
    ["AllocatedMethodId"],
    (row) => !row.isNull("AllocatedMethodId"),
    { severity: "warning" },
  ),
  ofDetails(
    12,
    `${DETAILS} has Elements, each with an AllocatedRatio from 0 to 1 and a UsageUnit for its UsageQuantity`,
    'write {"Elements":[{"AllocatedRatio":0.61,"UsageUnit":"Requests","UsageQuantity":6100000}]}',
    shapeFault,
  ),
  ofDetails(
    15,
    `properties of ${DETAILS} that FOCUS does not define are named x_PascalCase`,
    "put x_ before the property",
    propertyFault,
  ),
  ofDetails(
    16,
    `UsageUnit in ${DETAILS} is spelled as a unit of FOCUS`,
    "plural, with the listed capitals",
    unitsFault,
    "warning",
  ),
  nullWithout(NAME, "AllocatedResourceId", "AllocatedMethodId"),
  {
    id: `${NAME}.AllocatedResourceId.11`,
    severity: "error",
    text: "what is unallocated has no AllocatedResourceId, what is allocated has one",
    mend: "x_AllocationClass and AllocatedResourceId must say the same",
    needs: ["AllocatedResourceId", DETAILS],
    check(row) {
      const allocation = classOf(row);
      if (typeof allocation !== "string") return undefined;
      const isOf = !row.isNull("AllocatedResourceId");
      return isOf === (allocation === "Unallocated")
        ? `${isOf ? "a value" : "no value"}, and not so its class`
        : undefined;
    },
  },
  ...follows(NAME, "AllocatedResourceName", "AllocatedResourceId"),
  nullWithout(NAME, "AllocatedTags", "AllocatedMethodId"),
  {
    id: `${NAME}.AllocatedTags.11`,
    severity: "error",
    text: "AllocatedTags repeats no key of Tags",
    mend: "leave out of AllocatedTags what the origin's Tags say",
    needs: ["AllocatedTags", "Tags"],
    check(row) {
      const tags = objectOf(row.get("Tags") ?? "") ?? {};
      const twice = Object.keys(objectOf(row.get("AllocatedTags") ?? "") ?? {}).find((key) => Object.hasOwn(tags, key));
      return twice === undefined ? undefined : JSON.stringify(twice.slice(0, 40));
    },
  },
];

/** The exact ratios of a row as they are written; a double would hide the twelfth place. Empty where there are none. */
export function ratiosOf(row: CheckedRow): readonly string[] {
  const text = row.get(DETAILS);
  if (text === null || shapeFault(text) !== undefined) return [];
  return [...text.matchAll(/"AllocatedRatio"\s*:\s*(-?[0-9.eE+-]+)/g)].map(([, ratio = ""]) => ratio);
}

/** True for a column in which shares of one origin may differ. Custom columns are dimensions like all others. */
export const isOwn = (column: string): boolean => column.startsWith("Allocated") && !isCustom(column);
