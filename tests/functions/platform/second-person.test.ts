import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_PRIVACY, routes } from "../../../core/contract/index.ts";
import type { Stage } from "../../../core/iam/index.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { approvalKey } from "../../../core/tenant/index.ts";
import type { Exchange } from "../../../functions/http/exchange.ts";
import { HttpFailure } from "../../../functions/http/failure.ts";
import { createSecondPerson } from "../../../functions/platform/second-person.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";
import { B, NOW, USER } from "../runtime/trails.ts";

const OTHER = "01hxyzabcd0123456789abcdey" as UserId;
const HOUR_MS = 3_600_000;

interface Asked {
  readonly by?: UserId;
  readonly route?: "createTenant" | "addClient" | "addUser";
  readonly body?: string;
  readonly approval?: string;
}

const exchangeOf = ({ by = USER, route = "createTenant", body = '{"name":"One"}', approval }: Asked): Exchange => {
  const definition = routes[route];
  const http = { method: definition.method, sourceIp: "203.0.113.7" };
  const event = { rawPath: definition.path, requestContext: { requestId: "r", http } };
  return {
    route,
    definition,
    event: event as unknown as APIGatewayProxyEventV2,
    rawBody: body,
    headers: approval === undefined ? {} : { "x-approval": approval },
    identity: {
      principal: {
        kind: "client",
        userId: by,
        tenantId: B,
        roles: ["platform-operator"],
        assurance: "client",
        sessionId: "s",
        clientId: by,
      },
      tenantEpoch: 0,
      cell: "c01",
      privacy: DEFAULT_PRIVACY,
      shown: "oauth",
    },
  } as unknown as Exchange;
};

let nowMs = NOW;
let registry = memoryRegistry();
beforeEach(() => {
  nowMs = NOW;
  registry = memoryRegistry();
});
const at = (stage: Stage) => createSecondPerson(registry, { now: () => nowMs }, stage);

async function request(asked: Asked = {}): Promise<string> {
  const approval = await at("production").approve(exchangeOf(asked));
  if (approval.kind !== "requested") throw new Error("one operator alone is not enough");
  await approval.store();
  return approval.view.approval;
}
const refusal = async (asked: Asked): Promise<unknown> => {
  try {
    return await at("production").approve(exchangeOf(asked));
  } catch (error) {
    return error instanceof HttpFailure ? error.failure : error;
  }
};
const UNKNOWN = { kind: "business-rule", rule: "approval-unknown" };

describe("AUD-8 the second person of a platform act", () => {
  it.each([
    ["dev", "createTenant"],
    ["staging", "addClient"],
    ["production", "addUser"],
  ] as const)("is not asked for on %s by %s, and who asks approves", async (stage, route) => {
    const approval = await at(stage).approve(exchangeOf({ route }));
    expect(approval).toEqual({ kind: "approved", approverId: USER });
  });

  it.each(["createTenant", "addClient"] as const)("on production %s waits until another says so", async (route) => {
    const id = await request({ route });
    expect(await refusal({ route, by: OTHER, approval: id })).toEqual({
      kind: "approved",
      approverId: OTHER,
      approvalId: id,
    });
  });

  it("is somebody else, and refuses oneself without using the request up", async () => {
    const id = await request();
    expect(await refusal({ approval: id })).toEqual({ kind: "forbidden", rule: "approval-self" });
    expect(await refusal({ by: OTHER, approval: id })).toMatchObject({ kind: "approved" });
  });

  it.each<[string, Partial<Asked>]>([
    ["other bytes", { body: '{"name": "One"}' }],
    ["another act", { route: "addClient" }],
    ["an id of nothing", { approval: "01hxyzabcd0123456789abcdew" }],
    ["no id", { approval: "x" }],
  ])("approves what was asked for and not %s", async (_title, change) => {
    const id = await request();
    expect(await refusal({ by: OTHER, approval: id, ...change })).toEqual(UNKNOWN);
  });

  it("says so once", async () => {
    const id = await request();
    const both = await Promise.all([refusal({ by: OTHER, approval: id }), refusal({ by: OTHER, approval: id })]);
    expect(both).toContainEqual(UNKNOWN);
    expect(both).toContainEqual({ kind: "approved", approverId: OTHER, approvalId: id });
    expect(await refusal({ by: OTHER, approval: id })).toEqual(UNKNOWN);
  });

  it("answers within eight hours", async () => {
    const id = await request();
    nowMs += 8 * HOUR_MS;
    expect(await refusal({ by: OTHER, approval: id })).toEqual(UNKNOWN);
    const [row] = [await registry.get(approvalKey(id))];
    expect(row?.["status"]).toBe("open");
  });
});
