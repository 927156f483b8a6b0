import { beforeEach, describe, expect, it } from "vitest";
import type { FhirResource } from "../../../core/fhir/index.ts";
import type { Grant } from "../../../core/policy/grant.ts";
import type { Inquiry } from "../../../core/policy/consent/index.ts";
import { placeHold, readProtection } from "../../../core/privacy/index.ts";
import type { RecordFailure, Records, StoredVersion } from "../../../core/record/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { newId } from "../../../core/kernel/ids.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { kind, label } from "../policy/consent/fixtures.ts";
import type { World } from "./world.ts";
import {
  bundle,
  consenting,
  createWorld,
  grantOf,
  observation,
  patient,
  query,
  resource,
  unguarded,
  withId,
} from "./world.ts";

const ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const INLINE = "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";
const notFound = { kind: "not-found" };
const grant = grantOf();

let world: World;
let ada: StoredVersion;
/** As the clinic's desk keeps consents: nothing stands in its way. */
let open: Records;

beforeEach(async () => {
  world = await createWorld();
  open = world.for(grant);
  ada = valueOf(await open.create(grant, patient("Lovelace"))).version;
});

const eyes = (more: Partial<Inquiry> = {}, own: Grant = grant): Records =>
  world.for(own, consenting(own, { nowMs: world.clock.nowMs, ...more }));

const consentOf = (provision: object, more: object = {}): FhirResource =>
  resource({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
    patient: { reference: `Patient/${ada.id}` },
    dateTime: "2026-01-01T00:00:00Z",
    policyRule: {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
    },
    provision,
    ...more,
  });
const segmentedPermit = { type: "permit", class: [kind("S")] };

const write = async (value: FhirResource): Promise<StoredVersion> => valueOf(await open.create(grant, value)).version;
const protection = async () => valueOf(await readProtection(world.privacy(grant), ada.id));

async function hold(mode: "frozen" | "restricted" = "frozen"): Promise<void> {
  const deps = world.privacy(grant);
  const input = { mode, reasonCode: "litigation", matter: "docket 7", by: { userId: newId(1) as string as UserId } };
  const placed = valueOf(await placeHold(deps, await protection(), input, { eventId: newId(world.clock.now()) }));
  valueOf(await world.table.transactWrite(placed.writes));
}

