import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { postSigned } from "../fixtures/aws-json.ts";
import { probe } from "./deviations.ts";
import { isPeer, target, type Target } from "./target.ts";

let place: Target;
beforeAll(async () => {
  place = await target();
});
afterAll(() => place.close());

const filter = (input: object) =>
  postSigned({
    endpoint: place.endpoint,
    service: "logs",
    target: "Logs_20140328.FilterLogEvents",
    key: place.credentials,
    nowMs: Date.now(),
    input,
  });

describe("CloudWatch Logs: FilterLogEvents", () => {
  probe("logs-missing-group", "a group that is not there is ResourceNotFoundException", async () => {
    const answer = await filter({ logGroupName: `/conformance/${randomBytes(6).toString("hex")}` });
    expect(answer.status).toBe(400);
    expect(String(answer["__type"])).toMatch(/ResourceNotFoundException$/);
  });

  probe("logs-limit", "a limit over 10,000 is InvalidParameterException", async () => {
    const answer = await filter({ logGroupName: "/conformance/limit", limit: 10_001 });
    expect(String(answer["__type"])).toMatch(/InvalidParameterException$/);
  });

  // Groups are made by the plan here, and by another call of CloudWatch elsewhere.
  if (isPeer) return;
  probe("logs-time-range", "both ends of the time range are inclusive", async () => {
    const group = "/conformance/range";
    place.cloud?.logs.putGroup({ name: group });
    place.cloud?.logs.append(group, "s", "one");
    const all = (await filter({ logGroupName: group })) as unknown as { events: { timestamp: number }[] };
    const at = all.events[0]?.timestamp ?? 0;
    const messages = async (startTime: number, endTime: number) =>
      ((await filter({ logGroupName: group, startTime, endTime }))["events"] as unknown[]).length;
    expect([await messages(at, at), await messages(at + 1, at + 2), await messages(at - 2, at - 1)]).toEqual([1, 0, 0]);
  });
});
