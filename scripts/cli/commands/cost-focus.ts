import { createReadStream, statSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { checkCsv, invoicesOfCsv } from "../../../core/cost/focus/check/check-csv.ts";
import type { CheckReport } from "../../../core/cost/focus/check/checker.ts";
import { UnreadableCsv } from "../../../core/cost/csv-reader.ts";
import { reportText } from "../../../core/cost/focus/check/report-text.ts";
import { FOCUS_VERSIONS, type FocusVersion } from "../../../core/cost/focus/column.ts";
import { DATASET_IDS, type DatasetId, hasVersion } from "../../../core/cost/focus/datasets.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { createProgress } from "../progress.ts";

interface CheckOptions {
  readonly dataset: DatasetId;
  readonly version: FocusVersion;
  readonly invoices?: string;
}

/** A file piece by piece; a path that is none is the caller's mistake. */
function bytesOf(file: string): AsyncIterable<Uint8Array> {
  const full = path.resolve(file);
  if (statSync(full, { throwIfNoEntry: false })?.isFile() !== true)
    throw new CliFailure(`${file} is no file`, EXIT.usage);
  return createReadStream(full) as AsyncIterable<Uint8Array>;
}

async function invoicesIn(file: string) {
  try {
    return await invoicesOfCsv(bytesOf(file));
  } catch (error) {
    if (error instanceof UnreadableCsv) throw new CliFailure(`${file}: ${error.message}`, EXIT.usage);
    throw error;
  }
}

async function check(file: string, { dataset, version, invoices }: CheckOptions): Promise<CheckReport> {
  if (!hasVersion(dataset, version)) throw new CliFailure(`FOCUS ${version} has no ${dataset}`, EXIT.usage);
  if (invoices !== undefined && dataset !== "cost-and-usage")
    throw new CliFailure("--invoices goes with cost-and-usage", EXIT.usage);
  const known = invoices === undefined ? {} : { invoices: await invoicesIn(invoices) };
  const progress = createProgress();
  const report = await checkCsv(bytesOf(file), { dataset, version, ...known }, (rows) => progress.show(`${rows} rows`));
  progress.clear();
  return report;
}

/** `keyward cost focus`: billing data of any producer against the rules of FOCUS. */
export function registerCostFocus(cost: Command, print: Output["print"]): void {
  const focus = cost.command("focus").description("billing data in the format of the FinOps Foundation");
  focus
    .command("check")
    .description("hold a CSV file of any FOCUS producer to the rules; exit code 5 where one is broken")
    .argument("<file>", "a CSV file")
    .addOption(new Option("--dataset <dataset>", "what it holds").choices(DATASET_IDS).default("cost-and-usage"))
    .addOption(new Option("--version <version>", "the version it claims").choices(FOCUS_VERSIONS).default("1.4"))
    .option("--invoices <file>", "a CSV file of Invoice Detail: what is billed must sum to what is payable")
    .action(async (file: string, options: CheckOptions) => {
      const report = await check(file, options);
      print(report, reportText(report));
      if (report.errors > 0) process.exitCode = EXIT.findings;
    });
}
