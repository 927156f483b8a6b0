import type { Clock } from "../../../core/kernel/clock.ts";
import type { StoredChange } from "../dynamodb/index.ts";
import type { BilledKey } from "../kms/index.ts";
import type { UsageRecord } from "../lambda/index.ts";
import type { Ingested } from "../logs/index.ts";
import type { Call, Prepared, ServiceError } from "../service.ts";
import { AWS, BillCount, type BilledRow, type BilledUse, type Cause, hourOf, OUTSIDE } from "./count.ts";
import { StoredLevels } from "./levels.ts";
import { isBilledError, s3Class } from "./s3-requests.ts";

export type { BilledRow, BilledUse, Cause } from "./count.ts";
export { AWS, OUTSIDE } from "./count.ts";

/** A call that came through the front door. */
export interface Served {
  readonly service: string;
  readonly call: Call;
  readonly prepared: Prepared;
  readonly error?: ServiceError;
  /** The account that owns what it is about. */
  readonly ownerId: string;
}

/** A request to the HTTP API. */
export interface ApiRequest {
  readonly apiArn: string;
  /** Undefined where no route led to a function. */
  readonly functionName: string | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** What is told at the end: keys and tables that are paid for as long as they are there. */
export interface Standing {
  readonly keys: readonly BilledKey[];
  readonly recoverable: readonly { readonly tableArn: string; readonly sinceMs: number }[];
}

/** What the embedded AWS would bill, counted on its own side of the wire. In memory: it begins with the process. */
export interface Billing {
  /** Calls under this access key are `by`'s, and so are those of every role that it assumes. */
  owns(accessKeyId: string, by: string): void;
  served(served: Served): void;
  invoked(functionArn: string, record: UsageRecord): void;
  requested(request: ApiRequest): void;
  ingested(event: Ingested & { readonly by: string }): void;
  storedItems(change: StoredChange): void;
  storedObjects(bucket: string, accountId: string, bytes: number): void;
  /** What S3 asks of KMS for an object under SSE-KMS. */
  usedKey(use: KeyUse): void;
  /** A file that CloudTrail puts into its bucket. */
  delivered(bucket: string, accountId: string): void;
  rows(standing: Standing): BilledRow[];
}

interface KeyUse {
  readonly keyArn: string;
  readonly context: Readonly<Record<string, string>>;
  readonly call?: Call | undefined;
}

const MOST_KEYS = 50_000;
const INCREMENT_BYTES = 512 * 1024;
const HOUR_MS = 3_600_000;

const accountOf = (arn: string): string => arn.split(":", 5)[4] ?? "";

export function createBilling(clock: Clock): Billing {
  const count = new BillCount();
  const levels = new StoredLevels();
  const owners = new Map<string, string>();
  const bucketKeys = new Set<string>();

  const ownerOf = (accessKeyId: string): string => owners.get(accessKeyId) ?? OUTSIDE;
  const owns = (accessKeyId: string, by: string): void => {
    owners.set(accessKeyId, by);
    const [oldest] = owners.keys();
    if (owners.size > MOST_KEYS && oldest !== undefined) owners.delete(oldest);
  };
  const add = (use: BilledUse, accountId: string, by: string, atMs = clock.now()): void =>
    count.add({ ...use, hour: hourOf(atMs), accountId, by });

  return {
    owns,
    served(served) {
      const { call, ownerId } = served;
      const by = ownerOf(call.caller.accessKeyId);
      for (const use of usesOf(served)) {
        // Lambda's own reading of a stream is free. Source: Amazon DynamoDB pricing, DynamoDB Streams.
        if (by !== AWS || use.sku !== "dynamodb-streams") add(use, ownerId, by, call.nowMs);
      }
      const issued = issuedKey(served);
      if (issued !== undefined && by !== OUTSIDE) owns(issued, by);
    },
    invoked(functionArn, { functionName, startedAtMs, billedMs, initMs, memorySizeMb }) {
      const use = (sku: string, cause: Cause, units: number): void =>
        add(
          { sku, resourceId: functionArn, detail: null, cause, units: BigInt(units) },
          accountOf(functionArn),
          functionName,
          startedAtMs,
        );
      const initBilledMs = Math.min(Math.ceil(initMs ?? 0), billedMs);
      use("lambda-requests", "request", 1);
      use("lambda-arm-gb-seconds", "init", initBilledMs * memorySizeMb);
      use("lambda-arm-gb-seconds", "request", (billedMs - initBilledMs) * memorySizeMb);
    },
    requested({ apiArn, functionName, requestBytes, responseBytes }) {
      const by = functionName ?? OUTSIDE;
      const increments = Math.max(1, Math.ceil(Math.max(requestBytes, responseBytes) / INCREMENT_BYTES));
      const use = (sku: string, resourceId: string | null, units: number): void =>
        add({ sku, resourceId, detail: null, cause: "request", units: BigInt(units) }, accountOf(apiArn), by);
      use("http-api-requests", apiArn, increments);
      use("cloudfront-requests", null, 1);
      use("cloudfront-transfer-out", null, responseBytes);
    },
    ingested({ groupArn, accountId, bytes, isPlatforms, by }) {
      const cause = isPlatforms ? "platform-line" : "request";
      add({ sku: "logs-ingest", resourceId: groupArn, detail: null, cause, units: BigInt(bytes) }, accountId, by);
    },
    storedItems({ tableArn, index, bytes }) {
      const place = { accountId: accountOf(tableArn), sku: "dynamodb-storage", resourceId: tableArn, detail: index };
      levels.change(place, bytes, clock.now());
    },
    storedObjects(bucket, accountId, bytes) {
      levels.change({ accountId, sku: "s3-standard", resourceId: bucket, detail: null }, bytes, clock.now());
    },
    usedKey({ keyArn, context, call }) {
      const by = call === undefined ? AWS : ownerOf(call.caller.accessKeyId);
      const arn = context["aws:s3:arn"] ?? "";
      // A bucket's key serves a caller for a while: AWS does not say how long, an hour is ours.
      const isBucketKey = arn !== "" && !arn.includes("/");
      const name = [hourOf(clock.now()), keyArn, arn, by].join();
      if (isBucketKey && bucketKeys.has(name)) return;
      if (isBucketKey) bucketKeys.add(name);
      const use = { sku: "kms-requests", resourceId: keyArn, detail: null, cause: "service", units: 1n } as const;
      add(use, accountOf(keyArn), by);
    },
    delivered(bucket, accountId) {
      const use = { sku: "s3-put-requests", resourceId: bucket, detail: null, cause: "service", units: 1n } as const;
      add(use, accountId, AWS);
    },
    rows(standing) {
      const stored = levels.rows(clock.now());
      return [...count.rows(), ...stored, ...recovery(stored, standing), ...keyHours(standing, clock.now())];
    },
  };
}

/** What was throttled or failed on AWS's side is free. What never ran has consumed nothing of a table. */
function usesOf({ service, prepared, error }: Served): readonly BilledUse[] {
  const one = (sku: string, resourceId: string | null): BilledUse => ({
    sku,
    resourceId,
    detail: null,
    cause: "request",
    units: 1n,
  });
  const { bucketName } = prepared.requestParameters;
  const s3Sku = service === "s3" ? s3Class(prepared.operation) : undefined;
  if (s3Sku !== undefined && isBilledError(error))
    return [one(s3Sku, typeof bucketName === "string" ? bucketName : null)];
  if (error !== undefined && (error.status >= 500 || error.code.startsWith("Throttl"))) return [];
  if (service === "sts") return [one("sts-requests", null)];
  return prepared.billed?.() ?? [];
}

/** The access key of a session that a caller was given: whoever assumes a role answers for it. */
function issuedKey({ service, prepared, error }: Served): string | undefined {
  if (service !== "sts" || error !== undefined) return undefined;
  const credentials = prepared.responseElements?.()?.["credentials"];
  if (typeof credentials !== "object" || credentials === null || !("accessKeyId" in credentials)) return undefined;
  return typeof credentials.accessKeyId === "string" ? credentials.accessKeyId : undefined;
}

/** Point-in-time recovery is billed by the size of the table, without its global indexes. Source: DynamoDB pricing. */
const recovery = (stored: readonly BilledRow[], { recoverable }: Standing): BilledRow[] =>
  stored
    .filter(({ sku, resourceId, detail, hour }) =>
      recoverable.some(
        ({ tableArn, sinceMs }) =>
          sku === "dynamodb-storage" && detail === null && tableArn === resourceId && hour >= hourOf(sinceMs),
      ),
    )
    .map((row) => ({ ...row, sku: "dynamodb-pitr" }));

/** A key is billed by the hour from its creation on: whole hours, the one that it was made in included. */
const keyHours = ({ keys }: Standing, untilMs: number): BilledRow[] =>
  keys.flatMap(({ arn, createdAtMs }) => {
    const rows: BilledRow[] = [];
    for (let at = Math.floor(createdAtMs / HOUR_MS) * HOUR_MS; at < untilMs; at += HOUR_MS)
      rows.push({
        hour: hourOf(at),
        accountId: accountOf(arn),
        sku: "kms-keys",
        resourceId: arn,
        detail: null,
        by: AWS,
        cause: "stored",
        units: 1n,
      });
    return rows;
  });
