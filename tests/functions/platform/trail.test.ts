import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, it, vi } from "vitest";
import { DEFAULT_PRIVACY, routes } from "../../../core/contract/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import type { Identity } from "../../../functions/http/exchange.ts";
import { createPlatformTrail } from "../../../functions/platform/trail.ts";
import type { Trail } from "../../../functions/runtime/operation-audit.ts";
import { A, B, openTrails, trailOf, USER } from "../runtime/trails.ts";

vi.mock("../../../functions/runtime/log.ts", async (original) => ({
  ...(await original<typeof import("../../../functions/runtime/log.ts")>()),
  log: vi.fn(),
}));

const NOBODY = "01hxyzabcd0123456789abcdew" as TenantId;
/** A tenant of another cell. */
const ELSEWHERE = "01hxyzabcd0123456789abcdev" as TenantId;
const REGISTERED = new Map<TenantId, Trail>(
  [trailOf(A), trailOf(B), trailOf(ELSEWHERE, { cell: "c02" })].map((trail) => [trail.tenantId, trail]),
);

const identity = (role: string, scope: readonly string[] = ["platform"]): Identity => ({
  principal: {
    kind: "user",
    userId: USER,
    tenantId: B,
    roles: [role],
    assurance: "aal2",
    sessionId: "s-1",
    clientId: "keyward-cli",
  },
  tenantEpoch: 0,
  cell: "c01",
  privacy: DEFAULT_PRIVACY,
  shown: "oauth",
  claims: { scope } as unknown as NonNullable<Identity["claims"]>,
});
const operator = identity("platform-operator");

const eventFor = (tenantId: string | undefined): APIGatewayProxyEventV2 =>
  ({
    headers: { "user-agent": "test" },
    rawPath: `/platform/tenants/${tenantId ?? ""}/users`,
    rawQueryString: "",
    ...(tenantId === undefined ? {} : { pathParameters: { tenant: tenantId } }),
    requestContext: { requestId: "request-1", http: { sourceIp: "203.0.113.7", method: "POST" } },
  }) as unknown as APIGatewayProxyEventV2;

async function open() {
  const trails = await openTrails();
  const readTenant = (tenantId: TenantId) => Promise.resolve(REGISTERED.get(tenantId));
  return { trails, trail: createPlatformTrail({ cell: "c01", readTenant, audit: trails.audit }) };
}

describe("AUD-8 administration", () => {
  const exchange = () => ({ event: eventFor(A), identity: operator, definition: routes.addUser });
  const what = { interaction: "user.add", entities: [{ type: "User", id: USER }] } as const;

  it("is told in the tenant that it is done to, with policy's decision, before it is done", async () => {
    const { trails, trail } = await open();
    const seen = await trail.perform(exchange(), trailOf(A), what, () => Promise.resolve(trails.outcomes(A)));
    expect(seen).toEqual(["user.add success"]);
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([["user.add success"], []]);
    expect(trails.events(A)[0]?.event).toMatchObject({
      actor: { user: USER, roles: ["platform-operator"], client: "keyward-cli", session: "s-1" },
      decision: { rules: ["operator-tenancy"] },
      entities: what.entities,
    });
  });

  it("is not done where it cannot be told", async () => {
    const { trails, trail } = await open();
    trails.tableOf(A).failNext("PutItem", { kind: "denied" });
    const act = vi.fn(() => Promise.resolve());
    const asked = trail.perform(exchange(), trailOf(A), what, act);
    await expect(asked).rejects.toMatchObject({ failure: { kind: "unavailable" } });
    expect(act).not.toHaveBeenCalled();
  });

  it("that fails leaves two events, and its refusal no third", async () => {
    const { trails, trail } = await open();
    const asked = exchange();
    const failing = trail.perform(asked, trailOf(A), what, () => Promise.reject(new Error("taken")));
    await expect(failing).rejects.toThrow("taken");
    const refused = {
      event: asked.event,
      route: "addUser",
      identity: operator,
      failure: { kind: "duplicate" },
    } as const;
    expect(await trail.recordRefusal(refused)).toBe(true);
    expect(trails.outcomes(A)).toEqual(["user.add success", "user.add failure"]);
  });
});

