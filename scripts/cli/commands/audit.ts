import { availableParallelism } from "node:os";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { originOf } from "../../../core/audit/checkpoint.ts";
import { findEvent, formatProof, holds, newestCheckpoint, proofOf } from "../../../core/audit/proof.ts";
import { parseReceipt } from "../../../core/audit/receipt.ts";
import type { SliceProof } from "../../../core/audit/slice.ts";
import type { ArchiveReader, VerifyReport } from "../../../core/audit/verify.ts";
import { readExport, registerAuditExport, verifyExport } from "../audit-export.ts";
import {
  archivedTenants,
  bucketReader,
  folderReader,
  loadLogKey,
  readAnchor,
  readLogKey,
  readWitnessKey,
  reportText,
  siteOfLogKey,
  verifyTenant,
} from "../audit-verify.ts";
import { createExaminers } from "../examiners.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { readProfile } from "../profile.ts";
import { createProgress } from "../progress.ts";

interface VerifyOptions {
  readonly tenant?: string;
  readonly folder?: string;
  readonly logKey?: string;
  readonly witnessKey?: string;
  readonly anchor?: readonly string[];
  readonly threads: number;
}

/** A folder needs a key and nothing else; without a folder the profile's stage is read. */
async function openArchive(folder: string | undefined, logKeyGiven: string | undefined) {
  if (folder !== undefined && logKeyGiven !== undefined) {
    const logKey = readLogKey(logKeyGiven);
    return { reader: folderReader(path.resolve(folder)), logKey, site: siteOfLogKey(logKey) };
  }
  const profile = readProfile();
  const reader = folder === undefined ? bucketReader(profile) : folderReader(path.resolve(folder));
  return { reader, logKey: await loadLogKey(profile, logKeyGiven), site: profile };
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 0 && threads <= 64) return threads;
  throw new InvalidArgumentError("threads are 0 to 64.");
}

async function tenantOf(reader: ArchiveReader, given: string | undefined): Promise<string> {
  const tenants = given === undefined ? await archivedTenants(reader) : [given];
  const [only] = tenants;
  if (only !== undefined && tenants.length === 1) return only;
  throw new CliFailure(
    tenants.length === 0 ? "the archive holds no events yet" : "say which clinic: --tenant",
    EXIT.usage,
  );
}