describe("POL-1 POL-5: consent decides what the data layer gives", () => {
  it("keeps the protection in step with the Consents, in their own transactions", async () => {
    const given = await write(consentOf(segmentedPermit));
    expect(await protection()).toMatchObject({ version: 1, consents: [{ id: given.id, version: 1 }] });
    valueOf(await open.update(grant, withId(consentOf({ type: "deny" }), given.id), { ifMatch: 1 }));
    expect(await protection()).toMatchObject({ version: 2, consents: [{ id: given.id, version: 2 }] });
    const inactive = consentOf({ type: "deny" }, { status: "inactive" });
    valueOf(await open.update(grant, withId(inactive, given.id), { ifMatch: 2 }));
    expect((await protection()).consents).toEqual([]);
    const other = await write(consentOf({ type: "deny" }));
    valueOf(await open.delete(grant, "Consent", other.id));
    expect((await protection()).consents).toEqual([]);
    const two = bundle([
      { resource: consentOf(segmentedPermit), request: { method: "POST", url: "Consent" } },
      { resource: consentOf({ type: "deny" }), request: { method: "POST", url: "Consent" } },
    ]);
    valueOf(await open.transaction(grant, two));
    expect((await protection()).consents).toHaveLength(2);
  });

  it("refuses a Consent that cannot be computed, and names the element", async () => {
    const code = [{ coding: [{ system: "http://loinc.org", code: "1-8" }] }];
    const failure = errorOf(await open.create(grant, consentOf({ type: "deny", code })));
    expect(failure).toEqual({ kind: "consent", rule: "consent-element", path: "Consent.provision.code" });
    expect((await protection()).version).toBe(0);
  });

  it("a denial hides records from read, vread, history, search, totals, include, everything and conditions", async () => {
    const note = await write(observation(ada.id, "note"));
    await write(consentOf({ type: "deny", class: [kind("Observation")] }));
    const seen = eyes();
    expect(errorOf(await seen.read(grant, "Observation", note.id))).toEqual(notFound);
    expect(errorOf(await seen.vread(grant, "Observation", note.id, 1))).toEqual(notFound);
    expect(errorOf(await seen.history(grant, "Observation", note.id))).toEqual(notFound);
    for (const text of [`patient=${ada.id}`, `patient=${ada.id}&_summary=count`, `_id=${note.id}`])
      expect(valueOf(await seen.search(grant, query("Observation", text)))).toMatchObject({ total: 0, matches: [] });
    const drawn = query("Patient", `_id=${ada.id}&_revinclude=Observation:subject`);
    expect(valueOf(await seen.search(grant, drawn)).included).toEqual([]);
    const chart = valueOf(await seen.everything(grant, ada.id));
    expect(chart.resources.map(({ resourceType }) => resourceType).toSorted()).toEqual(["Consent", "Patient"]);
    expect(errorOf(await seen.update(grant, withId(observation(ada.id, "x"), note.id), { ifMatch: 1 }))).toEqual(
      notFound,
    );
    expect(errorOf(await seen.delete(grant, "Observation", note.id))).toEqual(notFound);
    const referring = observation(ada.id, "x", "C", { derivedFrom: [{ reference: `Observation/${note.id}` }] });
    const unknown = observation(ada.id, "x", "C", {
      derivedFrom: [{ reference: `Observation/${ada.id}.${newId(1)}` }],
    });
    expect(errorOf(await seen.create(grant, referring))).toEqual(errorOf(await seen.create(grant, unknown)));
    expect(
      errorOf(
        await seen.transaction(grant, bundle([{ request: { method: "DELETE", url: `Observation/${note.id}` } }])),
      ),
    ).toEqual(notFound);
  });

  it("hides a patient who denies everything from the directory and its totals, whatever she is searched by", async () => {
    await write(patient("Byron"));
    await write(consentOf({ type: "deny" }));
    const found = valueOf(await eyes().search(grant, query("Patient", "gender=female")));
    expect(found).toMatchObject({ total: 1 });
    expect(valueOf(await eyes().search(grant, query("Patient", "family=lovelace"))).total).toBe(0);
    expect(valueOf(await eyes().search(grant, query("Patient", `_id=${ada.id}`))).total).toBe(0);
    expect(errorOf(await eyes().everything(grant, ada.id))).toEqual(notFound);
  });

  it("hides and does not know in the same calls", async () => {
    const id = "a-client-id";
    valueOf(await open.create(grant, observation(ada.id, "note"), { id }));
    await write(consentOf({ type: "deny", class: [kind("Observation")] }));
    const callsOf = async (work: (records: Records) => Promise<Result<unknown, RecordFailure>>) => {
      const before = { ...world.meter.calls };
      const failure = errorOf(await work(eyes()));
      return {
        failure,
        calls: Object.entries(world.meter.calls).map(([name, count]) => count - before[name as never]),
      };
    };
    const server = (await write(observation(ada.id, "other"))).id;
    for (const [hidden, absent] of [[server, `${ada.id}.${newId(1)}`]] as const) {
      const here = await callsOf((records) => records.read(grant, "Observation", hidden));
      expect(here).toEqual(await callsOf((records) => records.read(grant, "Observation", absent)));
      expect(here.failure).toEqual(notFound);
    }
    expect((await callsOf((records) => records.read(grant, "Observation", id))).failure).toEqual(notFound);
  });

  it("POL-14: a consent that ends, and one that is withdrawn, count from the next request on", async () => {
    const note = await write(observation(ada.id, "note", "S"));
    const until = { start: "2026-01-01", end: "2026-11-22T08:30:00Z" };
    const given = await write(consentOf({ ...segmentedPermit, period: until }));
    expect((await eyes().read(grant, "Observation", note.id)).ok).toBe(true);
    world.clock.nowMs += 31 * 60_000;
    expect(errorOf(await eyes().read(grant, "Observation", note.id))).toEqual(notFound);
    valueOf(await open.update(grant, withId(consentOf(segmentedPermit), given.id), { ifMatch: 1 }));
    expect((await eyes().read(grant, "Observation", note.id)).ok).toBe(true);
    valueOf(await open.delete(grant, "Consent", given.id));
    expect(errorOf(await eyes().read(grant, "Observation", note.id))).toEqual(notFound);
  });

  it("the event of an answer with class S commits only while the consent stands", async () => {
    const note = await write(observation(ada.id, "note", "S"));
    const given = await write(consentOf(segmentedPermit));
    const records = eyes();
    world.events.length = 0;
    const transactWrite = world.table.transactWrite.bind(world.table);
    let isWithdrawn = false;
    world.memory.transactWrite = async (...args) => {
      if (!isWithdrawn) {
        isWithdrawn = true;
        valueOf(await open.delete(grant, "Consent", given.id));
      }
      return transactWrite(...args);
    };
    expect(errorOf(await records.read(grant, "Observation", note.id))).toEqual({
      kind: "conflict",
      reason: "decision",
    });
    expect(world.events.filter(({ interaction }) => interaction === "read")).toEqual([]);
    expect(errorOf(await eyes().read(grant, "Observation", note.id))).toEqual(notFound);
  });

  it("a write that was prepared under another consent is refused, and writes nothing", async () => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let isChanged = false;
    world.memory.transactWrite = async (...args) => {
      if (!isChanged) {
        isChanged = true;
        await write(consentOf({ type: "deny" }));
      }
      return transactWrite(...args);
    };
    const refused = await eyes().create(grant, observation(ada.id, "late"));
    expect(errorOf(refused)).toEqual({ kind: "conflict", reason: "decision" });
    expect(valueOf(await open.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(0);
  });
});

describe("POL-8: labels go with what they cover", () => {
  const encounter = (more: object = {}) =>
    resource({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: `Patient/${ada.id}` },
      ...more,
    });
  const labelled = (code: string) => ({ meta: { security: [{ system: ACT, code }] } });
  const during = (id: string) => ({ encounter: { reference: `Encounter/${id}` } });

  it("what is written in a segmented encounter, or refers to a segmented record, takes the labels", async () => {
    const visit = await write(encounter(labelled("SUD")));
    const inside = await write(observation(ada.id, "in the visit", "C", during(visit.id)));
    expect(inside.dataClass).toBe("S");
    expect(resourceOf(inside).meta?.["security"]).toEqual([{ system: ACT, code: "SUD" }]);
    const derived = { derivedFrom: [{ reference: `Observation/${inside.id}` }] };
    const next = await write(observation(ada.id, "derived", "C", derived));
    expect(next.dataClass).toBe("S");
    const moved = valueOf(
      await open.update(grant, withId(observation(ada.id, "without meta", "C", derived), next.id), { ifMatch: 1 }),
    );
    expect(moved.version.dataClass).toBe("S");
    const plain = await write(observation(ada.id, "plain"));
    const linked = withId(observation(ada.id, "linked", "C", derived), plain.id);
    expect(valueOf(await open.update(grant, linked, { ifMatch: 1 })).version.dataClass).toBe("S");
  });

  it("also inside a bundle, whatever the order of its entries", async () => {
    const urn = "urn:uuid:5b0c3b54-7d0e-4f2b-9e6f-0d9c64a3a111";
    const done = valueOf(
      await open.transaction(
        grant,
        bundle([
          {
            resource: observation(ada.id, "first", "C", { encounter: { reference: urn } }),
            request: { method: "POST", url: "Observation" },
          },
          { fullUrl: urn, resource: encounter(labelled("HIV")), request: { method: "POST", url: "Encounter" } },
        ]),
      ),
    );
    const [first] = done.outcomes;
    const id = first && "written" in first ? first.written.id : "";
    expect(valueOf(await open.read(grant, "Observation", id)).dataClass).toBe("S");
  });

  it("a label put on an encounter reaches what was written in it, and what refers to that, at once", async () => {
    const visit = await write(encounter());
    const inside = await write(observation(ada.id, "inside", "C", during(visit.id)));
    const derived = await write(
      observation(ada.id, "derived", "C", { derivedFrom: [{ reference: `Observation/${inside.id}` }] }),
    );
    const outside = await write(observation(ada.id, "outside"));
    world.events.length = 0;
    valueOf(await open.update(grant, withId(encounter(labelled("PSY")), visit.id), { ifMatch: 1 }));
    const clinical = grantOf({ classes: ["C", "D"] });
    const found = valueOf(await world.for(clinical).search(clinical, query("Observation", `patient=${ada.id}`)));
    expect(found.matches.map(({ id }) => id)).toEqual([outside.id]);
    expect(valueOf(await open.read(grant, "Observation", derived.id)).version).toBe(2);
    expect(world.events[0]?.entities.map(({ id }) => id).toSorted()).toEqual(
      [visit.id, inside.id, derived.id].toSorted(),
    );
  });

  it("a relabelled record takes its past along: credentials for C find markers without content", async () => {
    const note = await write(observation(ada.id, "CANARY-1"));
    for (const version of [1, 2]) {
      const next = withId(observation(ada.id, `CANARY-${version + 1}`), note.id);
      valueOf(await open.update(grant, next, { ifMatch: version }));
    }
    valueOf(await open.update(grant, withId(observation(ada.id, "CANARY-4", "S"), note.id), { ifMatch: 3 }));
    const rows = [...world.memory.store.rows.values()].flatMap((partition) => [...partition.values()]);
    const inC = rows.filter(({ pk, sk }) => String(pk).includes("#C#P#") && String(sk).includes(note.id));
    expect(inC).toHaveLength(3);
    for (const row of inC) expect(row).toMatchObject({ _mv: true });
    for (const row of inC) expect(row).not.toHaveProperty("phi");
    const history = valueOf(await open.history(grant, "Observation", note.id));
    expect(
      history.versions.map(({ version, dataClass, text }) => [version, dataClass, text?.match(/CANARY-\d/)?.[0]]),
    ).toEqual([
      [4, "S", "CANARY-4"],
      [3, "S", "CANARY-3"],
      [2, "S", "CANARY-2"],
      [1, "S", "CANARY-1"],
    ]);
    expect(valueOf(await open.vread(grant, "Observation", note.id, 2)).dataClass).toBe("S");
  });

  it("a label that reaches more than one write can move is refused with the way out", async () => {
    const visit = await write(encounter());
    for (let count = 0; count < 33; count += 1) await write(observation(ada.id, "x", "C", during(visit.id)));
    const failure = errorOf(await open.update(grant, withId(encounter(labelled("PSY")), visit.id), { ifMatch: 1 }));
    expect(failure).toEqual({ kind: "too-costly", rule: "relabel-size" });
    expect(valueOf(await open.read(grant, "Encounter", visit.id)).version).toBe(1);
  });

  it("an update that says nothing of labels keeps them; a record of nobody's cannot be segmented", async () => {
    const note = await write(observation(ada.id, "x", "S"));
    const next = valueOf(await open.update(grant, withId(observation(ada.id, "y"), note.id), { ifMatch: 1 }));
    expect(next.version.dataClass).toBe("S");
    const medication = resource({ resourceType: "Medication", meta: { security: [{ system: ACT, code: "SUD" }] } });
    expect(errorOf(await open.create(grant, medication))).toEqual({
      kind: "business-rule",
      rule: "segmented-without-patient",
    });
  });

  it("nobody without class S refers to a segmented record: it is as unresolved as an unknown one", async () => {
    const visit = await write(encounter(labelled("SUD")));
    const clinical = grantOf({ classes: ["C", "D"] });
    const records = world.for(clinical);
    const failure = errorOf(await records.create(clinical, observation(ada.id, "x", "C", during(visit.id))));
    const absent = errorOf(
      await records.create(clinical, observation(ada.id, "x", "C", during(`${ada.id}.${newId(1)}`))),
    );
    expect(failure).toMatchObject({ kind: "business-rule", rule: "reference-unresolved" });
    expect(failure).toEqual(absent);
  });

  it("an element under quarantine lifts the record into S, and is masked on the way out and never written back", async () => {
    const quarantined = (code: string) => ({
      note: [{ text: "CANARY", extension: [{ url: INLINE, valueCoding: { system: ACT, code } }] }],
    });
    const note = await write(observation(ada.id, "visible part", "C", quarantined("HIV")));
    expect(note.dataClass).toBe("S");
    await write(consentOf({ type: "permit", securityLabel: [label("PSY")] }));
    const seen = valueOf(await eyes().read(grant, "Observation", note.id));
    expect(seen.text).toContain("visible part");
    expect(seen.text).toContain("masked");
    expect(seen.text).not.toContain("CANARY");
    expect(errorOf(await eyes().update(grant, resourceOf(seen), { ifMatch: 1 }))).toMatchObject({ rule: "redacted" });
    const searched = valueOf(await eyes().search(grant, query("Observation", `patient=${ada.id}`)));
    expect(JSON.stringify(searched)).not.toContain("CANARY");
    expect(JSON.stringify(valueOf(await eyes().history(grant, "Observation", note.id)))).not.toContain("CANARY");
    await write(consentOf({ type: "permit", securityLabel: [label("HIV")] }));
    expect(valueOf(await eyes().read(grant, "Observation", note.id)).text).toContain("CANARY");
  });

  it("POL-7: psychotherapy notes are their author's, and no permit that does not name them opens them", async () => {
    const author = { performer: [{ reference: "Practitioner/dr-ada" }], ...labelled("PSYTHPN") };
    valueOf(
      await open.create(grant, resource({ resourceType: "Practitioner", name: [{ family: "Ada" }] }), { id: "dr-ada" }),
    );
    const note = await write(observation(ada.id, "CANARY", "C", author));
    await write(consentOf(segmentedPermit));
    expect(errorOf(await eyes().read(grant, "Observation", note.id))).toEqual(notFound);
    expect((await eyes({ practitionerId: "dr-ada" }).read(grant, "Observation", note.id)).ok).toBe(true);
    expect(errorOf(await eyes({ practitionerId: "dr-bob" }).read(grant, "Observation", note.id))).toEqual(notFound);
  });
});

