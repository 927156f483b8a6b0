import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../../../scripts/local/front/index.ts";
import { startStack } from "../../../scripts/local/stack.ts";
import type { Stack, StackOptions } from "../../../scripts/local/stack.ts";
import { ACCOUNT, BUCKET, QUEUE_ARN, REGION, STREAM_ARN, streamPlan } from "./stream-plan.ts";
import type { StreamPlanOptions } from "./stream-plan.ts";

const stacks: Stack[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function open(plan: StreamPlanOptions = {}, options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({ plan: streamPlan(plan), ...options });
  stacks.push(stack);
  return stack;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-stream-"));
  folders.push(folder);
  return folder;
}

const put = (stack: Stack, pk: string, more: Record<string, unknown> = {}): Promise<unknown> =>
  stack.cloud.dynamodb.invoke("DynamoDB_20120810.PutItem", {
    TableName: "test-source",
    Item: { pk: { S: pk }, ...more },
  });

const lines = (stack: Stack): readonly string[] => stack.lambda.logs("test-reader");
const seen = (stack: Stack): string[] => lines(stack).flatMap((line) => /^seen INSERT (\S+)/.exec(line)?.[1] ?? []);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function deadLetters(stack: Stack): Promise<Record<string, Record<string, unknown>>[]> {
  const sqs = new SQSClient({ endpoint: stack.endpoint, region: REGION, credentials: stack.cloud.rootCredentials });
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: `${stack.endpoint}/${ACCOUNT}/test-dlq`, MaxNumberOfMessages: 10 }),
  );
  sqs.destroy();
  return (Messages ?? []).map((message) => JSON.parse(message.Body ?? "") as Record<string, Record<string, unknown>>);
}

describe("AUD-12 a stream reaches its function", () => {
  it("in order, each record once, in batches of at most the size asked for", async () => {
    const stack = await open();
    await stack.eventSources.pause();
    const names = Array.from({ length: 25 }, (_, index) => `p${index}`);
    for (const name of names) await put(stack, name);
    stack.eventSources.resume();
    await stack.drain();
    expect(seen(stack)).toEqual(names);
    expect(lines(stack).filter((line) => line.startsWith("batch of"))).toEqual([
      "batch of 10",
      "batch of 10",
      "batch of 5",
    ]);
    expect(stack.eventSources.states()[0]).toMatchObject({
      iteratorAgeMs: 0,
      processedCount: 25,
      discardedCount: 0,
      pollError: undefined,
    });
  });

  it("woken by a write of an SDK client, without waiting for the next poll", async () => {
    const stack = await open();
    await stack.drain();
    const client = new DynamoDBClient({
      endpoint: stack.endpoint,
      region: REGION,
      credentials: stack.cloud.rootCredentials,
    });
    for (const name of ["a", "b", "c"]) {
      await client.send(new PutItemCommand({ TableName: "test-source", Item: { pk: { S: name } } }));
      // Polls are half a minute apart: none fits into this test's time without a wake-up.
      await until(() => seen(stack).includes(name));
    }
    client.destroy();
    expect(seen(stack)).toEqual(["a", "b", "c"]);
  }, 9_000);

  it("as Lambda's event, with bytes as base64", async () => {
    const stack = await open();
    await put(stack, "bytes", { bytes: { B: "AP8B" } });
    await stack.drain();
    expect(lines(stack)).toContain("seen INSERT bytes AP8B");
  });

  it("also what TTL removed, said to be DynamoDB's own doing", async () => {
    const clock = createVirtualClock({ startMs: Date.parse("2026-03-01T00:00:00Z") });
    const stack = await open({ ttl: true }, { clock });
    await put(stack, "old", { ttl: { N: String(Date.parse("2026-03-01T00:10:00Z") / 1000) } });
    await stack.drain();
    await clock.advance(3_600_000);
    expect(stack.cloud.dynamodb.runTimeToLive()).toBe(1);
    await stack.drain();
    expect(lines(stack)).toContain('seen REMOVE old {"type":"Service","principalId":"dynamodb.amazonaws.com"}');
    await clock.close();
  });

  it("only as far as its filters let through", async () => {
    const filters = [{ pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: "keep" }] } } } }) }];
    const stack = await open({ mapping: { filterCriteria: { filters } } });
    for (const name of ["drop1", "keep1", "drop2", "keep2", "drop3"]) await put(stack, name);
    await stack.drain();
    expect(seen(stack)).toEqual(["keep1", "keep2"]);
  });

  it("when its window closes, or at once when it is drained", async () => {
    const stack = await open({ mapping: { maximumBatchingWindowInSeconds: 300 } });
    await put(stack, "waits");
    await until(() => (stack.eventSources.states()[0]?.iteratorAgeMs ?? 0) > 0);
    expect(seen(stack)).toEqual([]);
    await stack.drain();
    expect(seen(stack)).toEqual(["waits"]);
  });

  it("from LATEST on, and nothing of that is skipped by a restart", async () => {
    const folder = temporaryFolder();
    const before = await open({}, { folder });
    await before.eventSources.pause();
    await put(before, "first");
    await before.close();
    const other = { mapping: { startingPosition: "LATEST" } };
    const plan = streamPlan(other);
    const fresh = {
      ...plan,
      resources: plan.resources.map((one) =>
        one.state["uuid"] === undefined ? one : { ...one, state: { uuid: "6f0c5a1e-0000-4000-8000-000000000002" } },
      ),
    };
    const first = await startStack({ plan: fresh, folder });
    await first.drain();
    await first.eventSources.pause();
    await put(first, "second");
    await first.close();
    const second = await startStack({ plan: fresh, folder });
    stacks.push(second);
    await second.drain();
    expect(seen(second)).toEqual(["second"]);
  });
});

