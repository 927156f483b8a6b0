import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { CreateTableInput, DynamoDb } from "../dynamodb/index.ts";
import { policyDocument } from "./resources.ts";
import type { Resources } from "./resources.ts";

const table = z.strictObject({
  name: z.string(),
  billingMode: z.literal("PAY_PER_REQUEST"),
  hashKey: z.string(),
  rangeKey: z.string().optional(),
  attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
  globalSecondaryIndexes: z
    .array(
      z.strictObject({
        name: z.string(),
        hashKey: z.string(),
        rangeKey: z.string().optional(),
        projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
        nonKeyAttributes: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  streamEnabled: z.boolean().default(false),
  streamViewType: z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]).optional(),
  ttl: z.strictObject({ attributeName: z.string(), enabled: z.boolean() }).optional(),
  pointInTimeRecovery: z.strictObject({ enabled: z.boolean(), recoveryPeriodInDays: z.int().optional() }).optional(),
  deletionProtectionEnabled: z.boolean().default(false),
  /** Rows lie in the data folder, which only its owner reads; what is PHI in them is sealed. */
  serverSideEncryption: z.looseObject({ enabled: z.boolean() }).optional(),
  tableClass: z.literal("STANDARD").optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const resourcePolicy = z.strictObject({
  resourceArn: z.string(),
  policy: policyDocument,
  confirmRemoveSelfResourceAccess: z.boolean().optional(),
});

type PlannedTable = z.output<typeof table>;

export interface ProvisionedTables {
  readonly names: readonly string[];
  /** By table name, of those that have a stream. */
  readonly streamArns: ReadonlyMap<string, string>;
}

/**
 * Makes every table with its stream, TTL, recovery and resource policy. Items stay.
 * @throws Error for a policy on a table that the plan does not hold, and for a table that is there with other keys,
 * indexes or another stream than the plan has: AWS would replace it, and its items with it.
 */
export async function provisionTables(resources: Resources, dynamodb: DynamoDb): Promise<ProvisionedTables> {
  const policies = resources.take("aws:dynamodb/resourcePolicy:ResourcePolicy", resourcePolicy);
  const tables = resources.take("aws:dynamodb/table:Table", table);
  const lost = policies.find((policy) => !tables.some((one) => one.state["arn"] === policy.inputs.resourceArn));
  if (lost !== undefined) throw new Error(`the plan's ${lost.name} is on a table that the plan does not hold`);
  const streamArns = new Map<string, string>();
  for (const { inputs, state } of tables) {
    const { name } = inputs;
    if (dynamodb.findTable(name) === undefined) dynamodb.createTable(creation(inputs, state["streamLabel"]));
    else await requireSameShape(inputs, dynamodb);
    await setTimeToLive(inputs, dynamodb);
    dynamodb.setPointInTimeRecovery(name, inputs.pointInTimeRecovery?.enabled === true);
    const policy = policies.find((one) => one.inputs.resourceArn === state["arn"])?.inputs.policy;
    if (policy !== undefined) dynamodb.putResourcePolicy(name, policy as PolicyDocument);
    const streamArn = dynamodb.findTable(name)?.streamArn;
    if (streamArn !== undefined) streamArns.set(name, streamArn);
  }
  return { names: tables.map((one) => one.inputs.name), streamArns };
}

const keySchema = (hash: string, range: string | undefined) => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" }]),
];

/** What CreateTable takes, of what cannot be changed in place. */
function shape(inputs: PlannedTable) {
  return {
    KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
    GlobalSecondaryIndexes: inputs.globalSecondaryIndexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index.hashKey, index.rangeKey),
      Projection: {
        ProjectionType: index.projectionType,
        ...(index.nonKeyAttributes === undefined ? {} : { NonKeyAttributes: index.nonKeyAttributes }),
      },
    })),
    StreamSpecification: inputs.streamEnabled
      ? { StreamEnabled: true, StreamViewType: inputs.streamViewType }
      : { StreamEnabled: false },
  };
}

/** With the plan's own stream label, so that the stream's ARN is the one that policies and mappings name. */
function creation(inputs: PlannedTable, streamLabel: unknown): CreateTableInput {
  const { GlobalSecondaryIndexes, StreamSpecification, KeySchema } = shape(inputs);
  return {
    TableName: inputs.name,
    BillingMode: inputs.billingMode,
    AttributeDefinitions: inputs.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
    KeySchema,
    StreamSpecification,
    ...(GlobalSecondaryIndexes.length === 0 ? {} : { GlobalSecondaryIndexes }),
    ...(inputs.streamEnabled && typeof streamLabel === "string" ? { StreamLabel: streamLabel } : {}),
  };
}

const description = z.looseObject({
  Table: z.looseObject({
    KeySchema: z.array(z.unknown()),
    GlobalSecondaryIndexes: z
      .array(z.looseObject({ IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() }))
      .default([]),
    StreamSpecification: z.looseObject({}).optional(),
  }),
});

async function requireSameShape(inputs: PlannedTable, dynamodb: DynamoDb): Promise<void> {
  const { Table } = description.parse(
    await dynamodb.invoke("DynamoDB_20120810.DescribeTable", { TableName: inputs.name }),
  );
  const found = {
    KeySchema: Table.KeySchema,
    GlobalSecondaryIndexes: Table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
    StreamSpecification: Table.StreamSpecification ?? { StreamEnabled: false },
  };
  if (!isDeepStrictEqual(found, shape(inputs))) {
    throw new Error(`table ${inputs.name} is there with other keys, indexes or another stream than the plan has`);
  }
}

const timeToLive = z.looseObject({ TimeToLiveDescription: z.looseObject({ AttributeName: z.string().optional() }) });

/** Only where it changes: setting it looks at every item. */
async function setTimeToLive({ name, ttl }: PlannedTable, dynamodb: DynamoDb): Promise<void> {
  const wanted = ttl?.enabled === true ? ttl.attributeName : undefined;
  const answer = await dynamodb.invoke("DynamoDB_20120810.DescribeTimeToLive", { TableName: name });
  if (timeToLive.parse(answer).TimeToLiveDescription.AttributeName !== wanted) dynamodb.setTimeToLive(name, wanted);
}
