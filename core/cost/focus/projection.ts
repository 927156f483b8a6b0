import { invariant } from "../../kernel/invariant.ts";
import { customColumn, type FocusColumn, isCustom } from "./column.ts";
import { columnsOf } from "./datasets.ts";
import type { FocusRow, FocusTable } from "./row.ts";

const byId = (a: FocusColumn, b: FocusColumn): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * A Cost and Usage table of 1.4 as 1.2 has it, which is what most tools read today: ProviderName and PublisherName stand
 * again, and what 1.3 and 1.4 brought goes on as `x_` columns, because without the tenant a split is worth nothing.
 */
export function toVersion12(table: FocusTable): FocusTable {
  invariant(table.dataset === "cost-and-usage" && table.version === "1.4", "what is projected is 1.4 Cost and Usage");
  const known = columnsOf("cost-and-usage", "1.2");
  const present = new Set(table.columns.map(({ id }) => id));
  const kept = known.filter(({ id, until }) => present.has(id) || until === "1.2");
  const late = table.columns.filter(({ id }) => !isCustom(id) && !known.some((column) => column.id === id));
  const custom = [
    ...late.map(({ id, type }) => customColumn(`x_${id}`, type)),
    ...table.columns.filter(({ id }) => isCustom(id)),
  ].toSorted(byId);
  const rows = table.rows.map((row): FocusRow => {
    const provider = row["ServiceProviderName"] ?? null;
    const moved = Object.fromEntries(late.map(({ id }) => [`x_${id}`, row[id] ?? null]));
    return { ...row, ...moved, ProviderName: provider, PublisherName: provider };
  });
  return { dataset: "cost-and-usage", version: "1.2", columns: [...kept, ...custom], rows };
}
