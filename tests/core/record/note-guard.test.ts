import { beforeAll, describe, expect, it } from "vitest";
import type { NoteView } from "../../../core/contract/index.ts";
import { saveDraft, signNote } from "../../../core/encounter/index.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import type { RecordFailure } from "../../../core/record/index.ts";
import { NOTE_WRITES, noteStateOf, resourceOf } from "../../../core/record/index.ts";
import { isNoteWritePermitted, type NoteWrite } from "../../../core/record/note-guard.ts";
import type { Result } from "../../../core/kernel/result.ts";
import type { Table } from "../../../core/table/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { ADA, CALL, type Clinic, openClinic } from "../encounter/world.ts";
import { bundle, grantOf, resource } from "./world.ts";

const grant = grantOf({ userId: ADA });
const PSY = { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" };
let clinic: Clinic;

/** A note in a state, and the record that it is. */
async function noteIn(state: "draft" | "signed" | "locked") {
  const desk = clinic.desk(ADA);
  const note: NoteView = await clinic.begin(desk);
  if (state !== "draft") {
    valueOf(await saveDraft(desk, note.id, { version: 1, draft: 0, sections: CALL, attested: [] }));
    const asked = { version: 1, draft: 1, isLocking: state === "locked", acknowledged: [] };
    valueOf(await signNote(desk, note.id, asked));
  }
  const stored = valueOf(await records().read(grant, "DocumentReference", note.id));
  return { id: note.id, version: stored.version, encounter: note.encounter ?? "", record: resourceOf(stored) };
}
const records = (through?: Table) => clinic.world.for(grant, undefined, through);
const changed = (record: FhirResource, change: object) => resource({ ...record, ...change });
const put = (record: object, version: number) => ({
  resource: record,
  request: { method: "PUT", url: `DocumentReference/${(record as FhirResource).id}`, ifMatch: `W/"${version}"` },
});

beforeAll(async () => {
  clinic = await openClinic();
});

type Attack = (note: Awaited<ReturnType<typeof noteIn>>) => Promise<Result<unknown, RecordFailure>>;
const OTHER_TEXT = { content: [{ attachment: { contentType: "text/plain", data: "eA==" } }] };

/** Every way in which FHIR's own doors write. */
const ATTACKS: readonly (readonly [string, Attack])[] = [
  [
    "PUT of another text",
    ({ record, version }) => records().update(grant, changed(record, OTHER_TEXT), { ifMatch: version }),
  ],
  [
    "PUT of another status",
    ({ record, version }) =>
      records().update(grant, changed(record, { docStatus: "preliminary" }), { ifMatch: version }),
  ],
  [
    "PUT without the lock",
    ({ record, version }) =>
      records().update(grant, changed(record, { extension: [{ url: "urn:x", valueBoolean: true }] }), {
        ifMatch: version,
      }),
  ],
  [
    "PUT of an author",
    ({ record, version }) =>
      records().update(grant, changed(record, { author: [{ display: "Somebody" }] }), { ifMatch: version }),
  ],
  [
    "PUT of another tag",
    ({ record, version }) =>
      records().update(grant, changed(record, { meta: { tag: [{ code: "x" }] } }), { ifMatch: version }),
  ],
  ["DELETE", ({ id }) => records().delete(grant, "DocumentReference", id)],
  [
    "a transaction that PUTs",
    ({ record, version }) => records().transaction(grant, bundle([put({ ...record, ...OTHER_TEXT }, version)])),
  ],
  [
    "a transaction that DELETEs",
    ({ id }) =>
      records().transaction(grant, bundle([{ request: { method: "DELETE", url: `DocumentReference/${id}` } }])),
  ],
  [
    "another text under the cover of a label",
    ({ record, version }) =>
      records().update(grant, changed(record, { ...OTHER_TEXT, meta: { security: [PSY] } }), { ifMatch: version }),
  ],
];

describe("a note at every other door", () => {
  it.each(ATTACKS)("CLIN-3 a locked note refuses %s", async (_how, attack) => {
    const note = await noteIn("locked");
    expect(errorOf(await attack(note))).toMatchObject({ kind: "business-rule", rule: "note-locked" });
    const now = valueOf(await records().read(grant, "DocumentReference", note.id));
    expect(now.version).toBe(note.version);
  });
  it.each(ATTACKS)(
    "CLIN-3 a note that is open refuses it too: its changes are the table's (%s)",
    async (how, attack) => {
      const note = await noteIn("signed");
      if (how === "PUT without the lock") return expect((await attack(note)).ok).toBe(false);
      expect(errorOf(await attack(note))).toMatchObject({ kind: "business-rule", rule: "note-door" });
    },
  );

  it("CLIN-3 nobody makes a note, a lock or a signature by FHIR", async () => {
    const { record } = await noteIn("locked");
    const { id: _id, meta: _meta, ...bare } = record;
    expect(errorOf(await records().create(grant, resource(bare)))).toMatchObject({ rule: "note-door" });
    const found = valueOf(await records().history(grant, "DocumentReference", record.id ?? "")).versions;
    expect(found.length).toBe(2);
    const provenance = await signatureOn(record.id ?? "");
    const { id: _own, ...forged } = provenance;
    expect(errorOf(await records().create(grant, resource(forged)))).toMatchObject({ rule: "note-door" });
    const shouted = {
      ...forged,
      signature: [
        { ...(forged["signature"] as object[])[0], sigFormat: " Application/VND.keyward.note-signature+JSON" },
      ],
    };
    expect((await records().create(grant, shouted as FhirResource)).ok).toBe(false);
  });

  it("CLIN-3 a signature is never changed and never taken away", async () => {
    const { id } = await noteIn("signed");
    const provenance = await signatureOn(id);
    const of = provenance.id ?? "";
    expect(errorOf(await records().delete(grant, "Provenance", of))).toMatchObject({ rule: "note-door" });
    const other = changed(provenance, { recorded: "2020-01-01T00:00:00Z" });
    expect(errorOf(await records().update(grant, other, { ifMatch: 1 }))).toMatchObject({ rule: "note-door" });
    for (const write of ["sign", "lock", "attest", "unlock"] as const)
      expect(errorOf(await records().update(grant, other, { ifMatch: 1, noteWrites: [write] }))).toMatchObject({
        rule: "note-door",
      });
  });

  it("CLIN-3 a locked note goes with the label of its visit, and changes no word by it", async () => {
    const { id, encounter, record } = await noteIn("locked");
    const visit = resourceOf(valueOf(await records().read(grant, "Encounter", encounter)));
    const labelled = changed(visit, { meta: { ...visit.meta, security: [PSY] } });
    valueOf(await records().update(grant, labelled, { ifMatch: 1 }));
    const after = valueOf(await records().read(grant, "DocumentReference", id));
    expect(after.dataClass).toBe("S");
    expect(resourceOf(after)["content"]).toEqual(record["content"]);
    expect(noteStateOf(resourceOf(after))).toBe("locked");
    // Once it is there, no other door takes it away: neither with its visit's, nor where it was the note's own.
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "N" }];
    const opened = changed(resourceOf(after), { meta: { security } });
    valueOf(await records().update(grant, opened, { ifMatch: after.version }));
    expect(valueOf(await records().read(grant, "DocumentReference", id)).dataClass).toBe("S");
    expect(isNoteWritePermitted([], { before: resourceOf(after), after: opened })).toBe(false);
    expect(isNoteWritePermitted([], { before: opened, after: resourceOf(after) })).toBe(true);
  });

  it("CLIN-3 other documents are written as ever", async () => {
    const scan = resource({
      resourceType: "DocumentReference",
      status: "current",
      subject: { reference: `Patient/${clinic.patientId}` },
      ...OTHER_TEXT,
    });
    const made = valueOf(await records().create(grant, scan)).version;
    const next = changed(resourceOf(made), { description: "scan" });
    valueOf(await records().update(grant, next, { ifMatch: 1 }));
    valueOf(await records().delete(grant, "DocumentReference", made.id));
  });
});

