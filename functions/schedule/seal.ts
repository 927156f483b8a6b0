import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { eventsRoot } from "../../core/audit/layout.ts";
import { createSealer, type Sealer } from "../../core/audit/sealer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { ownArchive } from "../runtime/archive.ts";
import { loadCheckpointKey } from "../runtime/checkpoint-key.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";

let starting: Promise<{ readonly sealer: Sealer; readonly tenants: () => Promise<string[]> }> | undefined;

async function start() {
  const config = readConfig(["AWS_REGION", "STAGE", "CELL", "ARCHIVE_BUCKET", "CHECKPOINT_KEY_ARN"]);
  const { AWS_REGION: region, STAGE: stage, CELL: cell } = config;
  const store = ownArchive(region, config.ARCHIVE_BUCKET);
  const key = await loadCheckpointKey(region, config.CHECKPOINT_KEY_ARN, logName(stage, cell));
  const sealer = createSealer({
    store,
    clock: systemClock,
    sign: (text) => key.sign(text),
    originOf: (tenantId) => originOf(stage, cell, tenantId),
  });
  // The verifier line is public; it stands in the archive for convenience, and an auditor keeps a copy elsewhere.
  await store.create("v1/log/verifier-key", `${key.verifierLine}\n`);
  return { sealer, tenants: () => store.folders(eventsRoot) };
}

/** Every minute: each tenant with new events gets a signed checkpoint. One tenant's fault does not stop the others. */
export async function handler(): Promise<{ readonly sealed: number; readonly failed: number }> {
  if (starting === undefined) {
    const started = start();
    started.catch(() => (starting = undefined));
    starting = started;
  }
  const { sealer, tenants } = await starting;
  let sealed = 0;
  let failed = 0;
  for (const tenantId of await tenants()) {
    try {
      const added = await sealer.seal(tenantId);
      if (added === 0) continue;
      sealed += 1;
      log("info", "sealed", { tenantId, count: added });
    } catch (error) {
      failed += 1;
      log("error", "alarm", { failure: "seal", tenantId, ...describeError(error) });
    }
  }
  return { sealed, failed };
}