describe("RET-3: a hold keeps what is there, whichever path would change it", () => {
  let note: StoredVersion;
  let visit: StoredVersion;
  let told: StoredVersion;
  beforeEach(async () => {
    note = await write(observation(ada.id, "kept"));
    visit = await write(
      resource({
        resourceType: "Encounter",
        status: "finished",
        class: { system: ACT, code: "AMB" },
        subject: { reference: `Patient/${ada.id}` },
      }),
    );
    told = await write(observation(ada.id, "told", "C", { encounter: { reference: `Encounter/${visit.id}` } }));
  });
  const locked = { kind: "locked" };
  type Path = [string, () => Promise<Result<unknown, RecordFailure>>];
  const post = (value: FhirResource) => ({
    resource: value,
    request: { method: "POST", url: value.resourceType },
  });
  const relabelled = (): FhirResource =>
    resource({ ...resourceOf(visit), meta: { security: [{ system: ACT, code: "PSY" }] } });
  const changing: Path[] = [
    ["update", () => open.update(grant, withId(observation(ada.id, "x"), note.id), { ifMatch: 1 })],
    ["delete", () => open.delete(grant, "Observation", note.id)],
    ["update of the Patient", () => open.update(grant, withId(patient("Byron"), ada.id), { ifMatch: 1 })],
    ["delete of the Patient", () => open.delete(grant, "Patient", ada.id)],
    ["relabel", () => open.update(grant, withId(observation(ada.id, "x", "S"), note.id), { ifMatch: 1 })],
    ["a label that moves what refers to it", () => open.update(grant, relabelled(), { ifMatch: 1 })],
    [
      "transaction",
      () => open.transaction(grant, bundle([{ request: { method: "DELETE", url: `Observation/${note.id}` } }])),
    ],
    [
      "transaction that also creates",
      () =>
        open.transaction(
          grant,
          bundle([
            post(observation(ada.id, "x")),
            {
              resource: withId(observation(ada.id, "x"), note.id),
              request: { method: "PUT", url: `Observation/${note.id}`, ifMatch: 'W/"1"' },
            },
          ]),
        ),
    ],
    [
      "creation for which what is there gets a label",
      () =>
        open.transaction(
          grant,
          bundle([
            post(observation(ada.id, "x", "C", { encounter: { reference: `Encounter/${visit.id}` } })),
            { resource: relabelled(), request: { method: "PUT", url: `Encounter/${visit.id}`, ifMatch: 'W/"1"' } },
          ]),
        ),
    ],
  ];
  const many = (): Promise<Result<unknown, RecordFailure>> =>
    open.transaction(grant, bundle(Array.from({ length: 150 }, () => post(observation(ada.id, "x")))));
  const adding: Path[] = [
    ["create", () => open.create(grant, observation(ada.id, "x"))],
    ["create under an id of the client's own", () => open.create(grant, observation(ada.id, "x"), { id: "own" })],
    ["create of what is segmented", () => open.create(grant, observation(ada.id, "x", "S"))],
    [
      "create beside what is there",
      () => open.create(grant, observation(ada.id, "x", "C", { hasMember: [{ reference: `Observation/${note.id}` }] })),
    ],
    ["a Consent", () => open.create(grant, consentOf({ type: "deny" }))],
    ["transaction", () => open.transaction(grant, bundle([post(observation(ada.id, "x"))]))],
    ["staged transaction", many],
  ];
  const pastOf = async (): Promise<number[]> => {
    const totals: number[] = [];
    for (const { type, id } of [note, visit, told, ada])
      totals.push(valueOf(await open.history(grant, type, id)).total);
    return totals;
  };

  it.each(changing)("RET-3 %s is refused, whole", async (_name, change) => {
    await hold();
    const rows = world.memory.store.rows.size;
    expect(errorOf(await change())).toEqual(locked);
    expect(await pastOf()).toEqual([1, 1, 1, 1]);
    expect(world.memory.store.rows.size).toBe(rows);
  });

  it.each(adding)("RET-3 %s is done, and changes nothing that is there", async (_name, change) => {
    await hold();
    const before = new Map([...world.memory.store.rows].filter(([key]) => key.includes("#C#") || key.includes("#S#")));
    valueOf(await change());
    expect(await pastOf()).toEqual([1, 1, 1, 1]);
    for (const [key, row] of before) expect(world.memory.store.rows.get(key)).toEqual(row);
    expect((await protection()).hold?.mode).toBe("frozen");
  });

  it.each([...changing, ...adding])("RET-3 %s, where a restricting hold stands, is refused", async (_name, change) => {
    await hold("restricted");
    const rows = world.memory.store.rows.size;
    expect(errorOf(await change())).toEqual(locked);
    expect(world.memory.store.rows.size).toBe(rows);
  });

  const emergency = { id: newId(1), expiresAtMs: Number.MAX_SAFE_INTEGER };
  it("RET-3 in an emergency a restricted chart is written to, as far as policy reaches, and not changed", async () => {
    await hold("restricted");
    const rescuing = { ...grant, emergency } as unknown as Grant;
    const asJudged = (classes: readonly ("C" | "S" | "B" | "D")[]): Records =>
      world.for(rescuing, async (...args) => {
        const all = valueOf(await unguarded(rescuing)(...args));
        return { ok: true, value: { ...all, classes } };
      });
    const records = asJudged(["C", "D"]);
    expect((await records.create(rescuing, observation(ada.id, "given"))).ok).toBe(true);
    const update = withId(observation(ada.id, "x"), note.id);
    expect(errorOf(await records.update(rescuing, update, { ifMatch: 1 }))).toEqual(locked);
    expect(errorOf(await records.delete(rescuing, "Observation", note.id))).toEqual(locked);
    // A break-glass for somebody else judges nothing of hers to be reached.
    expect((await asJudged([]).create(rescuing, observation(ada.id, "x"))).ok).toBe(false);
    expect(errorOf(await records.create(rescuing, observation(ada.id, "x", "S")))).toEqual(locked);
  });

  it("RET-3 by a new Consent a patient under a hold refuses what she permitted", async () => {
    await write(consentOf(segmentedPermit));
    const secret = await write(observation(ada.id, "secret", "S"));
    expect((await eyes().read(grant, "Observation", secret.id)).ok).toBe(true);
    await hold();
    await write(consentOf({ type: "deny", class: [kind("S")] }));
    expect(errorOf(await eyes().read(grant, "Observation", secret.id))).toEqual(notFound);
    expect(await protection()).toMatchObject({ consents: [{}, {}], hold: { mode: "frozen" } });
  });

  it.each([...changing, ...adding])("RET-3 %s, where the hold comes while it is under way", async (_name, change) => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let isHeld = false;
    world.memory.transactWrite = async (...args) => {
      if (!isHeld) {
        isHeld = true;
        await hold();
      }
      return transactWrite(...args);
    };
    expect(errorOf(await change())).toEqual({ kind: "conflict", reason: "decision" });
    expect(await pastOf()).toEqual([1, 1, 1, 1]);
    expect(valueOf(await open.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(2);
  });

  it("RET-3 a hold that comes between the steps of a staged transaction keeps it from ever counting", async () => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let steps = 0;
    world.memory.transactWrite = async (...args) => {
      steps += 1;
      if (steps === 2) await hold();
      return transactWrite(...args);
    };
    expect(errorOf(await many())).toEqual({ kind: "conflict", reason: "decision" });
    expect(valueOf(await open.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(2);
  });
});
