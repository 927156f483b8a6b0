import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseFact, type TenantUse, type UsageRecord } from "../../../core/cost/usage.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { chargeTo, currentTally, forTenant, metered, nameRoute } from "../../../functions/runtime/meter.ts";
import { log } from "../../../functions/runtime/log.ts";
import { billedLogBytes } from "../../../functions/runtime/meter-output.ts";
import { TENANT_A, TENANT_B, valueOf } from "../../core/crypto/fixtures.ts";

/** Stands where Lambda takes what a process writes: below the meter, which is loaded after it. */
const written = vi.hoisted(() => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]): boolean => {
      const text = String(args[0]);
      if (!text.startsWith("{")) return write(...args);
      lines.push(text);
      return true;
    };
  }
  return lines;
});
const CONTEXT = { awsRequestId: "2c1f9e34-5b1c-4d0e-9a57-000000000001", memoryLimitInMB: "512" };

beforeEach(() => {
  vi.stubEnv("STAGE", "dev");
  vi.stubEnv("CELL", "c01");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  written.length = 0;
});

const usageLines = (): string[] => written.filter((line) => line.includes('"usage.v1"'));

/** The one line that was written since the last time; no line and two lines fail the test. */
function record(): UsageRecord {
  const lines = usageLines();
  written.length = 0;
  expect(lines).toHaveLength(1);
  const fact = valueOf(parseFact((lines[0] ?? "").trimEnd()));
  if (fact.kind !== "usage.v1") throw new Error("the meter writes usage records");
  return fact;
}

const run = <T>(work: () => Promise<T>): Promise<T> => metered("archive", work)(...([{}, CONTEXT] as unknown as []));
const usesOf = ({ uses }: UsageRecord): Record<string, TenantUse> =>
  Object.fromEntries(uses.map((use) => [use.tenant, use]));
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const clinic = (tenantId: TenantId, ...roles: string[]) => ({ tenantId, roles });

