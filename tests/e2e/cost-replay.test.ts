import { beforeAll, describe, expect, it } from "vitest";
import { costStack } from "../../core/cost/reconcile.ts";
import { compare } from "../../core/cost/decimal.ts";
import { pico, toDecimal } from "../../core/cost/money.ts";
import { dayOfMs } from "../../core/cost/period.ts";
import { skuOf } from "../../core/cost/prices.ts";
import type { DailyUsage } from "../../core/cost/rating.ts";
import type { MeteredFact } from "../../core/cost/usage.ts";
import { makeBooks, type ReplayBooks } from "../../scripts/replay/books.ts";
import { type Compared, compareStored, compareUnits } from "../../scripts/replay/compare.ts";
import { type Replayed, replay } from "../../scripts/replay/run.ts";
import { PATIENCE_MS } from "./harness.ts";

let replayed: Replayed;
let books: ReplayBooks;

beforeAll(async () => {
  replayed = await replay({ seed: "test", clinics: 2, days: 1, mostVisits: 2, schedulesEveryHours: 24 });
  books = makeBooks(replayed, replayed.facts);
}, PATIENCE_MS);

const compareWith = (facts: readonly MeteredFact[]): readonly Compared[] =>
  compareUnits(makeBooks(replayed, facts).rolled.rows, replayed);
const differing = (compared: readonly Compared[]): string[] =>
  compared.filter(({ verdict }) => verdict === "differs").map(({ sku, part }) => `${sku} ${part ?? ""}`.trim());
const ownRequests = (tenantId: string): bigint =>
  books.usage.reduce(
    (sum, { tenant, sku, units }) => (tenant === tenantId && sku === "http-api-requests" ? sum + units : sum),
    0n,
  );

