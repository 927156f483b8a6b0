import { describe, expect, it } from "vitest";
import { formatUsd, total } from "../../../../core/cost/money.ts";
import { HOUR_MS } from "../../../../core/cost/period.ts";
import { readAlerts } from "../../../../core/cost/store/alerts.ts";
import { readStatement } from "../../../../core/cost/store/books.ts";
import type { CostFiles } from "../../../../core/cost/store/files.ts";
import { putInput } from "../../../../core/cost/store/inputs.ts";
import { createMemoryFiles } from "../../../../core/cost/store/memory-files.ts";
import { readWholeBook, type WholeBook } from "../../../../core/cost/store/whole-book.ts";
import { AT, LAKESIDE, NORTH, report, usage, use } from "../usage-facts.ts";
import { createStage, OPERATOR, type Stage } from "./stage.ts";

const MONTH = "2026-11";
const delta = (id: string, bytes: number, at = AT, tenant = LAKESIDE, storage: "data" | "documents" = "data") =>
  ({ kind: "storage-delta.v1", id, at, stage: "dev", cell: "c01", tenant, storage, bytes }) as const;
const did = (id: string, what: "encounter-finished" | "clinician-active", at = AT, who: string | null = null) =>
  ({ kind: "activity.v1", id, at, stage: "dev", cell: "c01", tenant: LAKESIDE, did: what, who }) as const;

/** An hour and a half of two clinics: requests, a batch, starts, storage, what they did. */
function work(stage: Stage): void {
  stage.log("clinic", usage("r-1"));
  stage.log("clinic", report("r-1", { initMs: 20 }));
  stage.log("clinic", usage("r-2", { uses: [use(NORTH, { api: 1, reads: { data: 8 }, kms: 1 })] }));
  stage.log("clinic", usage("r-3", { uses: [use(OPERATOR, { api: 1, reads: { registry: 2 } })] }));
  // Begins before the hour is over; its report comes in the next.
  const late = Date.UTC(2026, 10, 22, 8, 59, 59, 990);
  stage.log("clinic", usage("r-4", { at: late }));
  stage.log("clinic", report("r-4", { at: late + 60, billedMs: 61 }));
  stage.log("archive", usage("b-1", { fn: "archive", route: null, uses: [use(LAKESIDE), use(NORTH, { us: 30_000 })] }));
  stage.log("clinic", delta("d-1", 4_000_000_000));
  stage.log("clinic", delta("d-2", 1_000_000_000, AT, NORTH));
  stage.log("clinic", delta("d-3", 2_000_000_000, AT, LAKESIDE, "documents"));
  stage.log("archive", did("e-1", "encounter-finished"));
  stage.log("archive", did("e-1", "encounter-finished"));
  stage.log("archive", did("e-2", "clinician-active", AT, "a".repeat(32)));
  stage.write("clinic", AT, '{"kind":"usage.v1","id":"torn"');
}
const NOW = Date.UTC(2026, 10, 22, 10, 5);

async function bookOf(stage: Stage, month = MONTH): Promise<WholeBook> {
  const book = await readWholeBook(stage.files, month);
  if (book === undefined) throw new Error("no book");
  return book;
}
const units = (book: WholeBook, tenant: string, sku: string): bigint =>
  book.usage.filter((row) => row.tenant === tenant && row.sku === sku).reduce((sum, row) => sum + row.units, 0n);

