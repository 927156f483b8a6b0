import { describe, expect, it } from "vitest";
import {
  closedKey,
  dayKey,
  dayOf,
  DAY_MS,
  eventsPrefix,
  hintKey,
  runsRoot,
  sealsPrefix,
} from "../../../core/audit/layout.ts";
import { openNote } from "../../../core/audit/note.ts";
import { parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import { createSealRun } from "../../../core/audit/seal-run.ts";
import { createSealer } from "../../../core/audit/sealer.ts";
import { verifyArchive } from "../../../core/audit/verify.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { facts, logKey, makeSealer, makeTrail, memoryArchive, ORIGIN, putBatch, signText, TENANT } from "./fixtures.ts";

type Archive = ReturnType<typeof memoryArchive>;
const verify = (archive: Archive) => verifyArchive({ reader: archive, tenantId: TENANT, origin: ORIGIN, logKey });
const under = (archive: Archive, prefix: string): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

/** One stored event in an object of its own, with its hint. */
async function arrive(made: ReturnType<typeof makeSealer>, request: string): Promise<string> {
  const { archive, clock } = made;
  const key = await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts({ request }))]);
  const hint = JSON.stringify({ v: 1, objects: [key] });
  await archive.create(hintKey(clock.now(), hint), hint);
  return key;
}

function counting(archive: Archive) {
  const calls: string[] = [];
  const store = {
    ...archive,
    get: (key: string) => {
      calls.push(`get ${key}`);
      return archive.get(key);
    },
    list: (prefix: string, limit?: number, after?: string) => {
      calls.push(`list ${prefix}`);
      return archive.list(prefix, limit, after);
    },
  };
  return { store, calls };
}

