// `keyward cost replay`'s own command: clinics at work on a stage of this machine, and its bill by two counts that know
// nothing of each other. Exit code 1 where they differ, or where tenants and nobody do not sum to the bill.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { writeFileSync } from "node:fs";
import { createProgress } from "./cli/progress.ts";
import { makeBooks } from "./replay/books.ts";
import { compareStored, compareUnits } from "./replay/compare.ts";
import { replayText } from "./replay/report.ts";
import { replay } from "./replay/run.ts";

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}.`);
  };
}

interface Options {
  readonly clinics: number;
  readonly days: number;
  readonly seed: string;
  readonly hours: number;
  readonly bill?: string;
}

const program = new Command("replay")
  .description("Clinics at work for a month of a stage's own clock; then what was metered against what was billed.")
  .option("--clinics <n>", "how many", whole(1, 25), 25)
  .option("--days <n>", "days of one month", whole(1, 31), 30)
  .option("--seed <text>", "gives the same days again", "replay")
  .option("--hours <n>", "what runs every minute runs every so many hours here", whole(1, 24), 6)
  .option("--bill <file>", "keep the bill, as AWS's FOCUS 1.2 export")
  .exitOverride();

try {
  program.parse();
  const { clinics, days, seed, hours, bill } = program.opts<Options>();
  const progress = createProgress();
  const replayed = await replay({
    seed,
    clinics,
    days,
    schedulesEveryHours: hours,
    onDay: (day, visits) => progress.show(`day ${day} of ${days}, ${visits} visits`),
  });
  progress.clear();
  const books = makeBooks(replayed, replayed.facts);
  const compared = compareUnits(books.rolled.rows, replayed);
  process.stdout.write(replayText(replayed, compared, compareStored(books.stored, replayed), books));
  if (bill !== undefined) writeFileSync(bill, books.bill);
  process.exitCode = compared.some(({ verdict }) => verdict === "differs") ? 1 : 0;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
