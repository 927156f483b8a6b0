import { logName, originOf, witnessName } from "../../core/audit/checkpoint.ts";
import { formatCosignerKey } from "../../core/audit/cosignature.ts";
import { verifierKeyName } from "../../core/audit/layout.ts";
import { createWitness } from "../../core/audit/witness.ts";
import { createWitnessRun, pinnedLogKey } from "../../core/audit/witness-run.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { ownArchive } from "../runtime/archive.ts";
import { loadSigningKey } from "../runtime/checkpoint-key.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";

type WitnessRun = ReturnType<typeof createWitnessRun>;

let starting: Promise<WitnessRun | undefined> | undefined;

async function start(): Promise<WitnessRun | undefined> {
  const config = readConfig(["AWS_REGION", "STAGE", "CELL", "ARCHIVE_BUCKET", "WITNESS_BUCKET", "WITNESS_KEY_ARN"]);
  const { AWS_REGION: region, STAGE: stage, CELL: cell } = config;
  const archive = ownArchive(region, config.ARCHIVE_BUCKET);
  const own = ownArchive(region, config.WITNESS_BUCKET);
  const logKey = await pinnedLogKey(archive, own, logName(stage, cell));
  if (logKey === undefined) return undefined;
  const key = await loadSigningKey(region, config.WITNESS_KEY_ARN, witnessName(stage, cell));
  await own.create(verifierKeyName, `${formatCosignerKey(key.noteKey)}\n`);
  const witness = createWitness({
    archive,
    own,
    clock: systemClock,
    logKey,
    witnessKey: key.noteKey,
    sign: (bytes) => key.signBytes(bytes),
    originOf: (tenantId) => originOf(stage, cell, tenantId),
  });
  return createWitnessRun({
    archive,
    own,
    witness: { ...witness, look: (tenantId, days) => forTenant(tenantId, () => witness.look(tenantId, days)) },
    clock: systemClock,
    onRefused: (tenantId, kind, error) =>
      log("error", "alarm", {
        failure: `witness-${kind}`,
        tenantId,
        ...(error === undefined ? {} : describeError(error)),
      }),
  });
}

/** Every minute, in the witness's own account: countersigns what continues what it saw, and raises an alarm for what does not. */
export const handler = metered("witness", async (): ReturnType<WitnessRun["run"]> => {
  if (starting === undefined) {
    const started = start();
    const again = (): void => void (starting = undefined);
    // Before the first seal there is no log to follow.
    started.then((run) => run ?? again(), again);
    starting = started;
  }
  const run = await starting;
  return run === undefined ? { cosigned: 0, refused: 0 } : run.run();
});
