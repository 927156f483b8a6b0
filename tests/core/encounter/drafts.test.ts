import { beforeEach, describe, expect, it } from "vitest";
import type { NoteView } from "../../../core/contract/index.ts";
import { type EncounterDesk, readNote, saveDraft, saveNote, signNote } from "../../../core/encounter/index.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { ADA, BEN, CALL, type Clinic, openClinic } from "./world.ts";

let clinic: Clinic;
let ada: EncounterDesk;
let note: NoteView;
beforeEach(async () => {
  clinic = await openClinic();
  ada = clinic.desk(ADA);
  note = await clinic.begin(ada);
});

const texts = (call: string) => [{ ...CALL[0]!, text: call }, CALL[1]!];
const save = async (desk: EncounterDesk, draft: number, call: string, version = 1) =>
  valueOf(await saveDraft(desk, note.id, { version, draft, sections: texts(call), attested: [] }));

describe("drafts", () => {
  it("CLIN-3 a hundred savings make no version; the author finds the last of them again", async () => {
    for (let draft = 0; draft < 100; draft += 1)
      expect(await save(ada, draft, `${draft}`)).toMatchObject({ draft: draft + 1 });
    const seen = valueOf(await readNote(clinic.desk(ADA), note.id));
    expect([seen.version, seen.draft?.draft, seen.draft?.sections[0]?.text]).toEqual([1, 100, "99"]);
    expect(seen.sections[0]?.text).toBe("");
  });

  it("CLIN-3 is the author's own: nobody else is shown it", async () => {
    await save(ada, 0, "not yet said");
    const seen = valueOf(await readNote(clinic.desk(BEN), note.id));
    expect(JSON.stringify(seen)).not.toContain("not yet said");
    expect([seen.draft, seen.drafts]).toEqual([undefined, 0]);
  });

  it("CLIN-3 two windows of one author: the second to save is shown what the first has saved", async () => {
    await save(ada, 0, "one");
    await save(ada, 1, "one, from the first window");
    const met = await save(ada, 1, "one, from the second");
    expect(met).toMatchObject({
      state: "conflict",
      theirs: { draft: 2, version: 1, by: { isMe: true }, sections: [{ text: "one, from the first window" }, {}] },
    });
    // Merged, it goes on from what it was shown.
    expect(await save(ada, 2, "both")).toMatchObject({ state: "saved", draft: 3 });
  });

  it("CLIN-3 two windows at the very same time: one is kept, and nothing is overwritten", async () => {
    await save(ada, 0, "one");
    const both = await Promise.all([save(ada, 1, "left"), save(ada, 1, "right")]);
    expect(both.map(({ state }) => state).toSorted()).toEqual(["conflict", "saved"]);
    const kept = valueOf(await readNote(ada, note.id)).draft;
    expect(kept?.draft).toBe(2);
  });

  it("CLIN-3 what is sent again because its answer was lost is saved once", async () => {
    await save(ada, 0, "one");
    expect(await save(ada, 0, "one")).toMatchObject({ state: "saved", draft: 1 });
  });

  it("CLIN-3 somebody else's version comes between: her text is shown, and neither is lost", async () => {
    const ben = clinic.desk(BEN, { name: "Dr. Ben Okri" });
    await save(ada, 0, "Ada's");
    await save(ben, 0, "Ben's");
    valueOf(await saveNote(ben, note.id, { version: 1, draft: 1 }));
    expect(await save(ada, 1, "Ada's, and more")).toMatchObject({
      state: "conflict",
      theirs: { version: 2, draft: 1, by: { name: "Dr. Ben Okri" }, sections: [{ text: "Ben's" }, {}] },
    });
    const seen = valueOf(await readNote(ada, note.id));
    expect([seen.draft?.version, seen.draft?.sections[0]?.text]).toEqual([1, "Ada's"]);
    // Nothing is signed that goes on from what is no longer there.
    const asked = { version: 2, draft: 1, isLocking: true, acknowledged: [] };
    expect(errorOf(await signNote(ada, note.id, asked))).toMatchObject({ kind: "conflict", reason: "version" });
    expect(await save(ada, 1, "Ben's and Ada's", 2)).toMatchObject({ state: "saved", draft: 2 });
    expect(valueOf(await signNote(ada, note.id, { ...asked, draft: 2 })).sections[0]?.text).toBe("Ben's and Ada's");
  });

  it("CLIN-3 signs what the signer has before her, not what another window of hers saved since", async () => {
    await save(ada, 0, "what she reads");
    await save(ada, 1, "what the other window says");
    const asked = { version: 1, draft: 1, isLocking: true, acknowledged: [] };
    expect(errorOf(await signNote(ada, note.id, asked))).toMatchObject({ kind: "conflict", reason: "version" });
  });

  it("CLIN-3 a section that the note does not have is refused, by the first saving and by the next", async () => {
    const sections = [{ key: "billing", title: "Billing", text: "x" }];
    const asked = { version: 1, draft: 0, sections, attested: [] };
    expect(errorOf(await saveDraft(ada, note.id, asked))).toMatchObject({ rule: "note-section" });
    await save(ada, 0, "one");
    expect(errorOf(await saveDraft(ada, note.id, { ...asked, draft: 1 }))).toMatchObject({ rule: "note-section" });
  });

  it("CLIN-3 a saving costs a third of a version, opens no record and leaves one event", async () => {
    const long = "She has had a fever since yesterday evening, and drinks well. ".repeat(8);
    await save(ada, 0, long);
    const cost = async (work: () => Promise<unknown>) => {
      const [before, events] = [structuredClone(clinic.world.meter), clinic.world.events.length];
      await work();
      const { readUnits, writeUnits } = clinic.world.meter;
      const told = clinic.world.events.slice(events).map(({ interaction }) => interaction);
      return { read: readUnits - before.readUnits, write: writeUnits - before.writeUnits, told };
    };
    expect(await cost(() => save(ada, 1, `${long}.`))).toEqual({ read: 2, write: 4, told: ["note.write"] });
    const version = await cost(() => saveNote(ada, note.id, { version: 1, draft: 2 }));
    expect(version.write).toBeGreaterThanOrEqual(3 * 4);
  });
});