describe("IAM decides about every poll", () => {
  it("a role that may not read the stream reads nothing, and the refusal is told", async () => {
    const stack = await open({ mayRead: false });
    await put(stack, "secret");
    await until(() => stack.eventSources.states()[0]?.pollError !== undefined);
    expect(stack.eventSources.states()[0]?.pollError).toMatch(/AccessDenied.*dynamodb:DescribeStream/);
    await expect(stack.drain(300)).rejects.toThrow(/not caught up after 300 ms: test-reader/);
    expect(lines(stack)).toEqual([]);
  });
});

describe("AW-18 faults of the stream", () => {
  it.each([1, 2, 3])("of seed %d lose nothing and change no order", async (seed) => {
    const operations = ["DescribeStream", "GetShardIterator", "GetRecords"];
    const stack = await open(
      { mapping: { batchSize: 3 } },
      {
        faults: {
          seed,
          rules: [
            { kind: "server-error", service: "dynamodb", operations, probability: 0.2 },
            { kind: "timeout-after", service: "dynamodb", operations, probability: 0.2 },
            { kind: "throttle", service: "dynamodb", operations, probability: 0.2 },
          ],
        },
      },
    );
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const name of names) await put(stack, name);
    await stack.drain();
    expect([...new Set(seen(stack))]).toEqual(names);
    expect(Object.keys(stack.cloud.faults.struck()).length).toBeGreaterThan(0);
  });
});

