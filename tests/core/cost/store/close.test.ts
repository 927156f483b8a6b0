import { beforeAll, describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../core/cost/decimal.ts";
import { formatUsd, total } from "../../../../core/cost/money.ts";
import { skuOf } from "../../../../core/cost/prices.ts";
import { closedFolder, readManifest, readMonths, readStatement } from "../../../../core/cost/store/books.ts";
import { closeBooks, lockedKey, type LockedFiles } from "../../../../core/cost/store/close-books.ts";
import { putInput } from "../../../../core/cost/store/inputs.ts";
import { manifestKey, statementKey } from "../../../../core/cost/store/keys.ts";
import { createMemoryFiles } from "../../../../core/cost/store/memory-files.ts";
import { type LockedReader, verifyBooks } from "../../../../core/cost/store/verify-books.ts";
import { readWholeBook } from "../../../../core/cost/store/whole-book.ts";
import { csvOf, prices } from "../clinics.ts";
import { AT, LAKESIDE, NORTH, usage, use } from "../usage-facts.ts";
import { createStage, OPERATOR, type Stage } from "./stage.ts";

const NOVEMBER = "2026-11";
const END = Date.UTC(2026, 11, 1);
const DUE = Date.UTC(2026, 11, 4, 1);

/** The archive: whoever creates twice is told, and nobody replaces. */
function createLocked(): LockedFiles & LockedReader & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>();
  return {
    held,
    create(key, content) {
      if (held.has(key)) return Promise.resolve("exists");
      held.set(key, content);
      return Promise.resolve("created");
    },
    async *list(prefix) {
      for (const key of held.keys()) if (key.startsWith(prefix)) yield key;
    },
    get: (key) => Promise.resolve(held.get(key)),
  };
}

/** AWS's bill as the estimate has it. */
async function billFor(stage: Stage, month: string, times = 1): Promise<string> {
  const book = await readWholeBook(stage.files, month);
  const origins = [...new Set(book?.lines.map(({ origin }) => origin))].filter(({ state }) => state === "estimated");
  return csvOf(
    origins.map((origin) => {
      const [billedAs] = skuOf(prices, origin.sku).billedAs;
      const part = origin.kind === "provider" ? origin.resourceName : null;
      const cost = formatUsd(total(Array.from({ length: times }, () => origin.billedCost)));
      return {
        SubAccountId: "111122223333",
        ServiceName: origin.serviceName,
        ServiceCategory: origin.serviceCategory,
        ServiceSubcategory: origin.serviceSubcategory ?? "",
        ChargePeriodStart: origin.period.start,
        ChargePeriodEnd: origin.period.end,
        PricingQuantity: origin.quantity === null ? "" : formatDecimal(origin.quantity),
        ListUnitPrice: origin.listUnitPrice === null ? "" : formatDecimal(origin.listUnitPrice),
        ListCost: formatUsd(origin.listCost),
        BilledCost: cost,
        EffectiveCost: cost,
        ResourceId: part === null ? "" : `arn:aws:x:us-east-1:111122223333:keyward-dev-c01-${part}`,
        x_ServiceCode: billedAs?.serviceCode ?? "",
        x_UsageType: billedAs?.usageType ?? "",
      };
    }),
  );
}

const close = (stage: Stage, locked: LockedFiles, nowMs = DUE, month = NOVEMBER, earlier: readonly string[] = []) =>
  closeBooks(stage.files, locked, { month, nowMs, earlier });

/** November with its bill, its grace over. */
async function dueMonth(stage = createStage()): Promise<Stage> {
  const many = Array.from({ length: 40 }, (_, index) => index);
  for (const each of many) {
    const uses = [use(each % 4 === 0 ? NORTH : LAKESIDE, { api: 9_000, reads: { data: 90_000 } })];
    stage.log("clinic", usage(`r-${each}`, { at: AT + each, uses }));
  }
  // Nothing is stored, so that a month without work costs nothing.
  stage.counts.objects.clear();
  stage.counts.data = 0n;
  await stage.run(Date.UTC(2026, 10, 23, 1));
  await stage.bill(NOVEMBER, await billFor(stage, NOVEMBER), "2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z");
  await stage.run(DUE);
  return stage;
}

