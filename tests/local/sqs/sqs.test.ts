import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { createCloud, createVirtualClock, type Cloud, type VirtualClock } from "../../../scripts/local/front/index.ts";

/** Until the server has what a call sent: a busy machine takes its time. */
const WAIT = { timeout: 30_000, interval: 5 };

let folder: string;
let clock: VirtualClock;
let cloud: Cloud;
let sqs: SQSClient;

async function start(): Promise<void> {
  cloud = await createCloud({ folder, clock });
  sqs = clientOf(cloud.rootCredentials);
}
const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string }): SQSClient =>
  new SQSClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials,
    maxAttempts: 2,
    systemClockOffset: clock.now() - Date.now(),
  });
const url = (name = "letters"): string => `${cloud.endpoint}/111122223333/${name}`;
const send = (MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody, ...more }));
const receive = async (more: object = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url(), MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = async (more: object = {}) => (await receive(more)).map((message) => message.Body);
const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "none",
    (error: Error) => error.name,
  );

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "keyward-sqs-"));
  clock = createVirtualClock();
  await start();
  cloud.sqs.createQueue({ name: "dead" });
  cloud.sqs.createQueue({
    name: "letters",
    visibilityTimeoutSeconds: 30,
    redrive: { deadLetterTargetArn: "arn:aws:sqs:us-east-1:111122223333:dead", maxReceiveCount: 2 },
  });
});
afterEach(async () => {
  sqs.destroy();
  await cloud.close();
  await clock.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("messages", () => {
  it("come once, stay hidden for the visibility timeout, come again, and go when deleted", async () => {
    await send("one");
    expect(await bodies()).toEqual(["one"]);
    expect(await bodies()).toEqual([]);
    await clock.advance(30_000);
    const [message] = await receive({ MessageSystemAttributeNames: ["All"] });
    expect(message?.Attributes?.["ApproximateReceiveCount"]).toBe("2");
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url(), ReceiptHandle: message?.ReceiptHandle }));
    await clock.advance(30_000);
    expect(await bodies()).toEqual([]);
  });

  it("are there after a restart once their send was answered", async () => {
    await send("kept", {
      MessageAttributes: {
        kind: { DataType: "String", StringValue: "x" },
        raw: { DataType: "Binary", BinaryValue: Buffer.from([1, 2]) },
      },
    });
    sqs.destroy();
    await cloud.close();
    await start();
    const [message] = await receive({ MessageAttributeNames: ["All"] });
    expect(message?.Body).toBe("kept");
    expect(message?.MessageAttributes?.["kind"]?.StringValue).toBe("x");
    expect(Buffer.from(message?.MessageAttributes?.["raw"]?.BinaryValue ?? [])).toEqual(Buffer.from([1, 2]));
  });

  it("move to the dead-letter queue after the last reception", async () => {
    await send("poison");
    for (let count = 0; count < 2; count += 1) {
      expect(await bodies()).toEqual(["poison"]);
      await clock.advance(30_000);
    }
    expect(await bodies()).toEqual([]);
    expect(await bodies({ QueueUrl: url("dead") })).toEqual(["poison"]);
  });

  it("wait for their delay, and are gone after the retention", async () => {
    await send("late", { DelaySeconds: 60 });
    expect(await bodies()).toEqual([]);
    await clock.advance(60_000);
    expect(await bodies({ VisibilityTimeout: 0 })).toEqual(["late"]);
    await clock.advance(4 * 86_400_000);
    expect(await bodies()).toEqual([]);
  });

  it("an old receipt handle deletes nothing", async () => {
    await send("one");
    const [first] = await receive();
    await clock.advance(30_000);
    await receive({ VisibilityTimeout: 0 });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url(), ReceiptHandle: first?.ReceiptHandle }));
    expect(await countOf("ApproximateNumberOfMessages")).toBe("1");
  });

  it("are sent ten at a time, the bad ones told by their id", async () => {
    const Entries = [
      { Id: "a", MessageBody: "one" },
      { Id: "b", MessageBody: "\u0000" },
      { Id: "c", MessageBody: "two", DelaySeconds: 5 },
    ];
    const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url(), Entries }));
    expect(Successful?.map((entry) => entry.Id)).toEqual(["a", "c"]);
    expect(Failed).toMatchObject([{ Id: "b", Code: "InvalidMessageContents", SenderFault: true }]);
    const twice = [
      { Id: "a", MessageBody: "one" },
      { Id: "a", MessageBody: "two" },
    ];
    expect(await nameOf(sqs.send(new SendMessageBatchCommand({ QueueUrl: url(), Entries: twice })))).toBe(
      "BatchEntryIdsNotDistinct",
    );
  });

  it("end a long poll when they arrive; the poll ends by itself by the cloud's clock", async () => {
    const timers = vi.spyOn(clock, "at");
    const waiting = bodies({ WaitTimeSeconds: 20 });
    await vi.waitFor(() => expect(timers).toHaveBeenCalledTimes(1), WAIT);
    await send("woke");
    expect(await waiting).toEqual(["woke"]);
    const empty = bodies({ WaitTimeSeconds: 20 });
    await vi.waitFor(() => expect(timers).toHaveBeenCalledTimes(2), WAIT);
    await clock.advance(20_000);
    expect(await empty).toEqual([]);
  });

  it("a long poll does not hold up the end of the cloud", async () => {
    const timers = vi.spyOn(clock, "at");
    const waiting = nameOf(bodies({ WaitTimeSeconds: 20 }));
    await vi.waitFor(() => expect(timers).toHaveBeenCalledTimes(1), WAIT);
    await cloud.close();
    expect(await waiting).toBe("none");
    await start();
  });
});