async function signatureOn(id: string): Promise<FhirResource> {
  const { resources } = valueOf(await records().everything(grant, clinic.patientId, { count: 1000 }));
  const found = resources.find(
    (each) => each.resourceType === "Provenance" && JSON.stringify(each["target"]).includes(id),
  );
  if (!found) throw new Error("a signed note has a signature");
  return found;
}

describe("the table of changes", () => {
  const states = ["draft", "signed", "locked", "reopened", "entered-in-error"] as const;
  it("CLIN-3 from locked there is one way to another state, and none that changes the text", () => {
    const from = (Object.keys(NOTE_WRITES) as NoteWrite[]).filter(
      (write) => NOTE_WRITES[write].states.locked !== undefined,
    );
    expect(from.map((write) => [write, NOTE_WRITES[write].states.locked, NOTE_WRITES[write].hasNewContent])).toEqual([
      ["amend", "locked", false],
      ["unlock", "reopened", false],
    ]);
    for (const write of Object.keys(NOTE_WRITES) as NoteWrite[])
      expect(NOTE_WRITES[write].states["entered-in-error"]).toBeUndefined();
    expect(states.filter((state) => NOTE_WRITES.discard.states[state] !== undefined)).toEqual(["draft"]);
  });
  it("CLIN-3 who may unlock may not change the text by it, nor put the note under another patient", async () => {
    const { record } = await noteIn("locked");
    const { extension: _lock, ...rest } = record;
    const unlocked = { ...rest, docStatus: "preliminary" } as FhirResource;
    const permitted = (after: object) =>
      isNoteWritePermitted(["unlock"], { before: record, after: after as FhirResource });
    expect(permitted(unlocked)).toBe(true);
    const [first, second] = record["content"] as { attachment: object }[];
    const other = [{ attachment: { ...first?.attachment, data: "e30=" } }, second];
    expect(permitted({ ...unlocked, content: other })).toBe(false);
    expect(permitted({ ...unlocked, subject: { reference: "Patient/other" } })).toBe(false);
    expect(permitted({ ...unlocked, ...OTHER_TEXT })).toBe(false);
  });
});