describe("createSealer", () => {
  it("AW-18 holds an event once though batches were cut twice, also after a cold start", async () => {
    const { archive, clock, sealer, cold } = await makeTrail(2, 4);
    const second = must(under(archive, eventsPrefix(TENANT))[1]);
    const lines = must(archive.objects.get(second)).toString("utf8").split("\n").slice(0, -1);
    for (const part of [lines.slice(0, 2), lines.slice(1)]) {
      const key = await putBatch(
        archive,
        clock.now(),
        part.map((line) => ({ line, event: { id: "01hxyzabcd0123456789abcd22" } })),
      );
      expect(await sealer.add(TENANT, [key])).toMatchObject({ added: 0, refused: [] });
      expect(await cold().add(TENANT, [key])).toMatchObject({ added: 0 });
    }
    expect(await verify(archive)).toMatchObject({ events: 8, unsealed: 0, findings: [] });
  });

  it("AW-18 an event that comes back after a day of retries is found in the log, also by a cold process", async () => {
    const { archive, clock, advance, cold } = await makeTrail(2, 4);
    const lines = must(archive.objects.get(must(under(archive, eventsPrefix(TENANT))[0]))).toString("utf8");
    for (let hour = 0; hour < 26; hour += 1) {
      advance(3_600_000);
      const draft = createAuditWriter(clock).draft(facts({ request: `h-${hour}` }));
      await cold().add(TENANT, [await putBatch(archive, clock.now(), [draft])]);
    }
    const again = lines
      .split("\n")
      .slice(0, 2)
      .map((line) => ({ line, event: { id: "01hxyzabcd0123456789abcd23" } }));
    expect(await cold().add(TENANT, [await putBatch(archive, clock.now(), again)])).toMatchObject({ added: 0 });
    const report = await verify(archive);
    expect(report).toMatchObject({ events: 8 + 26, unsealed: 0 });
    expect(report.findings.filter(({ kind }) => kind !== "day-missing")).toEqual([]);
  });

  it("of two sealers at once one wins each time, and the tree is one", async () => {
    const { archive, clock, cold } = await makeTrail(2, 4);
    const pair = [cold(), cold()];
    const writer = createAuditWriter(clock);
    for (let round = 0; round < 5; round += 1) {
      const draft = writer.draft(facts({ request: `x-${round}` }));
      writer.settle(draft, "stored");
      const key = await putBatch(archive, clock.now(), [draft]);
      await Promise.all(pair.map((sealer) => sealer.add(TENANT, [key])));
    }
    expect(await verify(archive)).toMatchObject({ events: 13, unsealed: 0, findings: [] });
  });

  it("AW-17 an object that is not what its name says, or of another tenant, is refused and the others go on", async () => {
    const made = await makeTrail(1, 1);
    const { archive, clock, sealer } = made;
    const wrong = `${eventsPrefix(TENANT, "2026-11-22")}01hxyzabcd0123456789abcd33-${"0".repeat(32)}.ndjson`;
    await archive.create(wrong, "one\n");
    const good = await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts({ request: "good" }))]);
    expect(await sealer.add(TENANT, [wrong, good])).toMatchObject({ added: 1, refused: [wrong] });
    expect((await verify(archive)).findings[0]).toMatchObject({ where: wrong });
  });

  it("a run that broke off before its tiles were written is completed by the next", async () => {
    const made = makeSealer();
    const { archive, clock, cold } = made;
    const drafts = Array.from({ length: 700 }, (_, index) =>
      createAuditWriter(clock).draft(facts({ request: `r${index}` })),
    );
    const broken = createSealer({
      store: {
        ...archive,
        create: (key, content) =>
          key.includes("/tile/") ? Promise.reject(new Error("gone")) : archive.create(key, content),
      },
      clock,
      sign: signText,
      logKey,
      originOf: () => ORIGIN,
    });
    await expect(broken.add(TENANT, [await putBatch(archive, clock.now(), drafts)])).rejects.toThrow("gone");
    expect(under(archive, `v1/log/t/${TENANT}/tile/`)).toEqual([]);
    await cold().add(TENANT, [await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts())])]);
    const tiles = under(archive, `v1/log/t/${TENANT}/tile/`).map((key) => key.slice(key.indexOf("tile/")));
    expect(tiles).toEqual(["tile/0/000", "tile/0/001", "tile/1/000.p/2"]);
    expect(await verify(archive)).toMatchObject({ events: 701, findings: [] });
  });

  it("AUD-4 goes on from nothing but what it signed itself", async () => {
    const { archive, clock, cold } = await makeTrail(2, 4);
    const newest = must(under(archive, sealsPrefix(TENANT))[0]);
    const seal = JSON.parse(must(archive.objects.get(newest)).toString("utf8")) as { leaves: string };
    const leaves = Buffer.from(seal.leaves, "base64");
    leaves[5] = (leaves[5] ?? 0) ^ 1;
    archive.objects.set(newest, Buffer.from(JSON.stringify({ ...seal, leaves: leaves.toString("base64") })));
    const key = await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts())]);
    await expect(cold().add(TENANT, [key])).rejects.toThrow("a log goes on from what was signed");
  });
});

