import { beforeEach, describe, expect, it } from "vitest";
import type { FhirResource } from "../../../core/fhir/index.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { placeHold, readProtection } from "../../../core/privacy/index.ts";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { requestFingerprint, resourceOf } from "../../../core/record/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { kind } from "../policy/consent/fixtures.ts";
import type { World } from "./world.ts";
import { bundle, consenting, createWorld, grantOf, observation, patient, query, resource, withId } from "./world.ts";

let world: World;
let open: Records;
let ada: StoredVersion;
let twin: StoredVersion;
const grant = grantOf();
/** Who merges reaches nothing clinical. */
const clerk = grantOf({ classes: ["D"], userId: newId(1) as string as UserId });
const REASON = "same birth date, phone and passport";

beforeEach(async () => {
  world = await createWorld();
  open = world.for(grant);
  ada = valueOf(
    await open.create(grant, patient("Lovelace", { telecom: [{ system: "phone", value: "5550117" }] })),
  ).version;
  twin = valueOf(await open.create(grant, patient("Lovelase", { active: true }))).version;
});

const observed = async (who: StoredVersion, text: string, letter: "C" | "S" = "C"): Promise<StoredVersion> =>
  valueOf(await open.create(grant, observation(who.id, text, letter))).version;
const asked = (effect?: { key: string; fingerprint: string }) => ({
  survivor: { id: ada.id, version: ada.version },
  duplicate: { id: twin.id, version: twin.version },
  reason: REASON,
  ...(effect && { effect }),
});
const merge = async (): Promise<void> => {
  valueOf(await world.for(clerk).mergePatients(clerk, asked()));
};
const undo = () => world.for(clerk).unmergePatients(clerk, { duplicate: twin.id, reason: "two people after all" });
const read = async (id: string): Promise<FhirResource> => resourceOf(valueOf(await open.read(grant, "Patient", id)));
const content = ({ meta: _meta, ...rest }: FhirResource): unknown => rest;
const chart = async (id: string, records = open): Promise<string[]> =>
  valueOf(await records.everything(grant, id)).resources.map(({ id: own = "" }) => own);
const searched = async (id: string, records = open): Promise<string[]> =>
  valueOf(await records.search(grant, query("Observation", `patient=${id}`))).matches.map(({ id: own = "" }) => own);

const consent = (who: StoredVersion, provision: object): FhirResource =>
  resource({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
    patient: { reference: `Patient/${who.id}` },
    dateTime: "2026-01-01T00:00:00Z",
    policyRule: {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
    },
    provision,
  });
const say = async (who: StoredVersion, provision: object): Promise<void> => {
  valueOf(await open.create(grant, consent(who, provision)));
};
const eyes = (): Records => world.for(grant, consenting(grant, { nowMs: world.clock.nowMs }));