/** A table whose next write waits until another request is done: what was read is old by then. */
function late(table: Table, between: () => Promise<unknown>, isCareless = false): Table {
  let isFirst = true;
  return {
    ...table,
    async transactWrite(writes, token) {
      if (isFirst) {
        isFirst = false;
        await between();
      }
      const bare = writes.map((write) => {
        if (!isCareless || write.kind !== "put") return write;
        const { condition: _forgotten, ...put } = write;
        return put;
      });
      return table.transactWrite(bare, token);
    },
  };
}

describe("CLIN-3 a race for the lock", () => {
  /** A saving of the note that is on its way while the note is locked. */
  async function race(isCareless: boolean) {
    const { id, version } = await noteIn("draft");
    const desk = clinic.desk(ADA);
    const lock = async () => {
      valueOf(await saveDraft(desk, id, { version, draft: 0, sections: CALL, attested: [] }));
      valueOf(await signNote(desk, id, { version, draft: 1, isLocking: true, acknowledged: [] }));
    };
    const record = resourceOf(valueOf(await records().read(grant, "DocumentReference", id)));
    const through = late(clinic.world.table, lock, isCareless);
    const other = [{ attachment: { contentType: "application/vnd.keyward.note+json", data: "e30=" } }];
    const late_ = await records(through).update(grant, changed(record, { content: other }), {
      ifMatch: version,
      noteWrites: ["write"],
    });
    const now = valueOf(await records().read(grant, "DocumentReference", id));
    return { isRefused: !late_.ok, state: noteStateOf(resourceOf(now)) };
  }
  it("CLIN-3 what was judged before the lock is refused by it, in the transaction itself", async () => {
    expect(await race(false)).toEqual({ isRefused: true, state: "locked" });
  });
  it("CLIN-3 with its condition forgotten the race is lost, and this test sees it", async () => {
    expect((await race(true)).state).not.toBe("locked");
  });
});
