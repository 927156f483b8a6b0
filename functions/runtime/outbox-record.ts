import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { type AuditEvent, decodeEvent } from "../../core/audit/event.ts";
import { unpackLine } from "../../core/audit/row.ts";

/** An event as a row of the outbox holds it. */
export interface StoredEvent {
  readonly event: AuditEvent;
  /** Its one text. */
  readonly line: string;
}

/** The event of a row that lies where its tenant's events lie; undefined for any other. */
export function storedEvent(pk: string, packed: Uint8Array | undefined): StoredEvent | undefined {
  const line = packed === undefined ? undefined : unpackLine(packed);
  const event = line === undefined ? undefined : decodeEvent(line);
  const isOwn = event !== undefined && pk.startsWith(`T#${event.tenant}#A#`);
  return isOwn && line !== undefined ? { event, line } : undefined;
}

type Image = Readonly<Record<string, AttributeValue>> | undefined;

/** The event of one image of a stream record. */
export function eventOfImage(record: DynamoDBRecord, image: "NewImage" | "OldImage"): StoredEvent | undefined {
  const told: Image = record.dynamodb?.[image];
  const packed = told?.["event"]?.B;
  return storedEvent(
    record.dynamodb?.Keys?.["pk"]?.S ?? "",
    packed === undefined ? undefined : Buffer.from(packed, "base64"),
  );
}

/** A REMOVE by DynamoDB's own TTL is the end of a row's 30 days; any other is tampering. */
export const isExpiry = (record: DynamoDBRecord): boolean =>
  record.eventName === "REMOVE" &&
  (record.userIdentity as { readonly principalId?: string } | undefined)?.principalId === "dynamodb.amazonaws.com";