describe("COST-2 an invocation leaves one usage line", () => {
  it("COST-2 with Lambda's request id, where it ran and how large it was", async () => {
    expect(await run(() => Promise.resolve("answer"))).toBe("answer");
    const { uses, ...rest } = record();
    expect(rest).toMatchObject({ id: CONTEXT.awsRequestId, stage: "dev", cell: "c01", fn: "archive", route: null });
    expect(rest.memoryMb).toBe(512);
    expect(uses.map(({ tenant }) => tenant)).toEqual(["_platform"]);
  });

  it("COST-2 also where the handler throws, whose error stays what it is", async () => {
    const failure = new Error("broken");
    await expect(
      run(async () => {
        currentTally().kms += 1;
        await after(1);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(record().uses[0]).toMatchObject({ tenant: "_platform", kms: 1 });
  });

  it("COST-2 counts the bytes of every line as CloudWatch bills them, its own included", async () => {
    await run(() => {
      log("info", "archived", { count: 3 });
      log("error", "failure", { failure: "archive-write" });
      return Promise.resolve();
    });
    const total = written.reduce((sum, line) => sum + Buffer.byteLength(line.trimEnd()) + 26, 0);
    expect(written).toHaveLength(3);
    expect(record().uses[0]?.logBytes).toBe(total);
  });

  it("COST-2 counts what a library writes, by bytes and lines", () => {
    expect(billedLogBytes("one\ntwo\n")).toBe(3 + 3 + 2 * 26);
    expect(billedLogBytes("né")).toBe(3 + 26);
    expect(billedLogBytes(Buffer.from("né\n"))).toBe(3 + 26);
  });

  it("COST-2 never writes what is no id and no template: an alarm stands in its place", async () => {
    await metered("archive", () => Promise.resolve())(
      ...([{}, { ...CONTEXT, awsRequestId: "Sarah Sample" }] as unknown as []),
    );
    await run(() => Promise.resolve(nameRoute("GET /clinic/patients/01hxyzabcd0123456789abcdef")));
    expect(usageLines()).toEqual([]);
    expect(written.map((line) => (JSON.parse(line) as { failure: string }).failure)).toEqual(
      Array.from({ length: 2 }, () => "fact-unwritable"),
    );
    expect(written.join("")).not.toMatch(/Sarah|01hxyz/);
    written.length = 0;
    await run(() => Promise.resolve());
    // The alarms were written after their invocations' ends, and are counted nevertheless.
    expect(record().uses[0]?.logBytes).toBeGreaterThan(400);
  });
});

describe("COST-2 what is used is its tenant's", () => {
  it("COST-2 a request is its clinic's from its beginning, once it is known who asks", async () => {
    await run(async () => {
      currentTally().sts += 1;
      await after(1);
      nameRoute("GET /clinic/patients/{id}");
      chargeTo(clinic(TENANT_A, "physician"));
      currentTally().kms += 1;
    });
    const { route, uses } = record();
    expect(route).toBe("GET /clinic/patients/{id}");
    expect(uses).toMatchObject([{ tenant: TENANT_A, sts: 1, kms: 1 }]);
  });

  it.each([
    ["our own staff", "_platform", ["platform-operator"]],
    ["finance", "_platform", ["finance"]],
    ["a clinic's administrator", TENANT_A, ["clinic-administrator"]],
    ["somebody who is both", TENANT_A, ["finance", "physician"]],
    ["a member without a role", TENANT_A, []],
  ])("COST-2 %s is charged to %s", async (_, tenant, roles) => {
    await run(() => Promise.resolve(chargeTo(clinic(TENANT_A, ...roles))));
    expect(record().uses.map((use) => use.tenant)).toEqual([tenant]);
  });

  it("COST-2 two tenants of one batch have their own calls, log lines and time, and share nothing", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout"] });
    const one = async (tenantId: TenantId, ms: number): Promise<void> => {
      currentTally().kms += 1;
      await after(ms);
      log("info", "sealed", { tenantId });
      currentTally().reads["data"] = (currentTally().reads["data"] ?? 0) + ms;
    };
    const done = run(async () => {
      await after(30);
      await Promise.all([
        forTenant(TENANT_A, () => one(TENANT_A, 100)),
        forTenant(TENANT_B, () => one(TENANT_B, 300)),
        forTenant(TENANT_A, () => one(TENANT_A, 100)),
      ]);
      currentTally().s3Put["archive"] = 1;
      await after(20);
    });
    await vi.runAllTimersAsync();
    await done;
    const bytes = written.map((line) => billedLogBytes(line));
    const fact = record();
    const uses = usesOf(fact);
    // 100 ms were shared by both, 200 ms were B's alone, 50 ms nobody's.
    expect(uses[TENANT_A]).toMatchObject({ us: 50_000, kms: 2, reads: { data: 200 }, logBytes: (bytes[0] ?? 0) * 2 });
    expect(uses[TENANT_B]).toMatchObject({ us: 250_000, kms: 1, reads: { data: 300 }, logBytes: bytes[2] });
    expect(uses["_platform"]).toMatchObject({ us: 50_000, s3Put: { archive: 1 }, logBytes: bytes[3] });
    expect(fact.ms).toBe(350);
  });

  it("COST-2 two invocations at once do not count for each other", async () => {
    const ask = (tenantId: TenantId): Promise<void> =>
      run(async () => {
        chargeTo(clinic(tenantId));
        await after(1);
        currentTally().kms += tenantId === TENANT_A ? 1 : 2;
      });
    await Promise.all([ask(TENANT_A), ask(TENANT_B)]);
    const counted = usageLines().map((line) => {
      const { uses } = JSON.parse(line) as UsageRecord;
      return uses.map(({ tenant, kms }) => `${tenant} ${kms}`).join();
    });
    expect(new Set(counted)).toEqual(new Set([`${TENANT_A} 1`, `${TENANT_B} 2`]));
  });

  it("COST-2 an id that is none claims nothing, and a failure of one tenant leaves the next its own", async () => {
    await run(async () => {
      await forTenant("Sample, Sarah", () => Promise.resolve((currentTally().kms += 1)));
      await forTenant(undefined, () => Promise.resolve((currentTally().kms += 1)));
      const failing = forTenant(TENANT_A, () => Promise.reject(new Error("one tenant's")));
      await expect(failing).rejects.toThrow("one tenant's");
      currentTally().kms += 1;
      await forTenant(TENANT_B, () => Promise.resolve((currentTally().kms += 1)));
    });
    const uses = usesOf(record());
    expect([uses["_platform"]?.kms, uses[TENANT_A]?.kms, uses[TENANT_B]?.kms]).toEqual([3, 0, 1]);
  });

  it("COST-2 work that outlives its invocation is in the line of the next, under its own tenant", async () => {
    let outlived: Promise<unknown> = Promise.resolve();
    await run(() => {
      outlived = forTenant(TENANT_A, async () => {
        await after(5);
        currentTally().kms += 1;
      });
      return Promise.resolve();
    });
    await outlived;
    currentTally().sts += 1;
    record();
    await run(() => Promise.resolve());
    const uses = usesOf(record());
    expect([uses["_platform"]?.sts, uses[TENANT_A]?.kms]).toEqual([1, 1]);
    await run(() => Promise.resolve());
    expect(Object.keys(usesOf(record()))).toEqual(["_platform"]);
  });

  it("COST-2 more tenants than a line holds: the rest is counted as the platform's, and nothing is lost", async () => {
    const idOf = (number: number): string => `01${String(number).padStart(24, "0")}`;
    await run(async () => {
      for (let number = 0; number < 1_100; number += 1)
        await forTenant(idOf(number), () => Promise.resolve((currentTally().kms += 1)));
    });
    const { uses } = record();
    expect(uses).toHaveLength(800);
    expect(uses.reduce((sum, { kms }) => sum + kms, 0)).toBe(1_100);
    expect(uses.find(({ tenant }) => tenant === "_platform")?.kms).toBe(1_100 - 799);
  });
});
