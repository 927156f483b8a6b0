import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan } from "../../plan/shape.ts";
import { portalOriginOf } from "../edge/index.ts";
import type { Cloud } from "../front/index.ts";
import type { FunctionConfiguration } from "../lambda/index.ts";
import type { EventSourceMapping } from "../lambda/event-source/index.ts";
import type { Schedule } from "../lambda/schedule/index.ts";
import { provisionBuckets } from "./buckets.ts";
import { readEdgeSecret } from "./edge.ts";
import { readFunctions, readLogGroups } from "./functions.ts";
import type { PlannedLogGroup } from "./functions.ts";
import { readHttpApi } from "./http-api.ts";
import type { HttpApiConfiguration } from "./http-api.ts";
import { provisionKeys } from "./keys.ts";
import { readMappings } from "./mappings.ts";
import { provisionQueues } from "./queues.ts";
import { openResources } from "./resources.ts";
import { provisionRoles } from "./roles.ts";
import { readSchedules } from "./schedules.ts";
import { provisionTables } from "./tables.ts";
import { readTrails } from "./trails.ts";
import type { PlannedTrail } from "./trails.ts";

export type { HttpApiConfiguration } from "./http-api.ts";
export type { PlannedLogGroup } from "./functions.ts";
export type { PlannedTrail } from "./trails.ts";

/** What a plan has become: resources that are there, and the configuration of what is run beside them. */
export interface Provisioned {
  readonly tables: readonly string[];
  readonly buckets: readonly string[];
  readonly queues: readonly string[];
  readonly roleArns: readonly string[];
  /** By alias, `alias/keyward-dev-c01-cell`. */
  readonly keyArns: Readonly<Record<string, string>>;
  readonly functions: readonly FunctionConfiguration[];
  readonly mappings: readonly EventSourceMapping[];
  readonly schedules: readonly Schedule[];
  readonly httpApi: HttpApiConfiguration | undefined;
  readonly trails: readonly PlannedTrail[];
  readonly logGroups: readonly PlannedLogGroup[];
  /** What CloudFront shows the API; undefined where the plan has no distribution. */
  readonly edgeSecret: string | undefined;
}

export interface ProvisionOptions {
  /** The origin that takes the place of the plan's public URL. */
  readonly publicUrl: string;
}

const planFolder = fileURLToPath(new URL("../../../stacks/plan/", import.meta.url));

/** Reads the committed plan of a stage. Throws where there is none. */
export function readPlan(stage: string): Plan {
  return JSON.parse(readFileSync(path.join(planFolder, `${stage}.json`), "utf8")) as Plan;
}

/**
 * Makes everything in the plan that the embedded AWS keeps, and reads what Lambda, the HTTP API and the schedules need.
 * Idempotent: what is there stays and is brought to the plan.
 * @throws Error that names what the plan holds and this cloud cannot do.
 */
export async function provision(
  cloud: Pick<Cloud, "iam" | "kms" | "sqs" | "s3" | "dynamodb" | "accountId" | "region">,
  plan: Plan,
  options: ProvisionOptions,
): Promise<Provisioned> {
  if (plan.account !== cloud.accountId || plan.region !== cloud.region) {
    throw new Error(
      `the plan is for ${plan.account} ${plan.region}, and this cloud is ${cloud.accountId} ${cloud.region}`,
    );
  }
  const resources = openResources(plan);
  const planned = plan.outputs["publicUrl"];
  const origins = {
    planned: typeof planned === "string" ? planned : undefined,
    local: options.publicUrl,
    portal: portalOriginOf(options.publicUrl),
  };
  const roleArns = provisionRoles(resources, cloud.iam);
  const keyArns = provisionKeys(resources, cloud.kms);
  const buckets = provisionBuckets(resources, cloud.s3);
  const queues = provisionQueues(resources, cloud.sqs);
  const tables = await provisionTables(resources, cloud.dynamodb);
  const functions = readFunctions(resources, plan, origins);
  const provisioned: Provisioned = {
    tables: tables.names,
    buckets,
    queues,
    roleArns,
    keyArns,
    functions,
    mappings: readMappings(resources, functions, tables.streamArns),
    schedules: readSchedules(resources, functions),
    httpApi: readHttpApi(resources, cloud.accountId, origins),
    trails: readTrails(resources, buckets),
    logGroups: readLogGroups(resources),
    edgeSecret: readEdgeSecret(resources),
  };
  resources.finish();
  return provisioned;
}