const countOf = async (
  name: "ApproximateNumberOfMessages" | "ApproximateNumberOfMessagesNotVisible" | "ApproximateNumberOfMessagesDelayed",
) => (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: [name] }))).Attributes?.[name];

describe("queues", () => {
  it("count what is visible, in flight and delayed, and are purged", async () => {
    await send("a");
    await receive();
    await send("b");
    await send("c", { DelaySeconds: 60 });
    expect([
      await countOf("ApproximateNumberOfMessages"),
      await countOf("ApproximateNumberOfMessagesNotVisible"),
      await countOf("ApproximateNumberOfMessagesDelayed"),
    ]).toEqual(["1", "1", "1"]);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url() }));
    await clock.advance(60_000);
    expect(await countOf("ApproximateNumberOfMessages")).toBe("0");
  });

  it("are found by name, and named by ARN", async () => {
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "letters" }))).QueueUrl).toBe(url());
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: ["QueueArn", "RedrivePolicy"] }),
    );
    expect(Attributes?.["QueueArn"]).toBe("arn:aws:sqs:us-east-1:111122223333:letters");
    expect(JSON.parse(Attributes?.["RedrivePolicy"] ?? "")).toMatchObject({ maxReceiveCount: 2 });
  });

  it.each([
    ["an unknown queue", () => send("x", { QueueUrl: url("nowhere") }), "QueueDoesNotExist"],
    [
      "another account's queue",
      () => send("x", { QueueUrl: url().replace("111122223333", "999999999999") }),
      "QueueDoesNotExist",
    ],
    ["a body that is empty", () => send(""), "MissingParameter"],
    ["a body with a control character", () => send("\u0001"), "InvalidMessageContents"],
    ["a body of more than 1 MiB", () => send("x".repeat(1_048_577)), "InvalidParameterValue"],
    ["eleven messages at a time", () => receive({ MaxNumberOfMessages: 11 }), "InvalidParameterValue"],
    [
      "a receipt handle that is none",
      () => sqs.send(new DeleteMessageCommand({ QueueUrl: url(), ReceiptHandle: "x" })),
      "ReceiptHandleIsInvalid",
    ],
    ["an operation that is not built", () => sqs.send(new DeleteQueueCommand({ QueueUrl: url() })), "NotImplemented"],
  ])("refuse %s", async (_, act, name) => {
    expect(await nameOf(act())).toBe(name);
  });

  it("obey IAM: a caller may do what is allowed on this queue, and hears of no other", async () => {
    const policy: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111122223333:letters" },
      ],
    };
    cloud.iam.users.put({ name: "sender", policies: { policy } });
    const sender = clientOf(cloud.iam.users.createAccessKey("sender"));
    await sender.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: "ok" }));
    const denied = [
      sender.send(new ReceiveMessageCommand({ QueueUrl: url() })),
      sender.send(new SendMessageCommand({ QueueUrl: url("dead"), MessageBody: "no" })),
      sender.send(new SendMessageCommand({ QueueUrl: url("nowhere"), MessageBody: "no" })),
      sender.send(new GetQueueUrlCommand({ QueueName: "nowhere" })),
    ];
    expect(await Promise.all(denied.map(nameOf))).toEqual(Array(4).fill("AccessDeniedException"));
    sender.destroy();
  });
});