/** `keyward audit`: the trail, as somebody checks it who believes nothing. */
export function registerAudit(program: Command, { print }: Output): void {
  const audit = program.command("audit").description("the audit trail");

  async function sayExport(folder: string, proof: SliceProof, options: VerifyOptions): Promise<void> {
    if (options.logKey === undefined) throw new CliFailure("an export is checked with --log-key", EXIT.usage);
    const checked = await verifyExport(folder, proof, {
      logKey: readLogKey(options.logKey),
      ...(options.witnessKey === undefined ? {} : { witnessKey: readWitnessKey(options.witnessKey) }),
    });
    const { tenantId, events, fault } = checked;
    const said =
      fault === undefined
        ? `ok   ${tenantId}  ${events} events are in the signed log, none between them is missing`
        : `FAIL ${tenantId}  ${fault.where}: ${fault.what}`;
    print(checked, said);
    if (fault !== undefined) process.exitCode = EXIT.findings;
  }

  audit
    .command("verify")
    .description("verify the archive of one clinic or all: objects, tree, signatures, chains, witness")
    .argument("[dir]", "a copy of the archive and of the witness's bucket; without it the buckets are read")
    .option("--tenant <id>", "one clinic only")
    .option("--folder <path>", "the same as the argument")
    .option("--log-key <key>", "the log's verifier key, a line or a file; without it KMS is asked")
    .option("--witness-key <key>", "the witness's verifier key, a line or a file")
    .option("--anchor <file...>", "checkpoints that the clinic kept: the log must still hold what they vouch for")
    .option("--threads <n>", "threads that hash and check", parseThreads, Math.min(2, availableParallelism()))
    .action(async (dir: string | undefined, options: VerifyOptions) => {
      const folder = dir ?? options.folder;
      const exported = folder === undefined ? undefined : readExport(path.resolve(folder));
      if (folder !== undefined && exported !== undefined) {
        await sayExport(path.resolve(folder), exported, options);
        return;
      }
      const { reader, logKey, site } = await openArchive(folder, options.logKey);
      const anchors = (options.anchor ?? []).map(readAnchor);
      const tenants = options.tenant === undefined ? await archivedTenants(reader) : [options.tenant];
      const strange = anchors.find(({ tenantId }) => !tenants.includes(tenantId));
      if (strange !== undefined) throw new CliFailure(`${strange.name} is of a clinic that is not here`, EXIT.findings);
      const witnessKey = options.witnessKey === undefined ? {} : { witnessKey: readWitnessKey(options.witnessKey) };
      const progress = createProgress();
      const examiners = options.threads > 0 ? createExaminers(options.threads) : undefined;
      const reports: VerifyReport[] = [];
      try {
        for (const tenantId of tenants) {
          const own = anchors.filter((anchor) => anchor.tenantId === tenantId);
          const onProgress = (events: number): void => progress.show(`${tenantId}: ${events} events`);
          reports.push(
            await verifyTenant(site, reader, logKey, tenantId, onProgress, {
              ...witnessKey,
              ...(own.length === 0 ? {} : { anchors: own }),
              ...(examiners === undefined ? {} : { examine: examiners.examine }),
            }),
          );
        }
      } finally {
        await examiners?.close();
        progress.clear();
      }
      print(reports, reportText(reports));
      if (reports.some(({ findings }) => findings.length > 0)) process.exitCode = EXIT.findings;
    });

  audit
    .command("receipt")
    .description("show that the event of a receipt is in the log: an RFC 6962 inclusion proof, checked here")
    .argument("<dir>", "a copy of the archive")
    .argument("<receipt>", "what an answer said in x-audit-receipt: <event id>.<32 hex>")
    .requiredOption("--log-key <key>", "the log's verifier key, a line or a file")
    .option("--witness-key <key>", "the witness's verifier key, a line or a file")
    .option("--tenant <id>", "the clinic, where it is known")
    .option("--out <file>", "write the proof there: C2SP tlog-proof")
    .action(
      async (
        dir: string,
        given: string,
        options: { tenant?: string; logKey: string; witnessKey?: string; out?: string },
      ) => {
        const receipt = parseReceipt(given);
        if (receipt === undefined) throw new CliFailure("a receipt is <event id>.<32 hex>", EXIT.usage);
        const reader = folderReader(path.resolve(dir));
        const logKey = readLogKey(options.logKey);
        const site = siteOfLogKey(logKey);
        for (const tenantId of options.tenant === undefined ? await archivedTenants(reader) : [options.tenant]) {
          const found = await findEvent(reader, tenantId, receipt);
          if (found === undefined) continue;
          const proof = await proofOf(reader, tenantId, found.line);
          if (proof === undefined)
            throw new CliFailure(
              `${found.key} holds the event, and no checkpoint covers it yet: copy the archive again`,
              EXIT.findings,
            );
          const keys = {
            origin: originOf(site.stage, site.cell, tenantId),
            logKey,
            ...(options.witnessKey === undefined ? {} : { witnessKey: readWitnessKey(options.witnessKey) }),
          };
          if (!holds(proof, found.line, keys))
            throw new CliFailure(
              `${found.key} holds the event, and the signed log does not: run keyward audit verify`,
              EXIT.findings,
            );
          const text = formatProof(proof);
          if (options.out !== undefined) writeFileSync(options.out, text);
          const { index } = proof;
          print(
            { tenantId, object: found.key, index, event: found.event, proof: text },
            `ok  event ${receipt.eventId} is number ${index} of the log of ${tenantId}\n    in ${found.key}${options.out === undefined ? `\n\n${text.trimEnd()}` : ""}`,
          );
          return;
        }
        throw new CliFailure(
          "no event here has that id and hash: the receipt is of another archive, or the event was removed",
          EXIT.findings,
        );
      },
    );

  audit
    .command("anchor")
    .description("print the newest checkpoint of a clinic's log, to keep where nobody of ours can reach it")
    .argument("[dir]", "a copy of the archive; without it the buckets are read")
    .option("--tenant <id>", "the clinic")
    .action(async (dir: string | undefined, options: { tenant?: string }) => {
      const reader = dir === undefined ? bucketReader(readProfile()) : folderReader(path.resolve(dir));
      const tenantId = await tenantOf(reader, options.tenant);
      const checkpoint = await newestCheckpoint(reader, tenantId);
      if (checkpoint === undefined) throw new CliFailure("nothing of this clinic was sealed yet", EXIT.failed);
      print({ tenantId, checkpoint }, checkpoint.trimEnd());
    });

  registerAuditExport(audit, print);
}