describe("createSealRun", () => {
  const runOver = (made: ReturnType<typeof makeSealer>, store = made.archive) => {
    const failures: string[] = [];
    const { clock } = made;
    const sealer = createSealer({ store, clock, sign: signText, logKey, originOf: () => ORIGIN });
    const run = createSealRun({ store, sealer, clock, onFailure: (tenantId) => failures.push(tenantId) });
    return { run: () => run.run(), failures };
  };

  it("seals what hints announce, and a minute without one costs one listing whatever the number of tenants", async () => {
    const made = makeSealer();
    for (let tenant = 0; tenant < 50; tenant += 1)
      await made.archive.create(`v1/events/t/${String(tenant).padStart(26, "0")}/2026-11-20/x`, "");
    const { store, calls } = counting(made.archive);
    await made.archive.create(closedKey("2026-11-21"), "");
    const { run } = runOver(made, store);
    await arrive(made, "first");
    expect(await run()).toMatchObject({ sealed: 1, failed: 0 });
    expect(await verify(made.archive)).toMatchObject({ events: 1, findings: [] });
    calls.length = 0;
    made.advance(60_000);
    expect(await run()).toMatchObject({ sealed: 0, failed: 0 });
    expect(calls).toEqual(["list v1/events/hint/"]);
  });

  it("goes on after a cold start from where the last run said, and a late hint is not missed", async () => {
    const made = makeSealer();
    await made.archive.create(closedKey("2026-11-21"), "");
    const first = runOver(made);
    await arrive(made, "one");
    await first.run();
    made.advance(3 * 3_600_000);
    await arrive(made, "two");
    await first.run();
    const late = hintKey(made.clock.now() - 5 * 60_000, "late");
    const key = await putBatch(made.archive, made.clock.now(), [
      createAuditWriter(made.clock).draft(facts({ request: "late" })),
    ]);
    await made.archive.create(late, JSON.stringify({ v: 1, objects: [key] }));
    const { store, calls } = counting(made.archive);
    expect(await runOver(made, store).run()).toMatchObject({ sealed: 1 });
    expect(calls.filter((call) => call.startsWith("get v1/events/hint/"))).toHaveLength(2);
    expect(await verify(made.archive)).toMatchObject({ events: 3, unsealed: 0, findings: [] });
  });

  it("one tenant's fault stops no other, and is tried again", async () => {
    const made = makeSealer();
    let isDown = true;
    const store = {
      ...made.archive,
      get: (key: string) =>
        isDown && key.startsWith(eventsPrefix(TENANT)) ? Promise.reject(new Error("down")) : made.archive.get(key),
    };
    const { run, failures } = runOver(made, store);
    await arrive(made, "one");
    expect(await run()).toMatchObject({ sealed: 0, failed: 1 });
    isDown = false;
    made.advance(60_000);
    expect(await run()).toMatchObject({ sealed: 1, failed: 0 });
    expect(failures).toEqual([TENANT]);
    expect(await verify(made.archive)).toMatchObject({ events: 1, findings: [] });
  });

  it("signs each day at its end, also a day on which nothing happened, and finds what no hint announced", async () => {
    const made = makeSealer();
    const { archive, clock, advance } = made;
    const { run } = runOver(made);
    await arrive(made, "announced");
    await run();
    await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts({ request: "never-announced" }))]);
    for (let day = 0; day < 3; day += 1) {
      advance(DAY_MS);
      await run();
    }
    const days = ["2026-11-22", "2026-11-23", "2026-11-24"];
    const heads = await Promise.all(
      days.map(async (day) => parseCheckpoint(openNote(String(await archive.get(dayKey(TENANT, day))), logKey) ?? "")),
    );
    expect(heads.map((head) => head?.size)).toEqual([2, 2, 2]);
    expect(await archive.get(dayKey(TENANT, "2026-11-21"))).toBeUndefined();
    expect(under(archive, closedKey("")).at(-1)).toBe(closedKey("2026-11-24"));
    // The unfinished tiles stand with the day's checkpoint, so that any C2SP client can read the tree of that day.
    expect(archive.objects.has(`v1/log/t/${TENANT}/tile/0/000.p/2`)).toBe(true);
    expect(await verify(archive)).toMatchObject({ events: 2, unsealed: 0, findings: [] });
    expect(under(archive, runsRoot).length).toBeGreaterThan(2);
  });

  it("AUD-4 a day that nobody signed is missed, so that a quiet end cannot be cut off", async () => {
    const made = makeSealer();
    const { run } = runOver(made);
    await arrive(made, "one");
    await run();
    for (let day = 0; day < 4; day += 1) {
      made.advance(DAY_MS);
      await run();
    }
    const middle = dayKey(TENANT, dayOf(made.clock.now() - 3 * DAY_MS));
    made.archive.objects.delete(middle);
    expect((await verify(made.archive)).findings).toMatchObject([{ kind: "day-missing", where: middle }]);
  });

  it("a sealer that was away for a week signs the days that it missed", async () => {
    const made = makeSealer();
    const { run } = runOver(made);
    await arrive(made, "one");
    await run();
    made.advance(DAY_MS);
    await run();
    made.advance(7 * DAY_MS);
    await arrive(made, "after");
    expect(await runOver(made).run()).toMatchObject({ sealed: 1, closed: 7 });
    expect((await verify(made.archive)).findings).toEqual([]);
  });
});
