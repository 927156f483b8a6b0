import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { ownPlainReader, type PlainReader } from "../runtime/plain-reader.ts";

/** The milliseconds in a sortable id: its first ten characters. */
function decodeTime(id: string): number {
  const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  // 26 characters of five bits hold 130: the first 50 bits are two zero bits and the 48 of the time.
  return Array.from(id.slice(0, 10)).reduce((total, letter) => total * 32 + alphabet.indexOf(letter), 0);
}

/** `no-record`: a row of class I, which holds hashes and references and nothing of a patient. */
export type CrossCheck = "audited" | "unaudited" | "gone" | "no-record";

/** Whether the change of one data row has its audit event. */
export async function crossCheck(record: DynamoDBRecord, reader: PlainReader): Promise<CrossCheck> {
  const pk = record.dynamodb?.Keys?.["pk"]?.S ?? "";
  const sk = record.dynamodb?.Keys?.["sk"]?.S ?? "";
  const tenant = /^T#([0-9a-z]{26})#/.exec(pk)?.[1];
  // No role deletes a data row: a removal is somebody who went past every role.
  if (tenant === undefined || record.eventName === "REMOVE") return "unaudited";
  if (pk.startsWith(`T#${tenant}#I#`)) return "no-record";
  const row = await reader.data(pk, sk);
  if (row === undefined) return "gone";
  const { auditEventId } = row;
  if (auditEventId === undefined || !/^[0-9a-z]{26}$/.test(auditEventId)) return "unaudited";
  // An event lies under the UTC day of its own id.
  const day = new Date(decodeTime(auditEventId)).toISOString().slice(0, 10);
  return (await reader.hasEvent(`T#${tenant}#A#${day}`, auditEventId)) ? "audited" : "unaudited";
}

let reader: PlainReader | undefined;

/** Every change of the data table is asked for its event; one without raises UNAUDITED_WRITE. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const config = readConfig(["AWS_REGION", "DATA_TABLE", "OUTBOX_TABLE"]);
  reader ??= ownPlainReader(config.AWS_REGION, config.DATA_TABLE, config.OUTBOX_TABLE);
  let unaudited = 0;
  for (const record of event.Records) {
    try {
      if ((await crossCheck(record, reader)) !== "unaudited") continue;
      unaudited += 1;
      const tenantId = /^T#([0-9a-z]{26})#/.exec(record.dynamodb?.Keys?.["pk"]?.S ?? "")?.[1];
      log("error", "alarm", { failure: "UNAUDITED_WRITE", ...(tenantId === undefined ? {} : { tenantId }) });
    } catch (error) {
      log("error", "failure", { failure: "cross-check", ...describeError(error) });
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
    }
  }
  log("info", "cross-checked", { count: event.Records.length - unaudited });
  return { batchItemFailures: [] };
}
