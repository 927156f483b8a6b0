import { decimal, divide, formatDecimal } from "../../core/cost/decimal.ts";
import { costLayers, type LayerCost } from "./clinic-month.ts";
import { formatUsd, showUsd } from "../../core/cost/money.ts";
import { beyondText, type Compared, type ComparedStored } from "./compare.ts";
import type { ReplayBooks } from "./books.ts";
import type { Replayed } from "./run.ts";

const padded = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, place) => (place < 2 ? cell.padEnd(widths[place] ?? 0) : cell.padStart(widths[place] ?? 0)))
    .join("  ");

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, place) => Math.max(...rows.map((row) => (row[place] ?? "").length)));
  return rows.map((row) => padded(row, widths).trimEnd());
}

const unitsTable = (compared: readonly Compared[]): string[] => {
  const rows = compared.map(({ sku, part, metered, billed, beyond, verdict }) => [
    sku,
    part ?? "",
    String(metered),
    String(billed),
    String([...beyond.values()].reduce((sum, units) => sum + units, 0n)),
    verdict,
  ]);
  return table([["SKU", "part", "metered", "billed", "beyond", "verdict"], ...rows]);
};

const reasons = (compared: readonly Compared[]): string[] =>
  [...new Set(compared.flatMap(({ beyond }) => [...beyond.keys()]))].map((why) => `  ${why}: ${beyondText(why)}`);

const coverageTable = ({ reconciliation }: ReplayBooks): string[] =>
  table([
    ["SKU", "verdict", "coverage", "billed USD", "direct", "shared", "nobody's"],
    ...reconciliation.rows.map(({ sku, coverage, billed, direct, shared, unallocated, verdict }) => [
      sku,
      verdict,
      coverage === null ? "-" : formatDecimal(coverage),
      ...[billed, direct, shared, unallocated].map((amount) => showUsd(amount, 6)),
    ]),
  ]);

const storedTable = (stored: readonly ComparedStored[]): string[] =>
  table([
    ["SKU", "part", "metered", "billed", "coverage"],
    ...stored.map(({ sku, part, metered, billed }) => [
      sku,
      part ?? "",
      String(metered),
      String(billed),
      billed === 0n ? "-" : formatDecimal(divide(decimal(metered), decimal(billed), 6)),
    ]),
  ]);

const layerTable = (layers: readonly LayerCost[]): string[] =>
  table(layers.map(({ layer, cost }) => [layer, "", showUsd(cost, 4)]));

/** The replay in words and tables, for a person. */
export function replayText(
  replayed: Replayed,
  compared: readonly Compared[],
  stored: readonly ComparedStored[],
  books: ReplayBooks,
): string {
  const { clinics, facts, unread } = replayed;
  const { reconciliation, month, rolled, billed } = books;
  const visits = clinics.reduce((sum, one) => sum + one.visits, 0);
  const days = (replayed.endMs - replayed.startMs) / 86_400_000;
  const small = costLayers(books);
  return [
    `${clinics.length} clinics, ${days} days of ${month}, ${visits} visits, ${facts.length} facts (${unread} unread, ` +
      `${rolled.exceptions.length} exceptions, ${rolled.unreported} unreported, ${rolled.unclaimed} unclaimed)`,
    "",
    "Units: the product's meter and the embedded AWS's own count",
    ...unitsTable(compared),
    ...reasons(compared),
    "",
    "What lies there, in byte-hours: data, history, search, documents, trail, and the backups of tables (dynamodb-pitr)",
    ...storedTable(stored),
    "",
    "The bill, and whose it is",
    ...coverageTable(books),
    `bill ${formatDecimal(billed)} = tenants ${formatUsd(reconciliation.tenants)} + nobody's ${formatUsd(reconciliation.unallocated)}`,
    "",
    `A clinic with ${small.requests} requests on its fullest day, as a month of 22 such days at list prices (USD)`,
    ...layerTable(small.layers),
    "",
  ].join("\n");
}
