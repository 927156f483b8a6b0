import { beforeEach, describe, expect, it, vi } from "vitest";
import { log } from "../../../functions/runtime/log.ts";
import { createOperationAudit } from "../../../functions/runtime/operation-audit.ts";
import { A, B, brokenChains, NOW, openTrails, operation, ORIGIN, trailOf, USER } from "./trails.ts";

const unavailable = { ok: false, error: { kind: "unavailable" } };

vi.mock("../../../functions/runtime/log.ts", async (original) => ({
  ...(await original<typeof import("../../../functions/runtime/log.ts")>()),
  log: vi.fn(),
}));
const logged = (): unknown[] => vi.mocked(log).mock.calls;
beforeEach(() => vi.mocked(log).mockClear());

describe("AUD-8 an event of an operation", () => {
  it("is one row of the tenant's outbox, with the facts in the clear", async () => {
    const trails = await openTrails();
    const entities = [{ type: "User", id: USER }];
    const told = { trail: trailOf(A), operation: operation({ entities }) };
    expect(await trails.audit.record(told, ORIGIN, "success")).toEqual({ ok: true, value: undefined });
    expect(trails.rows()).toEqual([
      expect.objectContaining({ pk: `T#${A}#A#2026-11-22`, ttl: NOW / 1000 + 30 * 86_400 }),
    ]);
    expect(trails.events(A)[0]?.event).toMatchObject({
      tenant: A,
      at: NOW,
      action: "C",
      interaction: "user.add",
      outcome: "success",
      actor: { user: USER, kind: "user", roles: ["platform-operator"], client: "cli", session: "s-1" },
      purpose: "HOPERAT",
      entities,
      classes: [],
      request: "request-1",
      decision: { id: "d", version: "p", rules: ["operator-tenancy"] },
    });
  });

  it("AUD-2 seals where it came from and what was given: who writes cannot read it back", async () => {
    const trails = await openTrails();
    const told = { trail: trailOf(A), operation: operation({ detail: { roles: ["nurse"] } }) };
    await trails.audit.record(told, { ...ORIGIN, query: "x=1" }, "success");
    const [found] = trails.events(A);
    if (found === undefined) throw new Error("there is an event");
    expect(trails.detailOf(A, found.event)).toEqual({
      sourceIp: "203.0.113.7",
      userAgent: "Canary/1.0",
      method: "POST",
      path: "/session/sign-in",
      query: "x=1",
      roles: ["nurse"],
    });
    for (const secret of ["203.0.113.7", "Canary", "sign-in", "nurse"]) expect(found.line).not.toContain(secret);
  });

  it("is written with a session of its own tenant, for who does it", async () => {
    const trails = await openTrails();
    await trails.audit.record({ trail: trailOf(A), operation: operation() }, ORIGIN, "success");
    expect(trails.holders()).toEqual([`${A} ${USER}`]);
  });

  it("AUD-4 continues the tenant's chain, and a missing event shows", async () => {
    const trails = await openTrails();
    for (const tenantId of [A, B, A, A])
      await trails.audit.record({ trail: trailOf(tenantId), operation: operation() }, ORIGIN, "success");
    expect(brokenChains(trails.events(A))).toEqual([]);
    expect(trails.events(A).map(({ event }) => event.writer.seq)).toEqual([1, 2, 3]);
    const [first, , third] = trails.events(A);
    expect(brokenChains([first, third].flatMap((each) => each ?? []))).toEqual([
      "event 3 of a chain does not follow 1",
    ]);
  });

  it("is told without detail where a tenant never had an audit key", async () => {
    const trails = await openTrails([]);
    expect((await trails.audit.record({ trail: trailOf(A), operation: operation() }, ORIGIN, "success")).ok).toBe(true);
    expect(trails.events(A)[0]?.event.detail).toBeUndefined();
  });

  it.each(["denied", "throttled", "unavailable"] as const)("cannot be written where the outbox is %s", async (kind) => {
    const trails = await openTrails();
    trails.tableOf(A).failNext("PutItem", { kind });
    expect(await trails.audit.record({ trail: trailOf(A), operation: operation() }, ORIGIN, "success")).toEqual(
      unavailable,
    );
    expect(trails.rows()).toEqual([]);
  });

  it("cannot be written without the audit key, where the table that holds it is away", async () => {
    const trails = await openTrails();
    trails.tableOf(A).failNext("Query", { kind: "unavailable" });
    expect(await trails.audit.record({ trail: trailOf(A), operation: operation() }, ORIGIN, "success")).toEqual(
      unavailable,
    );
    expect(trails.rows()).toEqual([]);
  });

  it("is not written into this cell for a tenant of another", async () => {
    const trails = await openTrails();
    const told = { trail: trailOf(A, { cell: "c02" }), operation: operation() };
    expect(await trails.audit.record(told, ORIGIN, "success")).toEqual(unavailable);
    expect(trails.rows()).toEqual([]);
  });

  it("fails as a value where credentials cannot be had, and says so in the log without a message", async () => {
    const openTable = (): never => {
      throw new Error("jane.doe@example.org is not welcome");
    };
    const audit = createOperationAudit({ cell: "c01", clock: { now: () => NOW }, openTable });
    expect(await audit.record({ trail: trailOf(A), operation: operation() }, ORIGIN, "success")).toEqual(unavailable);
    expect(logged()).toEqual([
      ["error", "failure", expect.objectContaining({ requestId: "request-1", error: "Error" })],
    ]);
    expect(JSON.stringify(logged())).not.toContain("jane.doe");
  });

  it("that tells of a failure and is lost raises an alarm", async () => {
    const trails = await openTrails();
    trails.tableOf(A).failNext("PutItem", { kind: "unavailable" });
    const tellings = [A, B].map((tenantId) => ({ trail: trailOf(tenantId), operation: operation() }));
    await trails.audit.recordFailures(tellings, ORIGIN);
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([[], ["user.add failure"]]);
    const lost = { failure: "audit-event-lost", tenantId: A, userId: USER, requestId: "request-1" };
    expect(logged()).toEqual([["error", "alarm", lost]]);
  });
});