describe("COST-2 the meter's run", () => {
  it("COST-2 makes of log lines what each clinic used, and nobody's part is the platform's", async () => {
    const stage = createStage();
    work(stage);
    const { lines } = await stage.run(NOW);
    const book = await bookOf(stage);
    expect(lines).toBe(13);
    expect(units(book, LAKESIDE, "http-api-requests")).toBe(2n);
    expect(units(book, NORTH, "dynamodb-rru")).toBe(8n);
    // Billed by the platform's report, init apart: 55 of r-1, 61 of r-4, and 70% of the batch's own 70 ms.
    expect(units(book, LAKESIDE, "lambda-arm-gb-seconds")).toBe((55n + 61n + 49n) * 512n);
    expect(units(book, "_platform", "lambda-arm-gb-seconds")).toBe((20n + 70n) * 512n);
    // What operators did is the platform's.
    expect(units(book, "_platform", "http-api-requests")).toBe(1n);
    expect(book.metering).toMatchObject({ unreported: 3, unclaimed: 0, exceptions: [{ reason: "not-json" }] });
    expect(book.exceptions).toEqual([]);
  });

  it("COST-1 holds a level from hour to hour, and copies of a table are its backups", async () => {
    const stage = createStage();
    work(stage);
    await stage.run(NOW);
    const book = await bookOf(stage);
    // 45 minutes of the first hour, the second, and the one that runs.
    const hours = [(4_000_000_000n * 3n) / 4n, 4_000_000_000n, 4_000_000_000n];
    const expected = hours.reduce((sum, each) => sum + each, 0n);
    expect(units(book, LAKESIDE, "dynamodb-storage")).toBe(expected);
    expect(units(book, LAKESIDE, "dynamodb-pitr")).toBe(expected);
  });

  it("COST-6 asks each clinic for what it did, in a file of its own", async () => {
    const stage = createStage();
    work(stage);
    await stage.run(NOW);
    const statement = await readStatement(stage.files, LAKESIDE, MONTH);
    const quantity = (meter: string) => statement?.activity.find((row) => row.meter === meter)?.units;
    expect([quantity("encounters"), quantity("active-clinicians")]).toEqual([1n, 1n]);
    expect(statement?.lines.every(({ tenant }) => tenant.id === LAKESIDE)).toBe(true);
    expect(await readStatement(stage.files, OPERATOR, MONTH)).toBeUndefined();
  });

  it("COST-2 the sum of tenants and of nobody is the bill, to the pico-dollar", async () => {
    const stage = createStage();
    work(stage);
    await stage.run(NOW);
    const { lines, reconciliation } = await bookOf(stage);
    expect(total(lines.map(({ billedCost }) => billedCost))).toBe(reconciliation.bill);
    expect(reconciliation.tenants + reconciliation.unallocated).toBe(reconciliation.bill);
    expect(reconciliation.unallocated).toBe(0n);
  });

  it("COST-2 a log that breaks off loses nothing: the next run reads it again", async () => {
    const [whole, torn] = [createStage(), createStage()];
    for (const stage of [whole, torn]) work(stage);
    torn.broken.add("clinic");
    expect((await torn.run(NOW)).isDone).toBe(false);
    expect(torn.failures).toEqual(["log-clinic"]);
    torn.broken.clear();
    await torn.run(NOW);
    await whole.run(NOW);
    expect((await bookOf(torn)).lines).toEqual((await bookOf(whole)).lines);
  });

  it("COST-2 a line that comes late changes its own hour and all that follows of it", async () => {
    const [late, prompt] = [createStage(), createStage()];
    for (const stage of [late, prompt]) work(stage);
    prompt.log("clinic", delta("d-late", 7_000_000, AT - HOUR_MS));
    prompt.log("clinic", report("r-2"));
    for (const stage of [late, prompt]) await stage.run(NOW);
    late.log("clinic", delta("d-late", 7_000_000, AT - HOUR_MS), NOW - HOUR_MS);
    late.log("clinic", report("r-2"), NOW - HOUR_MS);
    for (const stage of [late, prompt]) await stage.run(NOW + HOUR_MS);
    expect(await bookOf(late)).toEqual(await bookOf(prompt));
  });

  it("COST-2 a time that its log contradicts moves no books: it is an exception", async () => {
    const stage = createStage();
    stage.log("clinic", usage("old", { at: 0 }), AT);
    stage.log("clinic", usage("ahead", { at: AT + 48 * HOUR_MS }), AT);
    await stage.run(NOW);
    const { metering, usage: rows } = await bookOf(stage);
    expect(metering.exceptions.map(({ issues }) => issues)).toEqual([["at out_of_range"], ["at out_of_range"]]);
    expect(rows).toEqual([]);
  });

  it("COST-2 a run with nothing new writes nothing", async () => {
    const stage = createStage();
    work(stage);
    await stage.run(NOW);
    await stage.run(NOW + 60_000);
    const written: string[] = [];
    stage.deps.files.replace = spy(stage.deps.files, "replace", written);
    stage.deps.files.create = spy(stage.deps.files, "create", written);
    await stage.run(NOW + 120_000);
    expect(written).toEqual([]);
  });

  it("COST-2 where time runs out the next run goes on", async () => {
    const [hasty, calm] = [createStage(), createStage()];
    for (const stage of [hasty, calm]) work(stage);
    let runs = 0;
    for (let isDone = false; !isDone && runs < 400; runs += 1) {
      let asked = 0;
      ({ isDone } = await hasty.run(NOW, () => (asked += 1) > 9));
    }
    await calm.run(NOW);
    expect(runs).toBeGreaterThan(1);
    expect((await bookOf(hasty)).lines).toEqual((await bookOf(calm)).lines);
  });
});

type Write = "create" | "replace";
function spy<K extends Write>(files: CostFiles, name: K, written: string[]): CostFiles[K] {
  const real = files[name].bind(files) as (...args: unknown[]) => Promise<unknown>;
  return ((key: string, ...rest: unknown[]) => {
    written.push(key);
    return real(key, ...rest);
  }) as CostFiles[K];
}

