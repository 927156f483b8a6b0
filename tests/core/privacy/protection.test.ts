import { beforeEach, describe, expect, it } from "vitest";
import {
  circumstancesOf,
  driftOf,
  type Protection,
  protectionCheck,
  protectionWrite,
  readProtection,
  readProtections,
} from "../../../core/privacy/index.ts";
import type { RecordId, Row } from "../../../core/table/index.ts";
import { parseRecordId, protectionKey } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { compiled, labelled, record } from "../policy/consent/fixtures.ts";
import {
  createPrivacyWorld,
  marks,
  OTHER,
  PATIENT,
  principal,
  type PrivacyWorld,
  TENANT_A,
  TENANT_B,
} from "./world.ts";

const DENY = compiled({ type: "deny" });
const PERMIT = compiled({ type: "permit" });
const patientId = PATIENT as RecordId;

let world: PrivacyWorld;
beforeEach(async () => {
  world = await createPrivacyWorld();
});

const read = async (id: string = PATIENT): Promise<Protection> => valueOf(await readProtection(world.deps(), id));

async function write(before: Protection, consents: Protection["consents"]): Promise<"ok" | "conflict"> {
  const own = marks();
  const made = valueOf(await protectionWrite(world.deps(), before, { consents }, own));
  const done = await world.commit([made], own.eventId);
  return done.ok ? "ok" : (expect(done.error.kind).toBe("conflict"), "conflict");
}

const rowOf = (id: string = PATIENT): Row | undefined => {
  const { pk, sk } = protectionKey(TENANT_A, parseRecordId(id) as RecordId);
  return [...(world.memory.store.rows.get("data")?.values() ?? [])].find((row) => row.pk === pk && row.sk === sk);
};

const standing = (protection: Protection) =>
  circumstancesOf(protection, principal(), {
    purpose: "TREAT",
    action: "access",
    nowMs: world.clock.nowMs,
    relationship: "open",
  });

describe("the protection of a patient", () => {
  it("is there for nobody at first, and with each change one version on", async () => {
    expect(await read()).toEqual({ patientId: PATIENT, version: 0, consents: [] });
    expect(await write(await read(), [DENY])).toBe("ok");
    expect(await write(await read(), [DENY, PERMIT])).toBe("ok");
    expect(await read()).toEqual({ patientId: PATIENT, version: 2, consents: [DENY, PERMIT] });
    expect(await read(OTHER)).toMatchObject({ version: 0 });
    const all = valueOf(await readProtections(world.deps()));
    expect([...all.keys()]).toEqual([PATIENT]);
  });

  it("holds nothing in the clear: no consent, no hold, no matter", async () => {
    await write(await read(), [{ ...DENY, id: "canary-consent" }]);
    const row = rowOf();
    expect(row).toBeDefined();
    expect(JSON.stringify(row)).not.toMatch(/canary|deny/);
    expect(Object.keys(row ?? {}).toSorted()).toEqual(["_aud", "_h", "_m", "_t", "_upd", "_ver", "phi", "pk", "sk"]);
  });

  it("names the event that it was written with", async () => {
    await write(await read(), [DENY]);
    expect(rowOf()?.["_aud"]).toMatch(/^[0-9a-z]{26}$/);
  });

  it("is not found for what cannot be an id", async () => {
    expect(errorOf(await readProtection(world.deps(), "no#id"))).toEqual({ kind: "not-found" });
  });
});

describe("AT-32 a consent that changes between decision and commit", () => {
  it("two changes of one version: one is written, the other conflicts", async () => {
    const before = await read();
    expect(await write(before, [DENY])).toBe("ok");
    expect(await write(before, [PERMIT])).toBe("conflict");
    const first = await read();
    expect(await write(first, [])).toBe("ok");
    expect(await write(first, [PERMIT])).toBe("conflict");
    expect((await read()).consents).toEqual([]);
  });

  it.each([0, 1, 2])("a check at version %i fails once the patient has said something else", async (version) => {
    for (let at = 0; at < version; at += 1) await write(await read(), [DENY]);
    const seen = await read();
    const check = protectionCheck(world.deps(), seen);
    expect((await world.commit([check], marks().eventId)).ok).toBe(true);
    await write(seen, [PERMIT]);
    const late = await world.commit([check], marks().eventId);
    expect(late).toMatchObject({ ok: false, error: { kind: "conflict", failed: [0] } });
  });
});

