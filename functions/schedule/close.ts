import { readMonths } from "../../core/cost/store/books.ts";
import { closeBooks, type CloseBooksRefusal } from "../../core/cost/store/close-books.ts";
import { writeSummary } from "../../core/cost/store/summaries.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { ownArchive } from "../runtime/archive.ts";
import { readConfig } from "../runtime/config.ts";
import { ownCostFiles } from "../runtime/cost-files.ts";
import { log } from "../runtime/log.ts";
import { metered } from "../runtime/meter.ts";

function start() {
  const config = readConfig(["AWS_REGION", "COST_BUCKET", "ARCHIVE_BUCKET"]);
  const archive = ownArchive(config.AWS_REGION, config.ARCHIVE_BUCKET);
  return { files: ownCostFiles(config.AWS_REGION, config.COST_BUCKET), locked: archive };
}

let deps: ReturnType<typeof start> | undefined;

const WAITING: ReadonlySet<string> = new Set(["unreconciled", "earlier-open", "not-current"]);

/** A month that waits for AWS's bill is news; one whose shares are not its bill is wrong. */
function say(month: string, refusal: CloseBooksRefusal): void {
  const rule = refusal.kind === "not-found" ? "no-book" : refusal.rule;
  if (WAITING.has(rule)) log("info", "signal", { kind: `close-${rule}`, at: month });
  else log("error", "alarm", { failure: `close-${rule}`, at: month });
}

/** Every day: each month whose grace is over and whose bill is there is closed, the oldest first; then the summary that is due. */
export const handler = metered("close", async (): Promise<{ readonly closed: readonly string[] }> => {
  deps ??= start();
  const { files, locked } = deps;
  const nowMs = systemClock.now();
  const months = (await readMonths(files, nowMs)).toReversed();
  const closed: string[] = [];
  for (const [index, { month, status }] of months.entries()) {
    if (status === "open" || status === "grace") break;
    // What follows from a manifest is there once another month was closed after it.
    if (status === "closed" && months[index + 1]?.status === "closed") continue;
    const earlier = months.slice(0, index).map((each) => each.month);
    const done = await closeBooks(files, locked, { month, nowMs, earlier });
    if (done.ok) closed.push(month);
    // Asked again of the newest closed month, it sees to it that what follows from its manifest is there.
    else if (done.error.kind !== "conflict") say(month, done.error);
  }
  await writeSummary(files, nowMs);
  log("info", "closed", { count: closed.length });
  return { closed };
});