describe("COST-7 the close", () => {
  it("COST-7 waits for the grace and for the bill", async () => {
    const stage = createStage();
    stage.log("clinic", usage("r-1"));
    await stage.run(Date.UTC(2026, 10, 23));
    const refused = async (nowMs: number) => {
      const done = await close(stage, createLocked(), nowMs);
      return done.ok ? "closed" : done.error;
    };
    expect(await refused(END + 71 * 3_600_000)).toMatchObject({ rule: "in-grace", closesAt: "2026-12-04T00:00:00Z" });
    expect(await refused(DUE)).toMatchObject({ rule: "unreconciled" });
    expect(await stage.files.list("v1/closed/")).toEqual([]);
  });

  describe("once", () => {
    let stage: Stage;
    const locked = createLocked();
    beforeAll(async () => {
      stage = await dueMonth();
      const done = await close(stage, locked);
      if (!done.ok) throw new Error(JSON.stringify(done.error));
    });

    it("COST-7 writes the manifest under the lock, with a digest of every file, and clinics their invoices", async () => {
      const manifest = await readManifest(stage.files, NOVEMBER);
      expect(locked.held.get(lockedKey(NOVEMBER))).toEqual((await stage.files.read(manifestKey(NOVEMBER)))?.bytes);
      const days = Array.from({ length: 9 }, (_, index) => `2026-11-${index + 22}`);
      expect(manifest?.manifest.files.map(({ name }) => name.replace(/^[0-9a-f]{16}\//, ""))).toEqual([
        "billing-period.csv.gz",
        "book.json.gz",
        "charges.jsonl.gz",
        "customer-charges.csv.gz",
        ...days.map((day) => `days/${day}.jsonl.gz`),
        "invoice-detail.csv.gz",
        "made.json",
        ...days.map((day) => `provider-cost/days/${day}.csv.gz`),
        "tenants.json.gz",
        "totals.jsonl.gz",
      ]);
      const statement = await readStatement(stage.files, LAKESIDE, NOVEMBER);
      expect(statement?.invoiceId).toBe("KW-2026-11-0001");
      expect(statement?.lines.every(({ state }) => state === "closed")).toBe(true);
      expect((await readMonths(stage.files, DUE)).find(({ month }) => month === NOVEMBER)?.status).toBe("closed");
    });

    it("COST-7 a second close is refused, and changes no byte", async () => {
      const before = new Map((stage.files as ReturnType<typeof createMemoryFiles>).held);
      expect(await close(stage, locked, DUE + 86_400_000)).toMatchObject({ ok: false, error: { rule: "closed" } });
      expect((stage.files as ReturnType<typeof createMemoryFiles>).held).toEqual(before);
    });

    it("COST-7 the meter leaves a closed month as it is, and a late entry becomes a correction of the open one", async () => {
      const closed = await readWholeBook(stage.files, NOVEMBER);
      const entry = {
        id: "01hzzzzzzzzzzzzzzzzzzzzze1",
        layer: "support",
        tenantId: LAKESIDE,
        day: "2026-11-20",
        quantity: "30",
        unitPrice: "1.50",
        description: "Import of old letters",
      } as const;
      await putInput(stage.files, {
        kind: "entries",
        value: entry,
        by: OPERATOR,
        at: "2026-12-05T00:00:00Z",
        after: 0,
      });
      await stage.run(Date.UTC(2026, 11, 5));
      expect(await readWholeBook(stage.files, NOVEMBER)).toEqual(closed);
      const december = await readWholeBook(stage.files, "2026-12");
      const mended = december?.lines.filter(({ origin }) => origin.correctionOf !== null) ?? [];
      expect(mended.map(({ billedCost, tenant }) => [formatUsd(billedCost), tenant?.id])).toEqual([
        ["45.000000000000", LAKESIDE],
      ]);
      expect(mended[0]?.origin).toMatchObject({ chargeClass: "Correction", billingMonth: "2026-12" });
      // The same again: a run that finds nothing new books nothing twice.
      await stage.run(Date.UTC(2026, 11, 5, 1));
      const again = await readWholeBook(stage.files, "2026-12");
      expect(again?.lines.filter(({ origin }) => origin.correctionOf !== null)).toEqual(mended);
    });

    it("COST-7 months close in their order, each naming the one before", async () => {
      const december = await close(stage, locked, Date.UTC(2027, 0, 5), "2026-12", ["2026-10", NOVEMBER]);
      // Nothing was used and nothing billed in December but what mends November.
      if (!december.ok) throw new Error(JSON.stringify(december.error));
      const previous = await readManifest(stage.files, NOVEMBER);
      expect(december.value.manifest.previous).toBe(previous?.sha256);
      const skipped = await close(stage, locked, Date.UTC(2027, 1, 5), "2027-01", ["2026-10"]);
      expect(skipped).toMatchObject({ ok: false, error: { rule: "earlier-open" } });
      // What is closed in December is in force: November needs no more.
      await stage.run(Date.UTC(2027, 0, 6));
      const january = await readWholeBook(stage.files, "2027-01");
      expect(january?.lines.filter(({ origin }) => origin.correctionOf !== null)).toEqual([]);
    });

    it("COST-7 verify finds nothing in what stands, and each planted change", async () => {
      const held = (stage.files as ReturnType<typeof createMemoryFiles>).held;
      const faults = async (change: (copy: Map<string, Uint8Array>, locks: Map<string, Uint8Array>) => void) => {
        const [copy, lock] = [new Map(held), createLocked()];
        for (const [key, bytes] of locked.held) lock.held.set(key, bytes);
        change(copy, lock.held);
        return (await verifyBooks(createMemoryFiles(copy), lock)).faults.map(({ kind }) => kind);
      };
      const folder = closedFolder((await readManifest(stage.files, NOVEMBER))?.manifest ?? (undefined as never));
      const name = (file: string) => `${folder}${file}`;
      expect(await faults(() => {})).toEqual([]);
      expect(await faults((copy) => copy.delete(name("provider-cost/days/2026-11-22.csv.gz")))).toEqual([
        "missing-file",
      ]);
      expect(await faults((copy) => copy.set(name("made.json"), Buffer.from("{}")))).toEqual(["altered-file"]);
      expect(await faults((copy) => copy.set(name("book.json.gz"), Buffer.from("no")))).toEqual([
        "altered-file",
        "no-book",
      ]);
      const day = name("days/2026-11-22.jsonl.gz");
      expect(
        await faults((copy) => copy.set(day, copy.get(name("days/2026-11-23.jsonl.gz")) ?? Buffer.from(""))),
      ).toEqual(["altered-file", "no-book"]);
      expect(await faults((copy) => copy.set(statementKey(LAKESIDE, NOVEMBER), Buffer.from("{}")))).toEqual([
        "statement-differs",
      ]);
      expect(await faults((copy) => copy.set(manifestKey(NOVEMBER), Buffer.from("{}")))).toEqual(["manifest-differs"]);
      expect(await faults((_copy, locks) => locks.delete(lockedKey("2026-12")))).toEqual(["not-locked"]);
      expect(await faults((_copy, locks) => locks.delete(lockedKey(NOVEMBER)))).toEqual(["broken-chain", "not-locked"]);
      expect(await faults((_copy, locks) => locks.set(lockedKey(NOVEMBER), Buffer.from("{}")))).toEqual([
        "unreadable-manifest",
        "broken-chain",
      ]);
    });
  });

  it("COST-7 a close that dies between two writes is taken up, days later too, and closes what it began", async () => {
    const first = await dueMonth();
    const held = (first.files as ReturnType<typeof createMemoryFiles>).held;
    const whole = createLocked();
    await close({ ...first, files: createMemoryFiles(new Map(held)) }, whole);
    const expected = whole.held.get(lockedKey(NOVEMBER));
    for (const writes of [0, 1, 2, 3, 10, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]) {
      const files = createMemoryFiles(new Map(held));
      let left = writes;
      const create: typeof files.create = async (key, bytes) => {
        if (left === 0) throw new Error("killed");
        left -= 1;
        return files.create(key, bytes);
      };
      const locked = createLocked();
      const dying = { ...first, files: { ...files, create } };
      await close(dying, { create }).catch(() => undefined);
      await close({ ...first, files }, locked, writes === 0 ? DUE : DUE + 3 * 86_400_000);
      expect(locked.held.get(lockedKey(NOVEMBER)), `killed before write ${writes + 1}`).toEqual(expected);
    }
  });
});
