import path from "node:path";
import type { Command } from "commander";
import type { AuditEvent } from "../../../core/audit/event.ts";
import { explain } from "../../../core/policy/explain.ts";
import { replay } from "../../../core/policy/replay.ts";
import { differenceOf } from "../../../core/policy/review/difference.ts";
import { matrixCsv, matrixMarkdown } from "../../../core/policy/review/document.ts";
import { matrixOf } from "../../../core/policy/review/matrix.ts";
import { currentPolicies } from "../../../core/policy/version.ts";
import { archivedTenants, bucketReader, folderReader } from "../audit-verify.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { archivedEvents, archivedPolicies } from "../policy-events.ts";
import { readPolicies } from "../policy-folder.ts";
import { differenceText, explanationText, replayText } from "../policy-text.ts";
import { readProfile } from "../profile.ts";
import { createProgress } from "../progress.ts";

interface ArchiveOptions {
  readonly archive?: string;
  readonly tenant?: string;
  readonly since?: string;
}

/** The archive of a folder, or that of the profile's stage. */
async function openArchive({ archive, tenant, since }: ArchiveOptions) {
  if (since !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(since))
    throw new CliFailure("--since is a day such as 2026-11-22", EXIT.usage);
  const reader = archive === undefined ? bucketReader(readProfile()) : folderReader(path.resolve(archive));
  const tenants = tenant === undefined ? await archivedTenants(reader) : [tenant];
  return { events: () => archivedEvents(reader, tenants, since), policiesOf: archivedPolicies(reader) };
}

/** Counts what passes. */
async function* counted(events: AsyncIterable<AuditEvent>): AsyncGenerator<AuditEvent> {
  const progress = createProgress();
  let count = 0;
  for await (const event of events) {
    count += 1;
    progress.show(`${count} events`);
    yield event;
  }
  progress.clear();
}

/** `keyward policy`: what the rules say, what they said, and what others would. */
export function registerPolicy(program: Command, { print }: Output): void {
  const policy = program.command("policy").description("who may do what, and why it was so");

  policy
    .command("docs")
    .description("print who may do what: role by action by class, with purposes and conditions")
    .option("--csv", "one line for each role, action, class and purpose")
    .option("--policies <path>", "of other policies: a folder, or a file of an archive's v1/log/policy")
    .action((options: { csv?: boolean; policies?: string }) => {
      const set = options.policies === undefined ? currentPolicies : readPolicies(path.resolve(options.policies));
      const rows = matrixOf(set);
      print(rows, (options.csv === true ? matrixCsv(rows) : matrixMarkdown(rows, set.version)).trimEnd());
    });

  policy
    .command("diff")
    .description("what changes for whom between two sets of policies")
    .argument("<from>", "a folder with schema.cedarschema and policies/, or a file of an archive's v1/log/policy")
    .argument("[to]", "the same; the policies of this build if absent")
    .action((from: string, to: string | undefined) => {
      const target = to === undefined ? currentPolicies : readPolicies(path.resolve(to));
      const difference = differenceOf(readPolicies(path.resolve(from)), target);
      print(difference, differenceText(difference));
    });

  policy
    .command("explain")
    .description("why an access was permitted or refused: who, what, inputs, rules, consents")
    .argument("<id>", "an event's id, or the x-request-id of a response")
    .option("--archive <path>", "a copy of the archive, instead of the bucket")
    .option("--tenant <id>", "one clinic only")
    .option("--since <day>", "the first day to look at")
    .action(async (id: string, options: ArchiveOptions) => {
      const { events, policiesOf } = await openArchive(options);
      const found: unknown[] = [];
      const texts: string[] = [];
      for await (const event of counted(events())) {
        if (event.id !== id && event.request !== id) continue;
        const explanation = explain(event, await policiesOf(event.decision.version));
        found.push({ event, ...explanation });
        texts.push(explanationText(event, explanation));
      }
      if (found.length === 0) throw new CliFailure("the archive holds no event or request of that id", EXIT.failed);
      print(found, texts.join("\n\n"));
    });

  policy
    .command("replay")
    .description("make recorded decisions again, and say which other policies would make otherwise")
    .option("--archive <path>", "a copy of the archive, instead of the bucket")
    .option("--tenant <id>", "one clinic only")
    .option("--since <day>", "the first day to look at")
    .option("--policies <path>", "other policies: a folder, or a file of an archive's v1/log/policy")
    .action(async (options: ArchiveOptions & { policies?: string }) => {
      const against = options.policies === undefined ? undefined : readPolicies(path.resolve(options.policies));
      const { events, policiesOf } = await openArchive(options);
      const report = await replay(counted(events()), { policiesOf, ...(against === undefined ? {} : { against }) });
      print(report, replayText(report, against?.version));
      if (report.different > 0) process.exitCode = EXIT.findings;
    });
}
