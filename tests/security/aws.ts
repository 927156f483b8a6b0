import { type AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from "@aws-sdk/client-sts";
import { functionRoleArn, type FunctionName, tableName, type TableName } from "../../core/iam/index.ts";
import type { KeyedClass } from "../../core/kernel/data-class.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { SITE, type World } from "./world.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Unmodified SDK clients of one principal. */
export interface Hands {
  readonly credentials: Credentials;
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
  destroy(): void;
}

export function handsOf(world: Pick<World, "stack">, credentials: Credentials): Hands {
  const options = { region: SITE.region, endpoint: world.stack.endpoint, credentials, maxAttempts: 1 };
  const clients = {
    dynamodb: new DynamoDBClient(options),
    streams: new DynamoDBStreamsClient(options),
    kms: new KMSClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sqs: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
    sts: new STSClient(options),
  };
  return {
    ...clients,
    credentials,
    destroy() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** The account's own root user: identity policy allows everything, so that only resources can refuse it. */
export const rootHands = (world: Pick<World, "stack">): Hands => handsOf(world, world.stack.cloud.rootCredentials);

/** A function's own credentials, as Lambda puts them into its environment. */
export const functionCredentials = (world: Pick<World, "stack">, name: FunctionName): Credentials =>
  world.stack.cloud.iam.issueServiceSession(functionRoleArn(SITE, name), "lambda.amazonaws.com", "test");

export async function assumeRole(sts: STSClient, input: AssumeRoleCommandInput): Promise<Credentials> {
  const { Credentials: given } = await sts.send(new AssumeRoleCommand(input));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** `allowed`, or the name of the AWS error that the call ended with. A failure that is no AWS answer is thrown on. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "allowed";
  } catch (error) {
    if (error instanceof Error && "$metadata" in error) {
      const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
      // 501 is the embedded AWS saying that it does not know the operation: no proof of anything.
      if (httpStatusCode !== undefined && httpStatusCode !== 501) return error.name;
    }
    throw error;
  }
}

export const text = (value: string): AttributeValue => ({ S: value });

export type Item = Record<string, AttributeValue>;

/** Puts an item past IAM and table policies: what somebody would do who owns the storage under DynamoDB. */
export async function putPastIam(world: Pick<World, "stack">, table: TableName, item: Item): Promise<void> {
  const Item = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toWire(value)]));
  await world.stack.cloud.dynamodb.invoke("DynamoDB_20120810.PutItem", { TableName: tableName(SITE, table), Item });
}

/** The SDK's bytes as they stand in JSON. */
function toWire(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString("base64") };
  if (value.M !== undefined)
    return { M: Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, toWire(member)])) };
  return value.L === undefined ? value : { L: value.L.map(toWire) };
}

/** The items of a table as they are stored, past IAM. */
export function itemsOf(world: Pick<World, "stack">, table: TableName): Item[] {
  return world.stack.cloud.dynamodb
    .dumpItems(tableName(SITE, table))
    .map((item) => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromWire(value)])));
}

function fromWire(value: unknown): AttributeValue {
  const { B, M, L } = value as { readonly B?: string; readonly M?: Record<string, unknown>; readonly L?: unknown[] };
  if (B !== undefined) return { B: new Uint8Array(Buffer.from(B, "base64")) };
  if (M !== undefined)
    return { M: Object.fromEntries(Object.entries(M).map(([key, member]) => [key, fromWire(member)])) };
  return L === undefined ? (value as AttributeValue) : { L: L.map(fromWire) };
}

export interface WrappedKey {
  readonly enc: Uint8Array;
  readonly context: Readonly<Record<"tenant" | "cell" | "class" | "kver", string>>;
}

/** The wrapped data key of a tenant's class, version 1, as the platform zone minted it. */
export function wrappedKey(world: Pick<World, "stack">, tenantId: TenantId, dataClass: KeyedClass): WrappedKey {
  const pk = `T#${tenantId}#${dataClass}#K`;
  const row = itemsOf(world, "keys").find((item) => item["pk"]?.S === pk && item["sk"]?.S === "v#000001");
  const enc = row?.["enc"]?.B;
  if (enc === undefined) throw new Error(`${dataClass} of a tenant has a wrapped key`);
  return { enc, context: { tenant: tenantId, cell: SITE.cell, class: dataClass, kver: "1" } };
}
