import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import { createCloud, createVirtualClock, type Cloud, type VirtualClock } from "../../../scripts/local/front/index.ts";
import type { AccessKey } from "../../../scripts/local/iam/index.ts";
import { postSigned } from "../../fixtures/aws-json.ts";

const GROUP = "/aws/lambda/keyward-dev-fhir";
const GROUP_ARN = `arn:aws:logs:us-east-1:111122223333:log-group:${GROUP}:*`;
const START_MS = Date.parse("2026-11-22T08:20:00Z");

let clock: VirtualClock;
let cloud: Cloud;
let reader: AccessKey;

interface Answer {
  readonly status: number;
  readonly __type?: string;
  readonly events?: readonly { readonly message: string; readonly timestamp: number; readonly logStreamName: string }[];
  readonly nextToken?: string;
}
const filter = (input: object, key = reader): Promise<Answer> =>
  postSigned({
    endpoint: cloud.endpoint,
    service: "logs",
    target: "Logs_20140328.FilterLogEvents",
    key,
    nowMs: clock.now(),
    input,
  }) as Promise<Answer>;
const messages = ({ events = [] }: Answer): readonly string[] => events.map(({ message }) => message);

const may = (action: string, resource: string): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: resource }],
});

beforeEach(async () => {
  clock = createVirtualClock({ startMs: START_MS });
  cloud = await createCloud({ clock });
  cloud.logs.putGroup({ name: GROUP });
  cloud.iam.users.put({ name: "reader", policies: { read: may("logs:FilterLogEvents", GROUP_ARN) } });
  reader = cloud.iam.users.createAccessKey("reader");
});
afterEach(async () => {
  await cloud.close();
  await clock.close();
});

describe("FilterLogEvents", () => {
  it("gives the events of all streams, by time, between two times inclusive", async () => {
    for (const [stream, message] of [
      ["a", "one"],
      ["b", "two"],
      ["a", "three"],
      ["b", "four"],
    ] as const) {
      cloud.logs.append(GROUP, stream, message);
      await clock.advance(1000);
    }
    const all = await filter({ logGroupName: GROUP });
    expect(all.events).toMatchObject([
      { message: "one", timestamp: START_MS, logStreamName: "a" },
      { message: "two", timestamp: START_MS + 1000, logStreamName: "b" },
      { message: "three", timestamp: START_MS + 2000, logStreamName: "a" },
      { message: "four", timestamp: START_MS + 3000, logStreamName: "b" },
    ]);
    expect(all.nextToken).toBeUndefined();
    const between = { logGroupName: GROUP, startTime: START_MS + 1000, endTime: START_MS + 2000 };
    expect(messages(await filter(between))).toEqual(["two", "three"]);
    expect(messages(await filter({ ...between, logStreamNames: ["a"] }))).toEqual(["three"]);
    expect(messages(await filter({ logGroupName: GROUP, filterPattern: "?one ?four" }))).toEqual(["one", "four"]);
    expect(messages(await filter({ logGroupIdentifier: GROUP_ARN }))).toHaveLength(4);
  });

  it("pages without a gap or a double, also where many events share a millisecond", async () => {
    for (let index = 0; index < 25; index += 1) cloud.logs.append(GROUP, "s", `line ${index}`);
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ logGroupName: GROUP, limit: 7, ...(nextToken === undefined ? {} : { nextToken }) });
      seen.push(...messages(page));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `line ${index}`));
  });

  it("cuts a page at a megabyte", async () => {
    for (let index = 0; index < 5; index += 1) cloud.logs.append(GROUP, "s", "x".repeat(300_000));
    const page = await filter({ logGroupName: GROUP });
    expect(page.events).toHaveLength(3);
    expect(page.nextToken).toBeDefined();
  });

  it.each<readonly [string, object]>([
    ["no group", {}],
    ["two groups", { logGroupName: GROUP, logGroupIdentifier: GROUP }],
    ["a limit of nothing", { logGroupName: GROUP, limit: 0 }],
    ["a token that is none", { logGroupName: GROUP, nextToken: "nonsense" }],
    ["streams and a prefix", { logGroupName: GROUP, logStreamNames: ["a"], logStreamNamePrefix: "a" }],
    ["seconds as text", { logGroupName: GROUP, startTime: "yesterday" }],
  ])("refuses %s", async (_title, input) => {
    expect(await filter(input)).toMatchObject({ status: 400, __type: "InvalidParameterException" });
  });

  it("AT-09 asks IAM about the group, before it tells whether there is one", async () => {
    expect(await filter({ logGroupName: `${GROUP}-2` })).toMatchObject({ __type: "AccessDeniedException" });
    cloud.iam.users.put({ name: "all", policies: { read: may("logs:FilterLogEvents", "*") } });
    const all = cloud.iam.users.createAccessKey("all");
    expect(await filter({ logGroupName: `${GROUP}-2` }, all)).toMatchObject({ __type: "ResourceNotFoundException" });
  });

  it("AUD-7 keeps the groups of another account to that account", async () => {
    cloud.logs.putGroup({ name: "/aws/lambda/witness", accountId: "444455556666" });
    cloud.logs.append("/aws/lambda/witness", "s", "secret");
    cloud.iam.users.put({ name: "all", policies: { read: may("logs:*", "*") } });
    const all = cloud.iam.users.createAccessKey("all");
    expect(await filter({ logGroupName: "/aws/lambda/witness" }, all)).toMatchObject({ status: 400 });
  });

  it("answers 501 for what is not built", async () => {
    const input = { logGroupName: GROUP, logStreamName: "s", logEvents: [] };
    const answer = await postSigned({
      endpoint: cloud.endpoint,
      service: "logs",
      target: "Logs_20140328.PutLogEvents",
      key: cloud.rootCredentials,
      nowMs: clock.now(),
      input,
    });
    expect(answer).toMatchObject({ status: 501 });
  });

  it("keeps events over a restart", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-logs-"));
    for (const count of [1, 2]) {
      const lasting = await createCloud({ folder, clock });
      lasting.logs.putGroup({ name: GROUP });
      lasting.logs.append(GROUP, "s", `start ${count}`);
      const answer = (await postSigned({
        endpoint: lasting.endpoint,
        service: "logs",
        target: "Logs_20140328.FilterLogEvents",
        key: lasting.rootCredentials,
        nowMs: clock.now(),
        input: { logGroupName: GROUP },
      })) as Answer;
      expect(messages(answer)).toHaveLength(count);
      await lasting.close();
    }
    rmSync(folder, { recursive: true });
  });
});