describe("AUD-8 an administrative act in its stages", () => {
  const exchange = () => ({ event: eventFor(A), identity: operator, definition: routes.addUser });
  const what = { interaction: "user.add", entities: [{ type: "User", id: USER }] } as const;
  const warrant = { reason: { code: "staff-change", text: "Dr. Canary joins" }, approverId: USER } as const;
  const stages = (events: Awaited<ReturnType<typeof open>>["trails"]) =>
    events.events(A).map(({ event }) => [event.stage, event.outcome, event.reason?.code, event.approver]);

  it("is begun and approved before it is done, and its end is told", async () => {
    const { trails, trail } = await open();
    const before = await trail.administer(exchange(), trailOf(A), what, warrant, () => Promise.resolve(stages(trails)));
    expect(before).toEqual([
      ["start", "success", "staff-change", undefined],
      ["approve", "success", "staff-change", USER],
    ]);
    expect(stages(trails)).toEqual([...before, ["finish", "success", "staff-change", USER]]);
  });

  it("keeps the words of its reason sealed", async () => {
    const { trails, trail } = await open();
    await trail.administer(exchange(), trailOf(A), what, warrant, () => Promise.resolve());
    for (const { event, line } of trails.events(A)) {
      expect(line).not.toContain("Canary");
      expect(trails.detailOf(A, event)).toMatchObject({ reason: "Dr. Canary joins" });
    }
  });

  it("names the request of the other operator that it approves", async () => {
    const { trails, trail } = await open();
    const approved = { ...warrant, approvalId: NOBODY };
    await trail.administer(exchange(), trailOf(A), what, approved, () => Promise.resolve());
    for (const { event } of trails.events(A)) expect(event.entities).toContainEqual({ type: "Approval", id: NOBODY });
  });

  it.each([1, 2])("is not done where event %i of it cannot be told", async (number) => {
    const { trails, trail } = await open();
    const act = vi.fn(() => Promise.resolve());
    const table = trails.tableOf(A);
    const told = vi.spyOn(table, "put");
    let calls = 0;
    const put = told.getMockImplementation() ?? table.put.bind(table);
    told.mockImplementation((...row) => {
      calls += 1;
      return calls < number ? put(...row) : Promise.resolve({ ok: false, error: { kind: "denied" } } as const);
    });
    const asked = trail.administer(exchange(), trailOf(A), what, warrant, act);
    await expect(asked).rejects.toMatchObject({ failure: { kind: "unavailable" } });
    expect(act).not.toHaveBeenCalled();
  });

  it("that fails says so in its last event, and its refusal leaves no more", async () => {
    const { trails, trail } = await open();
    const asked = exchange();
    const failing = trail.administer(asked, trailOf(A), what, warrant, () => Promise.reject(new Error("taken")));
    await expect(failing).rejects.toThrow("taken");
    const refused = { event: asked.event, route: "addUser", identity: operator } as const;
    expect(await trail.recordRefusal({ ...refused, failure: { kind: "duplicate" } })).toBe(true);
    expect(stages(trails).map(([stage, outcome]) => `${stage} ${outcome}`)).toEqual([
      "start success",
      "approve success",
      "finish failure",
    ]);
  });
});

describe("AUD-1 a refused platform request", () => {
  it.each([
    ["of a physician", identity("physician"), "addUser", "user.add denied"],
    ["of a physician for keys", identity("physician"), "listKeys", "key.list denied"],
    ["of an operator whose token is for records", identity("platform-operator", []), "addClient", "client.add denied"],
    ["that an operator has misspelt", operator, "addUser", "user.add failure"],
  ] as const)("%s is told in the tenant that the path names", async (_title, who, route, told) => {
    const { trails, trail } = await open();
    const refused = { event: eventFor(A), route, identity: who, failure: { kind: "forbidden" } } as const;
    expect(await trail.recordRefusal(refused)).toBe(true);
    // B is the clinic of who asks: nothing was asked of it.
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([[told], []]);
  });

  it.each([
    ["no tenant", undefined, "createTenant"],
    ["no tenant, and none is listed", undefined, "listTenants"],
    ["a tenant that does not exist", NOBODY, "addUser"],
    ["what is no tenant id", "T", "addUser"],
    ["a tenant of another cell", ELSEWHERE, "addUser"],
  ] as const)("that names %s leaves no event", async (_title, tenantId, route) => {
    const { trails, trail } = await open();
    const refused = { route, identity: identity("physician"), failure: { kind: "forbidden" } } as const;
    expect(await trail.recordRefusal({ ...refused, event: eventFor(tenantId) })).toBe(true);
    expect(trails.rows()).toEqual([]);
  });

  it("waits for its event: without it the answer is another", async () => {
    const { trails, trail } = await open();
    trails.tableOf(A).failNext("PutItem", { kind: "unavailable" });
    const refused = { route: "addUser", identity: identity("physician"), failure: { kind: "forbidden" } } as const;
    expect(await trail.recordRefusal({ ...refused, event: eventFor(A) })).toBe(false);
  });
});
