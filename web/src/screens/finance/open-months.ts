import type { FinanceMonth } from "../../../../core/contract/index.ts";

/** How far ahead a plan can be agreed here. */
const AHEAD = 12;

function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const index = year * 12 + number - 1 + by;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** Months that a plan can begin with, the first first: those that are known and not closed, this one, and a year ahead. */
export function openMonths(known: readonly Pick<FinanceMonth, "month" | "status">[], current: string): string[] {
  const closed = new Set(known.flatMap(({ month, status }) => (status === "closed" ? [month] : [])));
  const ahead = Array.from({ length: AHEAD + 1 }, (_none, by) => monthAfter(current, by));
  return [...new Set([...known.map(({ month }) => month), ...ahead])].filter((month) => !closed.has(month)).toSorted();
}
