import { eventsRoot } from "../../core/audit/layout.ts";
import { type FunctionName, logGroupName, functionRoleName, tenantExportRoleName } from "../../core/iam/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import type { LogEvent } from "../../core/watch/index.ts";
import { ownArchive } from "../runtime/archive.ts";
import { readConfig, siteOf } from "../runtime/config.ts";
import { log } from "../runtime/log.ts";
import { ownLogGroups } from "../runtime/log-groups.ts";
import { metered } from "../runtime/meter.ts";
import { ownOutboxReader } from "../runtime/outbox-reader.ts";
import { ownTrailWriter } from "../runtime/trail-writer.ts";
import { ownRegistryLines } from "../runtime/registry-lines.ts";
import { createArchiveObjects } from "./watch/archive-objects.ts";
import { createClinicReader } from "./watch/clinics.ts";
import { createWatch } from "./watch/run.ts";
import { createTrailFiles } from "./watch/trail-files.ts";

/** The functions that work with records, and so account for what they open, and the one that looks at every change. */
const ACCOUNTABLE = ["fhir", "clinic", "patient", "export", "cross-check"] as const satisfies readonly FunctionName[];

function start() {
  const config = readConfig([
    "AWS_REGION",
    "STAGE",
    "CELL",
    "ACCOUNT_ID",
    "DATA_TABLE",
    "OUTBOX_TABLE",
    "TRAIL_TABLE",
    "ARCHIVE_BUCKET",
    "CLOUDTRAIL_BUCKET",
    "REGISTRY_TABLE",
  ]);
  const { AWS_REGION: region, ACCOUNT_ID: accountId } = config;
  const site = siteOf(config);
  const groups = ownLogGroups(region);
  const archive = ownArchive(region, config.ARCHIVE_BUCKET);

  async function logLines(fromMs: number, toMs: number): Promise<LogEvent[]> {
    const found = await Promise.all(
      ACCOUNTABLE.map(async (service) => {
        const lines = await groups.lines(logGroupName(site, service), fromMs, toMs);
        return lines.map(({ atMs, text }) => ({ service, atMs, text }));
      }),
    );
    return found.flat();
  }

  return createWatch({
    logLines,
    trailFiles: createTrailFiles(ownArchive(region, config.CLOUDTRAIL_BUCKET), {
      accountId,
      region,
      dataTable: config.DATA_TABLE,
    }),
    outbox: ownOutboxReader(region, config.OUTBOX_TABLE),
    objects: createArchiveObjects(archive),
    tenants: () => archive.folders(eventsRoot),
    clinics: createClinicReader(ownRegistryLines(region, config.REGISTRY_TABLE)),
    table: ownTrailWriter(region, config.TRAIL_TABLE),
    roles: {
      // Its role sees keys and plain attributes of a row, one at a time, and no sealed one: core/iam, "ReadPlainAttributes".
      plainReaders: new Set([functionRoleName(site, "cross-check")]),
      jobKeepers: new Set([tenantExportRoleName(site)]),
    },
  });
}

let watch: ReturnType<typeof start> | undefined;

/** Every minute: what five records say of the last quarter of an hour is joined, and what they do not agree on is told. */
export const handler = metered("reconcile", async (): ReturnType<ReturnType<typeof start>> => {
  watch ??= start();
  const result = await watch(systemClock.now());
  log("info", "reconciled", { count: result.raised });
  return result;
});