describe("CLIN-1 Merge two charts, everything is on one, undo restores both", () => {
  it("a chart, a search and a conditional create of the survivor see what the duplicate holds", async () => {
    const [own, other, secret] = [
      await observed(ada, "own"),
      await observed(twin, "other"),
      await observed(twin, "mood", "S"),
    ];
    await merge();
    expect(new Set(await chart(ada.id))).toEqual(new Set([ada.id, own.id, other.id, secret.id, twin.id]));
    expect(new Set(await searched(ada.id))).toEqual(new Set([own.id, other.id, secret.id]));
    expect(await searched(twin.id)).toHaveLength(2);
    const again = {
      resource: observation(ada.id, "x"),
      request: { method: "POST", url: "Observation", ifNoneExist: `patient=${ada.id}&_id=${other.id}` },
    };
    expect(valueOf(await open.transaction(grant, bundle([again]))).outcomes).toMatchObject([
      { kind: "unchanged", written: { id: other.id } },
    ]);
    expect(await read(ada.id)).toMatchObject({
      link: [{ other: { reference: `Patient/${twin.id}` }, type: "replaces" }],
    });
    expect(await read(twin.id)).toMatchObject({
      active: false,
      link: [{ other: { reference: `Patient/${ada.id}` }, type: "replaced-by" }],
    });
    // A record written from then on is on the one chart, whichever id somebody still had.
    const late = await observed(twin, "late");
    expect(await chart(ada.id)).toContain(late.id);
  });

  it("undo gives back both patients to the letter, and each its own records", async () => {
    const [own, other] = [await observed(ada, "own"), await observed(twin, "other")];
    const before = [content(await read(ada.id)), content(await read(twin.id))];
    await merge();
    valueOf(await undo());
    expect([content(await read(ada.id)), content(await read(twin.id))]).toEqual(before);
    expect(new Set(await chart(ada.id))).toEqual(new Set([ada.id, own.id]));
    expect(new Set(await chart(twin.id))).toEqual(new Set([twin.id, other.id]));
    expect(valueOf(await readProtection(world.privacy(grant), ada.id)).merge).toBeUndefined();
    expect(errorOf(await undo())).toEqual({ kind: "not-found" });
    ada = valueOf(await open.read(grant, "Patient", ada.id));
    twin = valueOf(await open.read(grant, "Patient", twin.id));
    await merge();
    expect(await chart(ada.id)).toContain(other.id);
  });

  it("undo keeps what was changed since, and takes the link alone", async () => {
    await merge();
    const now = valueOf(await open.read(grant, "Patient", ada.id));
    const edited = { ...resourceOf(now), birthDate: "1815-12-10" };
    valueOf(await open.update(grant, withId(edited, ada.id), { ifMatch: now.version }));
    valueOf(await undo());
    const after = await read(ada.id);
    expect(after).toMatchObject({ birthDate: "1815-12-10" });
    expect(after["link"]).toBeUndefined();
    expect(await read(twin.id)).toMatchObject({ active: true });
  });

  it("one event names both, and says why in its sealed part; the patients' logs show who looked at either", async () => {
    await merge();
    expect(world.events.at(-1)).toMatchObject({
      interaction: "patient.merge",
      fate: "stored",
      entities: [
        { type: "Patient", id: ada.id, version: 2 },
        { type: "Patient", id: twin.id, version: 2 },
      ],
      detail: { reason: REASON },
    });
    await chart(ada.id);
    expect(world.events.at(-1)?.entities).toEqual([
      { type: "Patient", id: ada.id },
      { type: "Patient", id: twin.id },
    ]);
    await searched(ada.id);
    expect(JSON.stringify(world.events.at(-1)?.entities)).toContain(twin.id);
  });

  it("sent again with its key, a merge and an undo have happened once", async () => {
    const effect = { key: "k1", fingerprint: requestFingerprint("POST", "/merge", "1") };
    const first = valueOf(await world.for(clerk).mergePatients(clerk, asked(effect)));
    const again = valueOf(await world.for(clerk).mergePatients(clerk, asked(effect)));
    expect([first.isReplay, again.isReplay, again.version.version]).toEqual([false, true, 2]);
    const undoing = { duplicate: twin.id, reason: "no", effect: { ...effect, key: "k2" } };
    valueOf(await world.for(clerk).unmergePatients(clerk, undoing));
    expect(valueOf(await world.for(clerk).unmergePatients(clerk, undoing))).toMatchObject({ isReplay: true });
  });

  it.each(["before", "after"] as const)(
    "broken off %s its one write, it is not done or done, and never half",
    async (when) => {
      const other = await observed(twin, "other");
      const transactWrite = world.memory.transactWrite.bind(world.memory);
      let calls = 0;
      world.memory.transactWrite = async (...args) => {
        calls += 1;
        if (when === "after") await transactWrite(...args);
        throw new Error("the process ends here");
      };
      await expect(world.for(clerk).mergePatients(clerk, asked())).rejects.toThrow("ends here");
      world.memory.transactWrite = transactWrite;
      expect(calls).toBe(1);
      expect((await chart(ada.id)).includes(other.id)).toBe(when === "after");
      const link = (await read(ada.id))["link"];
      expect(link === undefined).toBe(when === "before");
      if (when === "after") valueOf(await undo());
      expect(await chart(ada.id)).toEqual([ada.id]);
    },
  );
});

