// `npm run soak`: a mixed load with faults and outages, then every invariant. Exit code 1 where one is broken.
import { randomInt } from "node:crypto";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { createProgress } from "./cli/progress.ts";
import { runSoak } from "./soak/run.ts";

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}.`);
  };
}

const program = new Command("soak")
  .description("Two clinics under a mixed load with faults and outages; then checks that every promise held.")
  .option("--seconds <n>", "how long the load runs", whole(1, 86_400), 120)
  .option("--seed <text>", "repeats the load and the faults of an earlier run")
  .option("--workers <n>", "requests at a time for each clinic", whole(1, 16), 3)
  .option("--json", "print one JSON document instead of text")
  .exitOverride();

interface Options {
  readonly seconds: number;
  readonly seed?: string;
  readonly workers: number;
  readonly json?: boolean;
}

try {
  program.parse();
  const { seconds, seed = String(randomInt(1, 1_000_000_000)), workers, json = false } = program.opts<Options>();
  process.stderr.write(`soak: seed ${seed}, ${seconds} s\n`);
  const progress = createProgress();
  const report = await runSoak({
    seed,
    seconds,
    workersPerTenant: workers,
    onProgress: (requests, left) => progress.show(`${requests} requests, ${left} s left`),
  });
  progress.clear();
  const { requests, statuses, faults, acknowledgedVersions, auditEvents, violations } = report;
  const counts = (record: Readonly<Record<string, number | undefined>>): string =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${count ?? 0}`)
      .join(", ");
  const lines = [
    `${requests} answers: ${counts(statuses)}`,
    `faults: ${counts(faults)}`,
    `${acknowledgedVersions} versions acknowledged, ${auditEvents} events in the archive`,
    ...violations.map((violation) => `VIOLATION ${violation}`),
    violations.length === 0 ? `held  seed ${seed}` : `BROKEN in ${violations.length} places  seed ${seed}`,
  ];
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : lines.join("\n")}\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
