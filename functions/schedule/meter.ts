import type { Context } from "aws-lambda";
import type { Alert } from "../../core/cost/store/alerts.ts";
import { collect, type CollectDeps } from "../../core/cost/store/collect.ts";
import { FACTS_PATTERN } from "../../core/cost/store/log-lines.ts";
import { FUNCTION_NAMES, logGroupName } from "../../core/iam/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import packageJson from "../../package.json" with { type: "json" };
import { ownDynamoDb, ownS3 } from "../runtime/clients.ts";
import { readConfig, siteOf } from "../runtime/config.ts";
import { ownCostFiles } from "../runtime/cost-files.ts";
import { describeError, log } from "../runtime/log.ts";
import { ownLogGroups } from "../runtime/log-groups.ts";
import { metered } from "../runtime/meter.ts";
import { ownRoster } from "../runtime/roster.ts";
import { createStorageCounter } from "../runtime/storage-counter.ts";

/** The witness writes its log in another account, whose costs come with that account's bill. */
const SOURCES = FUNCTION_NAMES.filter((name) => name !== "witness");

function start(): CollectDeps {
  const config = readConfig([
    "AWS_REGION",
    "STAGE",
    "CELL",
    "ACCOUNT_ID",
    "COST_BUCKET",
    "ARCHIVE_BUCKET",
    "ATTACHMENT_BUCKET",
    "DATA_TABLE",
    "OUTBOX_TABLE",
    "TRAIL_TABLE",
    "REGISTRY_TABLE",
  ]);
  const { AWS_REGION: region, STAGE: stage, CELL: cell, ACCOUNT_ID: accountId } = config;
  const site = siteOf(config);
  const groups = ownLogGroups(region);
  return {
    files: ownCostFiles(region, config.COST_BUCKET),
    logs: {
      pages: (source, fromMs, toMs) =>
        groups.pages(logGroupName(site, source as (typeof SOURCES)[number]), fromMs, toMs, FACTS_PATTERN),
    },
    sources: SOURCES,
    of: { stage, cell, accountId, region, codeVersion: packageJson.version },
    tenants: ownRoster(region, config.REGISTRY_TABLE),
    counter: createStorageCounter(
      { s3: ownS3(region), dynamoDb: ownDynamoDb(region) },
      {
        archive: config.ARCHIVE_BUCKET,
        attachments: config.ATTACHMENT_BUCKET,
        data: config.DATA_TABLE,
        outbox: config.OUTBOX_TABLE,
        trail: config.TRAIL_TABLE,
      },
    ),
    onFailure: (what, error) => log("error", "alarm", { failure: `meter-${what}`, ...describeError(error) }),
  };
}

/** Half of a budget is news, all of it and what was not foreseen wakes somebody. No amount is said: who may see it reads the books. */
function say({ kind, tenantId, ...of }: Alert): void {
  const tenant = tenantId === null ? {} : { tenantId };
  const what = "alert" in of ? of.alert.kind : "day";
  const isLoud = kind === "anomaly" || what === "100" || what === "forecast";
  if (isLoud) log("error", "alarm", { failure: `cost-${kind}-${what}`, ...tenant });
  else log("info", "signal", { kind: `cost-${kind}-${what}`, ...tenant });
}

/** What is left of an invocation when the last piece begins: the longest that a piece takes, and some. */
const RESERVE_MS = 120_000;

let deps: CollectDeps | undefined;

/** Every hour: what the functions' logs say was used becomes each clinic's cost, its statement, and what finance is told. */
export const handler = metered(
  "meter",
  async (_event: unknown, context?: Pick<Context, "getRemainingTimeInMillis">): Promise<{ readonly lines: number }> => {
    deps ??= start();
    const isTimeUp = (): boolean => (context?.getRemainingTimeInMillis() ?? Infinity) < RESERVE_MS;
    const { lines, alerts, isDone } = await collect(deps, systemClock.now(), isTimeUp);
    for (const alert of alerts) say(alert);
    log("info", "metered", { count: lines });
    if (!isDone) log("warn", "metered", { failure: "unfinished" });
    return { lines };
  },
);