describe("somebody who can write the table and holds no key", () => {
  it("copies the row of another patient over: it does not open, and the request fails", async () => {
    await write(await read(OTHER), [PERMIT]);
    await write(await read(), [DENY]);
    const foreign = rowOf(OTHER);
    await world.force({ ...(foreign as Row), ...protectionKey(TENANT_A, patientId) });
    expect(errorOf(await readProtection(world.deps(), PATIENT))).toEqual({ kind: "integrity" });
    expect(errorOf(await readProtections(world.deps()))).toEqual({ kind: "integrity" });
    expect(world.alarms.map(({ kind }) => kind)).toEqual(["integrity", "integrity"]);
  });

  it("copies the row of another clinic over, or writes one of its own", async () => {
    await write(await read(), [DENY]);
    await world.force({ ...(rowOf() as Row), ...protectionKey(TENANT_B, patientId) });
    expect(errorOf(await readProtection(world.deps(TENANT_B), PATIENT))).toEqual({ kind: "integrity" });
    await world.force({
      ...protectionKey(TENANT_A, patientId),
      _ver: 9,
      phi: "{}",
      _t: "protection",
      _upd: 1,
      _aud: "x",
    });
    expect(errorOf(await readProtection(world.deps(), PATIENT))).toEqual({ kind: "integrity" });
  });

  it.each(["_ver", "_aud", "_upd", "_t"])("changes %s", async (name) => {
    await write(await read(), [DENY]);
    const row = rowOf() as Row;
    await world.force({ ...row, [name]: typeof row[name] === "number" ? (row[name] as number) + 1 : "other" });
    expect(errorOf(await readProtection(world.deps(), PATIENT))).toEqual({ kind: "integrity" });
  });

  it("puts an older row back: whoever saw the newer one writes nothing more, and the records tell", async () => {
    await write(await read(), [PERMIT]);
    const older = rowOf() as Row;
    await write(await read(), [{ ...DENY, version: 2 }]);
    const seen = await read();
    await world.force(older);
    expect((await world.commit([protectionCheck(world.deps(), seen)], marks().eventId)).ok).toBe(false);
    expect(await write(seen, [])).toBe("conflict");
    expect(driftOf(await read(), [{ ...DENY, version: 2 }])).toEqual(["consent-1:1", "consent-1:2"]);
    expect(driftOf(seen, [{ ...DENY, version: 2 }])).toEqual([]);
  });

  it("POL-8 takes the row away: class S is still refused, and the records tell", async () => {
    await write(await read(), [PERMIT]);
    expect(standing(await read()).ruling.permits(labelled("HIV"))).toBe(true);
    const seen = await read();
    const rows = world.memory.store.rows.get("data");
    for (const [key, row] of rows ?? []) if (row.sk === PATIENT) rows?.delete(key);
    const gone = await read();
    expect(gone.version).toBe(0);
    expect(standing(gone).ruling.permits(labelled("HIV"))).toBe(false);
    expect(standing(gone).circumstances.consent.byClass.S).toBe("none");
    expect((await world.commit([protectionCheck(world.deps(), seen)], marks().eventId)).ok).toBe(false);
    expect(driftOf(gone, [PERMIT])).toEqual(["consent-1:1"]);
  });
});

describe("a consent in a row that does not parse any more", () => {
  it("denies, with an alarm, and leaves the others as they are", async () => {
    const strange = { ...PERMIT, id: "strange", format: 2 } as unknown as typeof PERMIT;
    const foreign = { ...PERMIT, id: "foreign", patientId: OTHER };
    for (const odd of [strange, foreign]) {
      await write(await read(), [odd, PERMIT]);
      const protection = await read();
      expect(protection.consents.map(({ id, isUnreadable }) => [id, isUnreadable])).toEqual([
        [odd.id, true],
        ["consent-1", undefined],
      ]);
      const { ruling, circumstances } = standing(protection);
      expect([ruling.permits(record()), ruling.permits(labelled("HIV"))]).toEqual([false, false]);
      expect(circumstances.consent.byClass).toEqual({ C: "deny", S: "deny", B: "deny", D: "deny" });
      expect(circumstances.consent.ids).toContain(`${odd.id}:1`);
    }
    expect(world.alarms).toContainEqual({ kind: "integrity", fault: "consent" });
  });
});