describe("AUD-8 an operation", () => {
  const tellings = (...tenantIds: (typeof A)[]) =>
    tenantIds.map((tenantId) => ({ trail: trailOf(tenantId), operation: operation() }));

  it("is done after its event is there, and gives what it gave", async () => {
    const trails = await openTrails();
    const done = await trails.audit.perform(tellings(A), ORIGIN, () => Promise.resolve(trails.outcomes(A)));
    expect(done).toEqual({ ok: true, value: ["user.add success"] });
    expect(trails.outcomes(A)).toEqual(["user.add success"]);
  });

  it("is not done where its event cannot be written", async () => {
    const trails = await openTrails();
    trails.tableOf(A).failNext("PutItem", { kind: "unavailable" });
    const act = vi.fn(() => Promise.resolve());
    expect(await trails.audit.perform(tellings(A), ORIGIN, act)).toEqual(unavailable);
    expect(act).not.toHaveBeenCalled();
  });

  it("leaves a second event where it fails, in the same chain, and fails on", async () => {
    const trails = await openTrails();
    const failing = trails.audit.perform(tellings(A), ORIGIN, () => Promise.reject(new Error("taken")));
    await expect(failing).rejects.toThrow("taken");
    expect(trails.outcomes(A)).toEqual(["user.add success", "user.add failure"]);
    expect(brokenChains(trails.events(A))).toEqual([]);
  });

  it("that is told in two trails is not done where one cannot be written, and the other hears that it failed", async () => {
    const trails = await openTrails();
    trails.tableOf(B).failNext("PutItem", { kind: "denied" });
    const act = vi.fn(() => Promise.resolve());
    expect(await trails.audit.perform(tellings(A, B), ORIGIN, act)).toEqual(unavailable);
    expect(act).not.toHaveBeenCalled();
    expect([trails.outcomes(A), trails.outcomes(B)]).toEqual([["user.add success", "user.add failure"], []]);
  });
});
