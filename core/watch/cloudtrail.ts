import * as z from "zod";
import { requestOfUserAgent } from "./request-name.ts";
import type { DataCall, KeyCall } from "./sightings.ts";
import { type Touch, touchOf } from "./touch.ts";

const Key = z.looseObject({ pk: z.string().optional(), sk: z.string().optional() });
const Parameters = z.looseObject({
  tableName: z.string().optional(),
  key: Key.optional(),
  /** Of a Query: the embedded AWS tells the partition; on AWS this is to be confirmed at the first account. */
  partitionKey: z.array(z.string()).optional(),
  requestItems: z
    .array(
      z.looseObject({
        operation: z.string().optional(),
        tableName: z.string().optional(),
        key: Key.optional(),
        keys: z.array(Key.nullish()).optional(),
      }),
    )
    .optional(),
  encryptionContext: z.record(z.string(), z.string()).nullish(),
});

/** What the watch reads of a CloudTrail record. Source: CloudTrail User Guide, "CloudTrail record contents". */
const TrailRecord = z.looseObject({
  eventTime: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  eventID: z.string(),
  userAgent: z.string().nullish(),
  errorCode: z.string().nullish(),
  readOnly: z.boolean().optional(),
  /** Read for the two services that are looked at: each service has parameters of its own. */
  requestParameters: z.unknown(),
  userIdentity: z.looseObject({
    type: z.string().optional(),
    userName: z.string().optional(),
    invokedBy: z.string().optional(),
    sessionContext: z
      .looseObject({
        sourceIdentity: z.string().optional(),
        sessionIssuer: z.looseObject({ userName: z.string().optional() }).optional(),
      })
      .optional(),
  }),
});
type TrailRecord = z.infer<typeof TrailRecord>;

export interface TrailFacts {
  readonly calls: readonly DataCall[];
  readonly keyCalls: readonly KeyCall[];
}

const READS: ReadonlySet<string> = new Set([
  "GetItem",
  "BatchGetItem",
  "Query",
  "Scan",
  "TransactGetItems",
  "ExecuteStatement",
  "BatchExecuteStatement",
  "ExecuteTransaction",
  "ExportTableToPointInTime",
]);
const WRITES: ReadonlySet<string> = new Set([
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "TransactWriteItems",
]);
/** A condition in a transaction reads one row and tells one bit; it is judged with the write that it guards. */
const isChange = (operation: string | undefined): boolean => operation === undefined || operation !== "ConditionCheck";

const DENIED = /^AccessDenied/;

function baseOf(record: TrailRecord): Omit<DataCall, "isWrite" | "touches"> {
  const { userIdentity, userAgent, errorCode } = record;
  const { sourceIdentity, sessionIssuer } = userIdentity.sessionContext ?? {};
  return {
    eventId: record.eventID,
    operation: record.eventName,
    atMs: Date.parse(record.eventTime),
    request: requestOfUserAgent(userAgent ?? ""),
    principal: sessionIssuer?.userName ?? userIdentity.userName ?? userIdentity.type?.toLowerCase() ?? "unknown",
    sourceIdentity,
    isDenied: DENIED.test(errorCode ?? ""),
  };
}

const parametersOf = ({ requestParameters }: TrailRecord): z.infer<typeof Parameters> =>
  Parameters.parse(requestParameters ?? {});

/** The rows of the table that a call names. A name may be the table's ARN. */
function touchesOf(record: TrailRecord, table: string): { touches: Touch[]; isOfTable: boolean } {
  const { tableName, key, partitionKey = [], requestItems = [] } = parametersOf(record);
  const isTable = (name: string | undefined): boolean => name === table || name?.endsWith(`table/${table}`) === true;
  const keys = isTable(tableName) && key !== undefined ? [key] : [];
  const items = requestItems.filter((item) => isTable(item.tableName) && isChange(item.operation));
  for (const item of items) {
    if (item.key !== undefined) keys.push(item.key);
    for (const each of item.keys ?? []) if (each !== null && each !== undefined) keys.push(each);
  }
  const partitions = isTable(tableName) ? partitionKey.map((pk) => touchOf(pk)) : [];
  return {
    touches: [...keys.map(({ pk = "", sk }) => touchOf(pk, sk)), ...partitions],
    isOfTable: isTable(tableName) || items.length > 0,
  };
}

function keyCallOf(record: TrailRecord): KeyCall | undefined {
  const { tenant, class: dataClass } = parametersOf(record).encryptionContext ?? {};
  // Calls of a service for itself name no tenant; minting a key gives nobody the key.
  if (tenant === undefined || dataClass === undefined) return undefined;
  return { ...baseOf(record), tenantId: tenant, dataClass };
}

/**
 * What a log file of CloudTrail says of the data table and of tenants' keys. A record that cannot be read is a throw: a
 * file with a hole in it must not pass for one without calls.
 */
export function readTrailRecords(records: readonly unknown[], dataTable: string): TrailFacts {
  const calls: DataCall[] = [];
  const keyCalls: KeyCall[] = [];
  for (const raw of records) {
    const record = TrailRecord.parse(raw);
    const hasFailed = record.errorCode !== undefined && record.errorCode !== null && !DENIED.test(record.errorCode);
    if (hasFailed) continue;
    if (record.eventSource === "kms.amazonaws.com" && record.eventName === "Decrypt") {
      const call = keyCallOf(record);
      if (call !== undefined) keyCalls.push(call);
      continue;
    }
    const isWrite = WRITES.has(record.eventName);
    if (record.eventSource !== "dynamodb.amazonaws.com" || !(isWrite || READS.has(record.eventName))) continue;
    const { touches, isOfTable } = touchesOf(record, dataTable);
    if (isOfTable) calls.push({ ...baseOf(record), isWrite, touches });
  }
  return { calls, keyCalls };
}
