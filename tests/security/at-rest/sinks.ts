import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { deadLetterQueueName, STAGES, tableName } from "../../../core/iam/index.ts";
import type { Hands } from "../aws.ts";
import { SITE, type World } from "../world.ts";
import type { Sample } from "./canary-scan.ts";

const sample = (sink: string, value: unknown): Sample => ({
  sink,
  bytes: value instanceof Uint8Array ? value : Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
});

const root = path.resolve(import.meta.dirname, "../../..");

/** What the project itself carries: the committed plan of every stage. */
export const planSamples = (): Sample[] =>
  STAGES.map((stage) => sample(`plan ${stage}`, readFileSync(path.join(root, "stacks/plan", `${stage}.json`))));

/** Every record of a stream, as a consumer gets them. */
async function streamSamples({ dynamodb, streams }: Hands, table: "data" | "outbox"): Promise<Sample[]> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName(SITE, table) }));
  const StreamArn = Table?.LatestStreamArn ?? "";
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const samples: Sample[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const type = { ShardIteratorType: "TRIM_HORIZON" } as const;
    const begun = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...type }));
    let next = begun.ShardIterator;
    while (next !== undefined) {
      const answer = await streams.send(new GetRecordsCommand({ ShardIterator: next }));
      for (const record of answer.Records ?? []) samples.push(sample(`stream ${table}`, plain(record)));
      next = (answer.Records ?? []).length === 0 ? undefined : answer.NextShardIterator;
    }
  }
  return samples;
}

/** The SDK's bytes as base64: JSON would write them as a list of numbers. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    member instanceof Uint8Array ? Buffer.from(member).toString("base64") : member,
  );

async function messageSamples({ sqs }: Hands): Promise<Sample[]> {
  const QueueName = deadLetterQueueName(SITE);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const received = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
      MessageAttributeNames: ["All"],
    }),
  );
  return (received.Messages ?? []).map((message) => sample(`queue ${QueueName}`, plain(message)));
}

/** Everything that a stage keeps, sink by sink, past all policies. */
export async function stageSamples({ stack }: World, rootHands: Hands): Promise<Sample[]> {
  const { dynamodb, s3, trail } = stack.cloud;
  const { Buckets = [] } = await rootHands.s3.send(new ListBucketsCommand({}));
  return [
    ...dynamodb.tableNames().flatMap((name) => dynamodb.dumpItems(name).map((item) => sample(`table ${name}`, item))),
    ...dynamodb.dumpJournal().map((row) => sample("journal of tables and streams", row)),
    ...(await streamSamples(rootHands, "data")),
    ...(await streamSamples(rootHands, "outbox")),
    ...Buckets.flatMap(({ Name = "" }) =>
      [...s3.dumpObjects(Name)].flatMap(({ key, headers, tags, bytes }) => [
        sample(`names and headers in ${Name}`, { key, headers, tags }),
        ...(bytes === undefined ? [] : [sample(`objects in ${Name}`, bytes)]),
      ]),
    ),
    ...[...stack.logs()].flatMap(([name, lines]) => lines.map((line) => sample(`log ${name}`, line))),
    ...trail.records({}, 100_000).map((record) => sample("trail", record)),
    ...(await messageSamples(rootHands)),
  ];
}

/** Every file of a data folder, byte for byte: databases with their logs, blobs, profiles. */
export const folderSamples = (folder: string): Sample[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => sample(`file ${path.relative(folder, file).split(path.sep)[0]}`, readFileSync(file)));
