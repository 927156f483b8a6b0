import path from "node:path";
import type { Command } from "commander";
import { importerApi } from "../callers.ts";
import { CliFailure, EXIT } from "../failure.ts";
import { ImportJournal } from "../import/journal.ts";
import { runImport } from "../import/run.ts";
import { readSource } from "../import/source.ts";
import type { Output } from "../output.ts";
import { dataFolder, readProfile } from "../profile.ts";
import { createProgress } from "../progress.ts";

/** `keyward import`: FHIR records into a clinic. */
export function registerImport(program: Command, { print }: Output): void {
  program
    .command("import")
    .description("import FHIR R4 bundles, resources or NDJSON; the same command again goes on or changes nothing")
    .argument("<source>", ".json, .ndjson, .tgz, .tar.gz, .tar, or a directory of them")
    .requiredOption("--tenant <id>", "the clinic that the records belong to")
    .option("--results-since <yyyy-mm-dd>", "final results from this day on wait to be signed; older ones are history")
    .option("--concurrency <n>", "pieces at a time", (text) => Number.parseInt(text, 10), 3)
    .action(async (source: string, options: { tenant: string; concurrency: number; resultsSince?: string }) => {
      const { resultsSince } = options;
      if (resultsSince !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(resultsSince))
        throw new CliFailure("--results-since is a day, 2026-10-31", EXIT.usage);
      if (!(options.concurrency >= 1 && options.concurrency <= 16))
        throw new CliFailure("--concurrency is 1 to 16", EXIT.usage);
      const api = await importerApi(readProfile(), options.tenant);
      const journal = new ImportJournal(path.join(dataFolder(), "imports"), options.tenant);
      const progress = createProgress();
      try {
        const report = await runImport(readSource(path.resolve(source)), {
          api,
          tenantId: options.tenant,
          journal,
          concurrency: options.concurrency,
          history: { resultsSince },
          onProgress: ({ pieces, stored, present, refused }) =>
            progress.show(`${pieces} pieces, ${stored} stored, ${present} there already, ${refused} refused`),
        });
        progress.clear();
        const { pieces, patients, stored, present, refused, history, refusals, seconds, perSecond } = report;
        const total = stored + present + refused;
        const lines = [
          `${pieces} pieces, ${patients} patients, ${total} resources: ${stored} stored, ${present} there already, ${refused} refused`,
          ...(history > 0 ? [`${history} final results are history: they wait for nobody's signature here`] : []),
          `${seconds} s, ${perSecond} resources/s`,
          ...refusals.map(({ count, type, path: where, rule, first }) =>
            ["refused", count, "x", type, where, rule, `(first: ${first})`].filter((part) => part !== "").join(" "),
          ),
        ];
        print(report, lines.join("\n"));
        if (refused > 0) process.exitCode = EXIT.failed;
      } finally {
        journal.close();
      }
    });
}