describe("CLIN-1 POL-1 a merge opens nothing", () => {
  it("what one chart's consent denies is denied on both, and comes back with the undo", async () => {
    const [own, other] = [await observed(ada, "own"), await observed(twin, "other")];
    await say(twin, { type: "deny", class: [kind("C")] });
    expect([await searched(ada.id, eyes()), await searched(twin.id, eyes())]).toEqual([[own.id], []]);
    await merge();
    expect(await searched(ada.id, eyes())).toEqual([]);
    expect(errorOf(await eyes().read(grant, "Observation", own.id))).toEqual({ kind: "not-found" });
    expect(errorOf(await eyes().read(grant, "Observation", other.id))).toEqual({ kind: "not-found" });
    expect(errorOf(await eyes().create(grant, observation(ada.id, "late")))).toEqual({ kind: "forbidden" });
    valueOf(await undo());
    expect([await searched(ada.id, eyes()), await searched(twin.id, eyes())]).toEqual([[own.id], []]);
  });

  it("a permit for segmented records opens those of its own chart, as before, and none of the other's", async () => {
    const [own, other] = [await observed(ada, "own", "S"), await observed(twin, "other", "S")];
    await say(ada, { type: "permit", class: [kind("S")] });
    expect(await searched(ada.id, eyes())).toEqual([own.id]);
    await merge();
    expect(await searched(ada.id, eyes())).toEqual([own.id]);
    expect(errorOf(await eyes().read(grant, "Observation", other.id))).toEqual({ kind: "not-found" });
    const clinical = grantOf({ classes: ["C", "D"] });
    const seen = valueOf(await world.for(clinical).everything(clinical, ada.id)).resources;
    expect(seen.filter(({ resourceType }) => resourceType === "Observation")).toEqual([]);
  });

  it("who may reach one patient alone sees that chart alone", async () => {
    const [own, other] = [await observed(ada, "own"), await observed(twin, "other")];
    await merge();
    const hers = grantOf({ onlyPatientId: ada.id });
    const seen = valueOf(await world.for(hers).everything(hers, ada.id)).resources.map(({ id }) => id);
    expect(seen).toEqual([ada.id, own.id]);
    expect(errorOf(await world.for(hers).read(hers, "Observation", other.id))).toEqual({ kind: "not-found" });
  });

  it("a hold on either refuses it, and one that is placed later keeps both and refuses the undo", async () => {
    const hold = async (id: string): Promise<void> => {
      const deps = world.privacy(grant);
      const input = {
        mode: "frozen",
        reasonCode: "litigation",
        matter: "docket 7",
        by: { userId: newId(1) as string as UserId },
      } as const;
      const placed = valueOf(
        await placeHold(deps, valueOf(await readProtection(deps, id)), input, { eventId: newId(1) }),
      );
      valueOf(await world.table.transactWrite(placed.writes));
    };
    const other = await observed(twin, "other");
    await merge();
    await hold(ada.id);
    expect(errorOf(await open.delete(grant, "Observation", other.id))).toEqual({ kind: "locked" });
    expect(errorOf(await undo())).toEqual({ kind: "locked" });
    const third = valueOf(await open.create(grant, patient("Third"))).version;
    await hold(third.id);
    const held = { ...asked(), survivor: { id: third.id, version: 1 }, duplicate: { id: third.id, version: 1 } };
    expect(errorOf(await world.for(clerk).mergePatients(clerk, held))).toEqual({ kind: "not-found" });
    const fourth = valueOf(await open.create(grant, patient("Fourth"))).version;
    const refused = { ...held, survivor: { id: fourth.id, version: 1 } };
    expect(errorOf(await world.for(clerk).mergePatients(clerk, refused))).toEqual({ kind: "locked" });
  });

  it("a consent that comes while it is written refuses it", async () => {
    const transactWrite = world.memory.transactWrite.bind(world.memory);
    world.memory.transactWrite = async (...args) => {
      world.memory.transactWrite = transactWrite;
      await say(twin, { type: "deny", class: [kind("C")] });
      return transactWrite(...args);
    };
    expect(errorOf(await world.for(clerk).mergePatients(clerk, asked()))).toEqual({
      kind: "conflict",
      reason: "decision",
    });
    expect((await read(ada.id))["link"]).toBeUndefined();
  });

  it("neither chains nor versions that nobody looked at", async () => {
    const third = valueOf(await open.create(grant, patient("Third"))).version;
    const clerks = world.for(clerk);
    const stale = { ...asked(), survivor: { id: ada.id, version: 7 } };
    expect(errorOf(await clerks.mergePatients(clerk, stale))).toEqual({ kind: "conflict", reason: "version" });
    await merge();
    const chained = { ...asked(), survivor: { id: third.id, version: 1 }, duplicate: { id: ada.id, version: 2 } };
    expect(errorOf(await clerks.mergePatients(clerk, chained))).toEqual({ kind: "business-rule", rule: "merge-chain" });
    const into = { ...asked(), survivor: { id: twin.id, version: 2 }, duplicate: { id: third.id, version: 1 } };
    expect(errorOf(await clerks.mergePatients(clerk, into))).toEqual({ kind: "business-rule", rule: "merge-chain" });
    const second = { ...asked(), survivor: { id: ada.id, version: 2 }, duplicate: { id: third.id, version: 1 } };
    valueOf(await clerks.mergePatients(clerk, second));
    const other = await observed(third, "third");
    expect(await chart(ada.id)).toContain(other.id);
    valueOf(await undo());
    expect(await chart(ada.id)).toEqual(expect.arrayContaining([third.id, other.id]));
    expect(await chart(ada.id)).not.toContain(twin.id);
  });
});
