import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { policyKey, verifierKeyName } from "../../core/audit/layout.ts";
import { createSealRun } from "../../core/audit/seal-run.ts";
import { createSealer } from "../../core/audit/sealer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { policyBundle } from "../../core/policy/version.ts";
import { ownArchive } from "../runtime/archive.ts";
import { loadCheckpointKey } from "../runtime/checkpoint-key.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";

type SealRun = ReturnType<typeof createSealRun>;

let starting: Promise<SealRun> | undefined;

async function start(): Promise<SealRun> {
  const config = readConfig(["AWS_REGION", "STAGE", "CELL", "ARCHIVE_BUCKET", "CHECKPOINT_KEY_ARN"]);
  const { AWS_REGION: region, STAGE: stage, CELL: cell } = config;
  const store = ownArchive(region, config.ARCHIVE_BUCKET);
  const key = await loadCheckpointKey(region, config.CHECKPOINT_KEY_ARN, logName(stage, cell));
  const sealer = createSealer({
    store,
    clock: systemClock,
    sign: (text) => key.sign(text),
    logKey: key.noteKey,
    originOf: (tenantId) => originOf(stage, cell, tenantId),
  });
  // The verifier line is public; it stands in the archive for convenience, and an auditor keeps a copy elsewhere.
  await store.create(verifierKeyName, `${key.verifierLine}\n`);
  // Once for each version, beside the log of what was decided by it: a decision can be made again when this build is gone.
  const { version, text } = policyBundle();
  await store.create(policyKey(version), text);
  return createSealRun({
    store,
    // Each clinic's tree is its own: what is done for it is its own too.
    sealer: {
      add: (tenantId, keys) => forTenant(tenantId, () => sealer.add(tenantId, keys)),
      sweep: (tenantId, day) => forTenant(tenantId, () => sealer.sweep(tenantId, day)),
      closeDay: (tenantId, day) => forTenant(tenantId, () => sealer.closeDay(tenantId, day)),
    },
    clock: systemClock,
    onSealed(tenantId, { added, refused }) {
      if (added > 0) log("info", "sealed", { tenantId, count: added });
      if (refused.length > 0) log("error", "alarm", { failure: "seal-refused", tenantId, count: refused.length });
    },
    onFailure: (tenantId, error) => log("error", "alarm", { failure: "seal", tenantId, ...describeError(error) }),
  });
}

/** Every minute: each tenant with new events gets a signed checkpoint. One tenant's fault does not stop the others. */
export const handler = metered("seal", async (): ReturnType<SealRun["run"]> => {
  if (starting === undefined) {
    const started = start();
    started.catch(() => (starting = undefined));
    starting = started;
  }
  return (await starting).run();
});