describe("COST-2 PROOF-11 clinics at work, metered by the product and counted by AWS's side", () => {
  it("COST-2 PROOF-11 attributed units equal billed units, SKU by SKU and part by part", () => {
    const compared = compareUnits(books.rolled.rows, replayed);
    expect(differing(compared)).toEqual([]);
    const equal = new Set(
      compared.flatMap(({ sku, part, verdict }) => (verdict === "equal" ? [`${sku} ${part ?? ""}`.trim()] : [])),
    );
    // Requests, background work, audit and key calls: each has been at work, and is in the count.
    for (const wanted of [
      "http-api-requests",
      "dynamodb-rru data",
      "dynamodb-wru data",
      "dynamodb-wru outbox",
      "dynamodb-wru trail",
      "dynamodb-wru registry/gsi1",
      "kms-requests",
      "kms-asymmetric-requests",
      "s3-put-requests archive",
      "s3-get-requests archive",
      "lambda-requests clinic",
      "lambda-arm-gb-seconds archive",
      "lambda-arm-gb-seconds seal",
      "logs-ingest clinic",
      "sts-requests",
    ])
      expect(equal).toContain(wanted);
    expect([replayed.unread, books.rolled.exceptions.length, books.rolled.unreported, books.rolled.unclaimed]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it("COST-2 gives each clinic the requests that it made", () => {
    const made = replayed.clinics.map(({ tenantId }) => ownRequests(tenantId));
    expect(made.every((units) => units > 5n)).toBe(true);
    expect(replayed.clinics.map(({ visits }) => visits)).toEqual([2, 2]);
    const all = books.usage.reduce((sum, { sku, units }) => (sku === "http-api-requests" ? sum + units : sum), 0n);
    expect(made.reduce((sum, units) => sum + units, 0n)).toBeLessThanOrEqual(all);
  });

  it("COST-1 PROOF-11 tenants and nobody sum to the bill, to the pico-dollar, and every layer has its part", () => {
    const { reconciliation, result, billed } = books;
    expect(compare(toDecimal(pico(reconciliation.tenants + reconciliation.unallocated)), billed)).toBe(0);
    expect(result.exceptions).toEqual([]);
    expect(books.unbilled).toBe(0);
    const [clinic] = replayed.clinics;
    expect([...costStack(result.lines, clinic?.tenantId ?? "").keys()]).toEqual(
      expect.arrayContaining(["runtime", "data", "keys", "audit", "backup"]),
    );
    const covered = reconciliation.rows.filter(({ sku }) =>
      /^(?:dynamodb-[rw]ru|http-api|cloudfront-transfer)/.test(sku),
    );
    expect(covered.map(({ verdict }) => verdict)).toEqual(covered.map(() => "met"));
  });

  it("COST-1 what lies there is told by the byte-hour: data, search, documents, trail, and the backups of each table", () => {
    const stored = new Map(
      compareStored(books.stored, replayed).map(({ sku, part, metered, billed }) => [
        `${sku} ${part}`,
        { metered, billed },
      ]),
    );
    for (const place of ["data", "outbox", "trail"].flatMap((part) => [
      `dynamodb-storage ${part}`,
      `dynamodb-pitr ${part}`,
    ])) {
      const { metered = 0n, billed = 0n } = stored.get(place) ?? {};
      const off = metered > billed ? metered - billed : billed - metered;
      expect(billed, place).toBeGreaterThan(0n);
      // A level is rounded by the hour, and told with the time of what caused it.
      expect(off * 200n, place).toBeLessThan(billed);
    }
    const rows = new Map(books.reconciliation.rows.map((row) => [row.sku, row]));
    expect([rows.get("dynamodb-pitr")?.verdict, rows.get("logs-ingest")?.verdict]).toEqual(["met", "met"]);
  });

  it("COST-2 the product's own collector has the same units in its book, tenant by tenant", () => {
    const sums = (usage: readonly DailyUsage[]): ReadonlyMap<string, bigint> => {
      const all = new Map<string, bigint>();
      const [from, to] = [replayed.startMs, replayed.endMs - 1].map(dayOfMs);
      for (const { tenant, sku, part, day, units } of usage) {
        if (day < (from ?? "") || day > (to ?? "") || skuOf(books.prices, sku).measure === "byte-hours") continue;
        const key = [day, tenant, sku, part ?? ""].join(" ");
        all.set(key, (all.get(key) ?? 0n) + units);
      }
      return new Map([...all].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    };
    expect(sums(replayed.collected)).toEqual(sums(books.usage));
  });

  it("COST-2 a second run over the same lines, in any order, and a line that comes late change nothing", () => {
    const { facts } = replayed;
    const again = makeBooks(replayed, [...facts.toReversed(), ...facts]);
    expect(again.rolled).toEqual(books.rolled);
    expect(again.reconciliation).toEqual(books.reconciliation);
    const late = facts.findIndex((fact) => fact.kind === "usage.v1" && fact.fn === "clinic");
    const early = facts.toSpliced(late, 1);
    expect(differing(compareWith(early))).not.toEqual([]);
    expect(makeBooks(replayed, [...early, ...facts.slice(late, late + 1)]).rolled).toEqual(books.rolled);
  });

  it("COST-2 a line that is lost, counted twice or of the wrong size is seen, and the bill is shared out all the same", () => {
    const { facts } = replayed;
    const first = facts.find(
      (fact) => fact.kind === "usage.v1" && fact.fn === "clinic" && fact.uses.some(({ api }) => api > 0),
    );
    if (first?.kind !== "usage.v1") throw new Error("the clinics asked for something");
    const lost = makeBooks(
      replayed,
      facts.filter((fact) => fact !== first),
    );
    expect(lost.reconciliation.bill).toBe(books.reconciliation.bill);
    expect(lost.reconciliation.unallocated).toBeGreaterThan(books.reconciliation.unallocated);
    expect(differing(compareUnits(lost.rolled.rows, replayed))).toContain("http-api-requests");
    const twice = makeBooks(replayed, [...facts, { ...first, id: `${first.id}-again` }]);
    expect(twice.result.exceptions.map(({ kind }) => kind)).toContain("over-metered");
    expect(differing(compareUnits(twice.rolled.rows, replayed))).toContain("http-api-requests");
    const wrong = { ...first, uses: first.uses.map((use) => ({ ...use, api: use.api + 1 })) };
    expect(differing(compareWith(facts.map((fact) => (fact === first ? wrong : fact))))).toEqual(["http-api-requests"]);
  });
});