/** A bucket that dies before its n-th write: what was written is there, what was not is not. */
function dyingFiles(held: Map<string, Uint8Array>, writes: number): CostFiles {
  const real = createMemoryFiles(held);
  let left = writes;
  const mayWrite = (): void => {
    if (left === 0) throw new Error("killed");
    left -= 1;
  };
  return {
    read: (key) => real.read(key),
    list: (prefix) => real.list(prefix),
    create: async (key, bytes) => (mayWrite(), real.create(key, bytes)),
    replace: async (key, bytes, ifMatch) => (mayWrite(), real.replace(key, bytes, ifMatch)),
  };
}

/** Everything but how facts were cut into files, and of which of these an hour was made. */
const made = (held: ReadonlyMap<string, Uint8Array>): [string, string][] =>
  [...held]
    .filter(([key]) => !/^v1\/(?:facts|state)\//.test(key))
    .map(([key, bytes]): [string, string] => [key, Buffer.from(bytes).toString("base64")])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

describe("COST-2 a run that dies", () => {
  it("COST-2 between any two writes is taken up by the next one, which ends with the same bytes", async () => {
    const whole = createMemoryFiles();
    const calm = createStage(whole);
    work(calm);
    for (let run = 0; run < 2; run += 1) await calm.run(NOW);
    for (let writes = 0; ; writes += 1) {
      const held = new Map<string, Uint8Array>();
      const dying = createStage(dyingFiles(held, writes));
      work(dying);
      const isOver = await dying.run(NOW).then(
        () => dying.failures.length === 0,
        () => false,
      );
      const next = createStage(createMemoryFiles(held));
      work(next);
      // Twice: what a run counts is the next one's to roll up.
      for (let run = 0; run < 2; run += 1) await next.run(NOW);
      expect(made(held), `killed before write ${writes + 1}`).toEqual(made(whole.held));
      if (isOver) break;
      expect(writes).toBeLessThan(200);
    }
  });

  it("COST-2 two runs at once: one of them gives way, and nothing is lost", async () => {
    const stage = createStage();
    work(stage);
    const results = await Promise.allSettled([stage.run(NOW), stage.run(NOW)]);
    const calm = createStage();
    work(calm);
    for (const each of [calm, stage]) for (let run = 0; run < 2; run += 1) await each.run(NOW);
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await bookOf(stage)).lines).toEqual((await bookOf(calm)).lines);
  });
});

describe("COST-2 storage is counted", () => {
  it("COST-2 a planted drift is found: what the count says stands from then on", async () => {
    const stage = createStage();
    work(stage);
    stage.counts.objects.set(`${LAKESIDE}/documents`, 2_500_000_000n);
    stage.counts.data = 5_600_000_000n;
    await stage.run(NOW);
    await stage.run(NOW + HOUR_MS);
    const { drifts } = (await bookOf(stage)).metering;
    const drift = (tenant: string, storage: string) =>
      drifts.find((each) => each.tenant === tenant && each.storage === storage);
    expect(drift(LAKESIDE, "documents")).toMatchObject({ expectedBytes: 2_000_000_000n, countedBytes: 2_500_000_000n });
    // Five of the table's bytes are known to be clinics'; the rest is nobody's and so the platform's.
    expect(drift("_platform", "data")).toMatchObject({ expectedBytes: 0n, countedBytes: 600_000_000n });
    expect(drifts).toHaveLength(7);
    await stage.run(NOW + 2 * HOUR_MS);
    expect((await bookOf(stage)).metering.drifts).toHaveLength(7);
  });

  it("COST-2 changes that add up to more than the table holds are told", async () => {
    const stage = createStage();
    work(stage);
    stage.counts.data = 4_000_000_000n;
    await stage.run(NOW);
    expect(stage.failures).toEqual(["storage-over-data"]);
  });
});

describe("COST-3 what finance is told", () => {
  it("COST-3 a budget's steps are told once, in the month that they are of", async () => {
    const stage = createStage();
    work(stage);
    await stage.run(NOW);
    const cost = total((await bookOf(stage)).lines.map(({ billedCost }) => billedCost));
    const value = { id: OPERATOR, tenantId: null, amountUsd: formatUsd(cost) };
    await putInput(stage.files, { kind: "budgets", value, by: OPERATOR, at: "2026-11-22T10:00:00Z", after: 0 });
    const { alerts } = await stage.run(NOW + 60_000);
    expect(alerts.map((each) => (each.kind === "budget" ? each.alert.kind : each.kind))).toEqual(["50", "80", "100"]);
    expect((await stage.run(NOW + 120_000)).alerts).toEqual([]);
    expect(await readAlerts(stage.files, MONTH)).toHaveLength(3);
  });
});
