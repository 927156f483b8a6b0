import { beforeAll, describe, expect, it } from "vitest";
import { ALLOCATION_POLICY } from "../../../../core/cost/allocation/policy.ts";
import { split } from "../../../../core/cost/allocation/split.ts";
import { pico, total } from "../../../../core/cost/money.ts";
import { DAY_MS, HOUR_MS } from "../../../../core/cost/period.ts";
import { PRICE_PLANS } from "../../../../core/cost/plan.ts";
import { estimate } from "../../../../core/cost/rating.ts";
import { sumsOfAll } from "../../../../core/cost/share-sums.ts";
import { openBook, readTenants } from "../../../../core/cost/store/books.ts";
import { openCurrent } from "../../../../core/cost/store/current-book.ts";
import type { CostFiles } from "../../../../core/cost/store/files.ts";
import { inputNames, putInput } from "../../../../core/cost/store/inputs.ts";
import { createMemoryFiles } from "../../../../core/cost/store/memory-files.ts";
import { readWholeBook } from "../../../../core/cost/store/whole-book.ts";
import { account, prices } from "../clinics.ts";
import { LAKESIDE, NORTH, report, usage, use } from "../usage-facts.ts";
import { createStage, OPERATOR, type Stage } from "./stage.ts";

const MONTH = "2026-11";
const FIRST = Date.UTC(2026, 10, 1);

interface Counts {
  read: number;
  written: number;
  listed: number;
}

/** The port, counted: what S3 is asked for. */
function counted(): { readonly files: CostFiles; readonly counts: Counts } {
  const real = createMemoryFiles();
  const counts: Counts = { read: 0, written: 0, listed: 0 };
  return {
    counts,
    files: {
      read: (key) => ((counts.read += 1), real.read(key)),
      list: (prefix) => ((counts.listed += 1), real.list(prefix)),
      create: (key, bytes) => ((counts.written += 1), real.create(key, bytes)),
      replace: (key, bytes, tag) => ((counts.written += 1), real.replace(key, bytes, tag)),
    },
  };
}

/** A working hour of both clinics, and what the platform does by itself. */
function work(stage: Stage, atMs: number, id: string): void {
  const uses = [
    use(LAKESIDE, { api: 3, reads: { data: 900 }, writes: { data: 51 }, kms: 2, s3Put: { archive: 1 } }),
    use(NORTH, { us: 31_000, api: 1, reads: { data: 77 } }),
  ];
  stage.log("clinic", usage(id, { at: atMs, uses }));
  stage.log("clinic", report(id, { at: atMs + 90, initMs: 21 }));
  quiet(stage, atMs + 1_000, `p-${id}`);
}
function quiet(stage: Stage, atMs: number, id: string): void {
  stage.log("archive", usage(id, { at: atMs, fn: "archive", route: null, uses: [use("_platform")] }));
  stage.log("archive", report(id, { at: atMs + 80, fn: "archive" }));
}

async function during(counts: Counts, run: () => Promise<unknown>): Promise<Counts> {
  const before = { ...counts };
  await run();
  return {
    read: counts.read - before.read,
    written: counts.written - before.written,
    listed: counts.listed - before.listed,
  };
}

