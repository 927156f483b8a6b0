import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { numbersIn } from "./money-syntax.ts";

const root = path.resolve(import.meta.dirname, "../../../core/cost");

/** Modules of time, of counts in a log line and of a file's rows: none of them holds an amount. */
const NO_MONEY = [
  "period.ts",
  "usage.ts",
  "roll-up.ts",
  "storage.ts",
  "csv-reader.ts",
  "bill/csv.ts",
  "bill/row.ts",
  ...["exact", "facts", "files", "hours", "keys", "log-lines", "mark", "recount", "roll"].map(
    (file) => `store/${file}.ts`,
  ),
  // Versions, counts and times; their amounts are bigint by the schema that reads them.
  ...["books", "collect", "days", "inputs", "roster", "verify-books"].map((file) => `store/${file}.ts`),
];
/** Datasets and reports format what the ledger holds, and have rules of their own. */
const OTHERS = ["focus/", "report/"];
/** How many digits a decimal's text has; how many lines are estimated. */
const ALLOWED = ["decimal.ts Number"];

const modules = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter(
    (file) => file.endsWith(".ts") && !NO_MONEY.includes(file) && !OTHERS.some((folder) => file.startsWith(folder)),
  )
  .toSorted();

describe("money is bigint", () => {
  it("COST-1 no money module holds a number", () => {
    expect(modules).toContain("money.ts");
    expect(modules).toContain("allocation/shares.ts");
    expect(modules.length).toBeGreaterThan(20);
    const found = modules.flatMap((file) => numbersIn(file, readFileSync(path.join(root, file), "utf8")));
    expect(found.map((each) => each.replace(/:\d+ /, " "))).toEqual(ALLOWED);
  });

  it.each([
    ["a cost in a number", "export const cost: number = 1;", "the type number"],
    ["a tuple of them", "export type Pair = [number];", "the type number"],
    ["a list of them", "const prices: readonly number[] = [];", "the type number"],
    ["a generic of them", "const prices = new Map<string, number>();", "the type number"],
    ["a price as a literal", "const price = 0.0000133334;", "0.0000133334"],
    ["a price as an exponent", "const price = 1e-6;", "1e-6"],
    ["a conversion", "const cost = Number(amount);", "Number"],
    ["rounding by a float", "const cents = Math.round(dollars);", "Math"],
    ["parsing by a float", "const cost = parseFloat(text);", "parseFloat"],
    ["a float's own rounding", "const text = cost.toFixed(2);", "toFixed"],
    ["a conversion by sign", "const cost = +text;", "a unary plus"],
    ["one within a template", "const text = `${Number(amount)} USD`;", "Number"],
  ])("COST-1 planted: %s is found", (_, text, what) => {
    expect(numbersIn("planted.ts", text)).toEqual([`planted.ts:1 ${what}`]);
  });

  it("COST-1 what counts digits or days, and what only speaks of numbers, is let through", () => {
    const text = [
      "type Layer = (typeof LAYERS)[number];",
      "interface Decimal { readonly scale: number; readonly graceHours?: number }",
      'const words = "Number of 0.5 // Math"; // Number 0.25',
      "const pattern = /^0\\.5[/]Number$/;",
      "const text = `0.5 ${amount} Number`;",
    ].join("\n");
    expect(numbersIn("good.ts", text)).toEqual([]);
  });
});
