import type { AttributeValue, _Record } from "@aws-sdk/client-dynamodb-streams";

/** A stream record as the event of a Lambda function holds it. Source: Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB". */
export interface StreamEventRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly dynamodb: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Image;
    readonly NewImage?: Image;
    readonly OldImage?: Image;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

type Image = Readonly<Record<string, unknown>>;

/** Binary values become base64 text, as in every JSON event. */
function plain(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(plain) };
  if (value.M !== undefined) return { M: image(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const image = (attributes: Record<string, AttributeValue>): Image =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)]));

/** Throws when the stream gives a record without a sequence number: it could not be checkpointed. */
export function toEventRecord(record: _Record, streamArn: string): StreamEventRecord {
  const change = record.dynamodb;
  if (change?.SequenceNumber === undefined) throw new Error("a stream record has no sequence number");
  const { PrincipalId, Type } = record.userIdentity ?? {};
  return {
    eventID: record.eventID ?? "",
    eventName: record.eventName ?? "",
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: record.awsRegion ?? "",
    ...(PrincipalId === undefined || Type === undefined
      ? {}
      : { userIdentity: { type: Type, principalId: PrincipalId } }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((change.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      Keys: image(change.Keys ?? {}),
      ...(change.NewImage === undefined ? {} : { NewImage: image(change.NewImage) }),
      ...(change.OldImage === undefined ? {} : { OldImage: image(change.OldImage) }),
      SequenceNumber: change.SequenceNumber,
      SizeBytes: change.SizeBytes ?? 0,
      StreamViewType: change.StreamViewType ?? "",
    },
    eventSourceARN: streamArn,
  };
}