describe("AW-18 what a function cannot process", () => {
  it("is bisected down to the one bad record, which goes to the queue while all others go on", async () => {
    const stack = await open({
      mapping: { bisectBatchOnFunctionError: true, destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } } },
    });
    await stack.eventSources.pause();
    for (const name of ["p0", "p1", "p2", "p3", "p4", "poison", "p6", "p7"]) await put(stack, name);
    stack.eventSources.resume();
    await stack.drain();
    expect(new Set(seen(stack))).toEqual(new Set(["p0", "p1", "p2", "p3", "p4", "p6", "p7"]));
    const [letter, ...others] = await deadLetters(stack);
    expect(others).toEqual([]);
    expect(letter?.["requestContext"]).toMatchObject({
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 2,
    });
    expect(letter?.["DDBStreamBatchInfo"]).toMatchObject({ batchSize: 1, streamArn: STREAM_ARN });
    expect(JSON.stringify(letter)).not.toContain("poison");
    expect(stack.eventSources.states()[0]).toMatchObject({ discardedCount: 1, processedCount: 7 });
  });

  it("goes to a bucket with the record itself, where the destination is one", async () => {
    const stack = await open({
      mapping: { destinationConfig: { onFailure: { destinationArn: `arn:aws:s3:::${BUCKET}` } } },
    });
    await put(stack, "poison");
    await stack.drain();
    const [dumped] = [...stack.cloud.s3.dumpObjects(BUCKET)];
    expect(dumped?.key).toMatch(
      /^aws\/lambda\/6f0c5a1e-0000-4000-8000-000000000001\/shardId-[^/]+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    );
    const object = JSON.parse(String(dumped?.bytes)) as { payload: string };
    const records = (JSON.parse(object.payload) as { Records: { dynamodb: { Keys: unknown } }[] }).Records;
    expect(records.map((record) => record.dynamodb.Keys)).toEqual([{ pk: { S: "poison" } }]);
  });

  it("and reports itself is retried from there, and what came before is not processed again", async () => {
    const stack = await open({
      environment: { MODE: "report" },
      mapping: { destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } }, bisectBatchOnFunctionError: true },
    });
    await stack.eventSources.pause();
    for (const name of ["p0", "p1", "poison", "p3"]) await put(stack, name);
    stack.eventSources.resume();
    await stack.drain();
    expect(seen(stack)).toEqual(["p0", "p1", "p3"]);
    expect(await deadLetters(stack)).toHaveLength(1);
  });

  it("is kept when the role may not send it to the destination", async () => {
    const stack = await open({
      mapping: { maximumRetryAttempts: 0, destinationConfig: { onFailure: { destinationArn: `${QUEUE_ARN}-other` } } },
    });
    await put(stack, "poison");
    await until(() => (stack.eventSources.states()[0]?.failedInvocationCount ?? 0) > 1);
    expect(stack.eventSources.states()[0]).toMatchObject({ discardedCount: 0 });
    expect(stack.eventSources.states()[0]?.iteratorAgeMs).toBeGreaterThan(0);
  });

  it("is given up by its age, by the cloud's clock", async () => {
    const clock = createVirtualClock({ startMs: Date.parse("2026-03-01T00:00:00Z") });
    const stack = await open(
      {
        mapping: {
          maximumRetryAttempts: -1,
          maximumRecordAgeInSeconds: 60,
          destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } },
        },
      },
      { clock },
    );
    await put(stack, "poison");
    await until(() => (stack.eventSources.states()[0]?.failedInvocationCount ?? 0) > 0);
    await clock.advance(120_000);
    await stack.drain();
    const [letter] = await deadLetters(stack);
    expect(letter?.["requestContext"]).toMatchObject({ condition: "RecordAgeExceeded" });
    await clock.close();
  });
});

describe("AW-18 a restart", () => {
  it("after a clean end delivers nothing twice", async () => {
    const folder = temporaryFolder();
    const first = await open({}, { folder });
    await put(first, "one");
    await first.drain();
    await first.close();
    const second = await open({}, { folder });
    await put(second, "two");
    await second.drain();
    expect(seen(second)).toEqual(["two"]);
  });

  it("after SIGKILL delivers again what was in hand, and skips nothing", async () => {
    const folder = temporaryFolder();
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", fileURLToPath(new URL("./kill-child.ts", import.meta.url)), folder],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        if (chunk.toString("utf8").includes("hanging")) resolve();
      });
      child.on("exit", () => reject(new Error("the child ended by itself")));
    });
    child.removeAllListeners("exit");
    const gone = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    const log = (): string => readFileSync(path.join(folder, "logs", "test-reader.log"), "utf8");
    const before = log();
    expect(before).toContain("seen INSERT p1");
    expect(before).not.toContain("seen INSERT p3");

    const stack = await open({ mapping: { batchSize: 2 } }, { folder });
    await stack.drain();
    expect(seen(stack)).toEqual(["p2", "hang", "p3", "p4"]);
  });
});
