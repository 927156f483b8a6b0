import { ANY_TENANT, KEYLESS_TABLE_ACTIONS, KEY_ESCAPE_ACTIONS, leadingKeys, TAMPER_ACTIONS } from "./clauses.ts";
import type { Statement } from "./document.ts";
import { createOnly, throughS3 } from "./archive-clauses.ts";
import {
  ARCHIVE_PREFIXES,
  deadLetterQueueArn,
  streamArns,
  tableArn,
  type KeyArns,
  type WitnessedSite,
} from "./names.ts";

/** What the functions behind the streams may do: each its one work, for all tenants, and so without their content. */

const EVERY_STREAM_ACTION = /Stream|GetRecords|GetShard/;
/** For a function that reads a stream: all but the reading of streams. */
const KEYLESS_BUT_STREAMS = KEYLESS_TABLE_ACTIONS.filter((action) => !EVERY_STREAM_ACTION.test(action));

const readStream = (site: WitnessedSite, table: "data" | "outbox"): readonly Statement[] => [
  {
    Sid: "ReadStream",
    Effect: "Allow",
    Action: ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
    Resource: streamArns(site, table),
  },
  // ListStreams takes no resource: Service Authorization Reference, Amazon DynamoDB.
  { Sid: "ListStreams", Effect: "Allow", Action: "dynamodb:ListStreams", Resource: "*" },
];

const putFailures = (site: WitnessedSite): Statement => ({
  Sid: "PutFailures",
  Effect: "Allow",
  Action: "sqs:SendMessage",
  Resource: deadLetterQueueArn(site),
});

/** The archive writer serves all tenants, so it is blind: it creates objects, and reads and decrypts nothing. */
export const archiveStatements = (site: WitnessedSite, keys: KeyArns): readonly Statement[] => [
  ...readStream(site, "outbox"),
  createOnly(site, ARCHIVE_PREFIXES.events),
  {
    Sid: "EncryptArchive",
    Effect: "Allow",
    Action: "kms:GenerateDataKey",
    Resource: keys.audit,
    ...throughS3(site),
  },
  putFailures(site),
  {
    Sid: "DenyReadAndTamper",
    Effect: "Deny",
    Action: [
      "dynamodb:*Item",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:PartiQL*",
      "s3:GetObject*",
      "s3:ListBucket*",
      "kms:Decrypt",
      ...TAMPER_ACTIONS,
      ...KEY_ESCAPE_ACTIONS,
      "sts:AssumeRole",
    ],
    Resource: "*",
  },
];

/**
 * The index writes who did what to whom into the trail, for all tenants: it puts rows and reads none of them back, opens
 * no sealed detail and reaches no chart.
 */
export const indexStatements = (site: WitnessedSite): readonly Statement[] => [
  ...readStream(site, "outbox"),
  {
    Sid: "WriteTrail",
    Effect: "Allow",
    Action: "dynamodb:PutItem",
    Resource: tableArn(site, "trail"),
    Condition: {
      ...leadingKeys([`T#${ANY_TENANT}#A#*`]),
      StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
    },
  },
  putFailures(site),
  {
    Sid: "DenyTheRest",
    Effect: "Deny",
    Action: [
      "dynamodb:GetItem",
      "dynamodb:BatchGetItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:UpdateItem",
      "dynamodb:Query",
      ...KEYLESS_BUT_STREAMS,
      "s3:*",
      "kms:*",
      "sts:AssumeRole",
    ],
    Resource: "*",
  },
];

/** Plain attributes that the cross-check compares; the sealed ones it cannot even ask for. */
export const CROSS_CHECK_ATTRIBUTES = ["pk", "sk", "_aud", "_ver", "_tx"] as const;

/**
 * The cross-check asks whether each changed row has its event. It sees keys and plain attributes only: the projection is
 * forced, because without one dynamodb:Attributes is absent and would hold (IAM, DynamoDB fine-grained access control).
 */
export const crossCheckStatements = (site: WitnessedSite): readonly Statement[] => {
  const someRow = leadingKeys([`T#${ANY_TENANT}#*`]);
  return [
    ...readStream(site, "data"),
    {
      Sid: "ReadPlainAttributes",
      Effect: "Allow",
      Action: "dynamodb:GetItem",
      Resource: [tableArn(site, "data"), tableArn(site, "outbox")],
      Condition: {
        ...someRow,
        Null: { ...someRow["Null"], "dynamodb:Attributes": "false" },
        "ForAllValues:StringEquals": { "dynamodb:Attributes": CROSS_CHECK_ATTRIBUTES },
        StringEquals: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
      },
    },
    putFailures(site),
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        ...KEYLESS_BUT_STREAMS,
        "s3:*",
        "kms:*",
        "sts:AssumeRole",
      ],
      Resource: "*",
    },
  ];
};