describe("COST-7 a month in parts", () => {
  const { files, counts } = counted();
  const stage = createStage(files);
  const hour = (day: number, hours: number): number => FIRST + (day - 1) * DAY_MS + hours * HOUR_MS;
  const hourly = new Map<number, Counts>();
  beforeAll(async () => {
    for (let day = 1; day <= 24; day += 1) {
      work(stage, hour(day, 9), `a-${day}`);
      await stage.run(hour(day, 9.5));
      work(stage, hour(day, 10), `b-${day}`);
      const one = await during(counts, () => stage.run(hour(day, 10.5)));
      if (day === 6 || day === 24) hourly.set(day, one);
    }
  });

  it("COST-7 an hour's run asks for as many files on the 24th as on the 6th", () => {
    const [early, late] = [hourly.get(6), hourly.get(24)];
    if (early === undefined || late === undefined) throw new Error("both days were run");
    expect(late).toEqual(early);
    expect(late.read).toBeLessThan(60);
    expect(late.written).toBeLessThan(40);
  });

  it("COST-1 shares made part by part are those of the month split as a whole, each to the pico-dollar", async () => {
    const book = await readWholeBook(files, MONTH);
    if (book === undefined) throw new Error("the month has a book");
    const { usageAccountId } = account;
    const own = {
      ...account,
      payerAccountId: usageAccountId,
      payerAccountName: null,
      usageAccountName: null,
      tags: {},
    };
    const whole = split({
      origins: estimate(book.usage, prices, own),
      usage: book.usage,
      roster: book.roster,
      policy: ALLOCATION_POLICY,
      prices,
      stagesOf: new Map([[usageAccountId, ["dev"]]]),
    });
    const said = (lines: typeof whole.lines) => lines.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(new Set(book.lines.map(({ origin }) => origin.period.start)).size).toBe(24);
    expect(said(book.lines)).toEqual(said(whole.lines));
    expect(book.coverage).toEqual(whole.coverage);
  });

  it("COST-1 every view has the sum of the lines: clinics, SKUs, days, and each clinic's own", async () => {
    const [book, at] = [await readWholeBook(files, MONTH), await openBook(files, MONTH)];
    if (book === undefined || at === undefined) throw new Error("the month has a book");
    const cost = total(book.lines.map(({ effectiveCost }) => effectiveCost));
    expect(book.skus).toEqual(sumsOfAll(book.lines));
    const tenants = await readTenants(files, at);
    expect(total(tenants.map((each) => each.cost))).toBe(cost);
    expect(total(tenants.flatMap(({ days }) => days.map(([, each]) => each)))).toBe(cost);
    const current = await openCurrent(files, MONTH, await inputNames(files));
    for (const { id, cost: own } of tenants) {
      expect(total((await current?.totals(id))?.map(({ effectiveCost }) => effectiveCost) ?? [])).toBe(own);
      const lines = book.lines.filter(({ tenant }) => (tenant?.id ?? "~nobody") === id);
      expect(total(lines.map(({ effectiveCost }) => effectiveCost))).toBe(own);
    }
  });

  it("COST-3 what finance puts in counts at once, as it does in the meter's next book", async () => {
    const at = "2026-11-24T10:40:00Z";
    const entry = (id: string, tenantId: string | null, quantity: string) =>
      ({
        id,
        layer: "support",
        tenantId,
        day: "2026-11-20",
        quantity,
        unitPrice: "1.37",
        description: "A call",
      }) as const;
    const one = entry("01hzzzzzzzzzzzzzzzzzzzzze1", LAKESIDE, "30");
    const put = (value: ReturnType<typeof entry>, after = 0, isWithdrawn = false) =>
      putInput(files, { kind: "entries", value, by: OPERATOR, at, after, isWithdrawn });
    const [plan] = PRICE_PLANS;
    const seen = async () => {
      const book = await openCurrent(files, MONTH, await inputNames(files));
      if (book === undefined) throw new Error("the month has a book");
      const { madeOf: _made, asOf: _asOf, inputs: _inputs, ...sums } = await book.sums();
      const [tenants, skus] = [await book.tenants(), book.header.skus];
      const totals = await Promise.all(tenants.map(({ id }) => book.totals(id)));
      const charges = (await book.charges()).map(({ id, lines }) => [id, lines] as const);
      const shares: string[] = [];
      for await (const lines of book.shares()) shares.push(...lines.map(({ id, billedCost }) => `${id} ${billedCost}`));
      return { sums, tenants, skus, totals, charges, shares: shares.toSorted() };
    };
    const again = async (hours: number) => {
      work(stage, hour(24, hours), `c-${hours}`);
      // The same facts with and without the meter's run in between.
      const before = await seen();
      await stage.run(hour(24, hours));
      return before;
    };
    const before = await seen();
    expect(await put(one)).toMatchObject({ ok: true });
    expect(await put(entry("01hzzzzzzzzzzzzzzzzzzzzze2", null, "7"))).toMatchObject({ ok: true });
    const value = { tenantId: NORTH, from: MONTH, planId: plan?.id ?? "" };
    await putInput(files, { kind: "plans", value, by: OPERATOR, at, after: 0 });
    const now = await seen();
    const added = total([pico(30n * 1_370_000_000_000n), pico(7n * 1_370_000_000_000n)]);
    expect(now.sums.cost - before.sums.cost).toBe(added);
    // A log line of finance's own request is what has the meter look again.
    stage.log("clinic", usage("finance", { at: hour(24, 10.6), uses: [use(OPERATOR, { us: 0 })] }));
    await stage.run(hour(24, 10.7));
    const made = await openBook(files, MONTH);
    expect(made?.header.parts.some(({ name }) => name.includes("entries"))).toBe(true);
    const withRequest = await seen();
    expect(withRequest.sums.layers.find(([layer]) => layer === "support")).toEqual(["support", added]);
    expect(withRequest.totals.flat().filter(({ origin }) => origin.kind === "internal")).toEqual(
      now.totals.flat().filter(({ origin }) => origin.kind === "internal"),
    );
    // Taken back: gone at once.
    await put(one, 1, true);
    const gone = await seen();
    expect(withRequest.sums.cost - gone.sums.cost).toBe(30n * 1_370_000_000_000n);
    expect(gone.shares.some((each) => each.includes("e1"))).toBe(false);
    expect(await again(11)).toEqual(gone);
  });
});

describe("COST-5 a quiet stage", () => {
  it("COST-5 a day on which nobody works costs the meter less than 60 writes and 150 reads", async () => {
    const { files, counts } = counted();
    const stage = createStage(files);
    const noon = Date.UTC(2026, 10, 20, 12);
    work(stage, noon - HOUR_MS, "r-1");
    for (let run = 0; run < 14; run += 1) await stage.run(noon + run * HOUR_MS);
    const night = await during(counts, async () => {
      for (let run = 14; run < 38; run += 1) {
        const atMs = noon + run * HOUR_MS;
        for (const source of ["clinic", "archive"]) quiet(stage, atMs - 20 * 60_000, `${source}-${run}`);
        await stage.run(atMs);
      }
    });
    expect(night.written).toBeLessThan(60);
    expect(night.read).toBeLessThan(150);
    expect(night.listed).toBeLessThan(30);
    // Nothing of it is lost: the platform's own work of the day is in the book of the next.
    const book = await readWholeBook(files, MONTH);
    const own = book?.usage.filter(
      ({ tenant, sku, day }) => tenant === "_platform" && sku === "lambda-requests" && day === "2026-11-21",
    );
    expect(own?.reduce((sum, { units }) => sum + units, 0n)).toBeGreaterThan(40n);
  });
});
