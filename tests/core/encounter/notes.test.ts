import { beforeEach, describe, expect, it } from "vitest";
import type { NoteView, SignNote } from "../../../core/contract/index.ts";
import {
  addendNote,
  coSignNote,
  discardNote,
  type EncounterDesk,
  listUnsigned,
  listVersions,
  readNote,
  saveDraft,
  saveNote,
  signNote,
  startNote,
  unlockNote,
} from "../../../core/encounter/index.ts";
import { signatureOf } from "../../../core/encounter/signature.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { resource } from "../record/world.ts";
import { ADA, BEN, CALL, type Clinic, CLEO, openClinic } from "./world.ts";

let clinic: Clinic;
let ada: EncounterDesk;
let ben: EncounterDesk;
let nurse: EncounterDesk;
beforeEach(async () => {
  clinic = await openClinic();
  ada = clinic.desk(ADA);
  ben = clinic.desk(BEN, { name: "Dr. Ben Okri" });
  nurse = clinic.desk(CLEO, { name: "Cleo Ray", roles: ["nurse"] });
});

const REASON = { code: "correction", text: "The dose was written for another drug." } as const;

/** Writes the texts and signs them. */
async function sign(
  desk: EncounterDesk,
  note: NoteView,
  more: Partial<SignNote> & { text?: string } = {},
): Promise<NoteView> {
  const sections = CALL.map((each) => ({ ...each, text: more.text ?? each.text }));
  const { version } = note;
  const saved = valueOf(await saveDraft(desk, note.id, { version, draft: note.drafts, sections, attested: [] }));
  if (saved.state !== "saved") throw new Error("nobody else wrote");
  const asked = { version, draft: saved.draft, isLocking: more.isLocking ?? false, acknowledged: [] };
  return valueOf(await signNote(desk, note.id, asked));
}

describe("a note's life", () => {
  it("CLIN-3 is signed by who is signed in, over the content that stands there, and not locked by that", async () => {
    const note = await clinic.begin(ada);
    expect([note.state, note.may]).toEqual(["draft", ["write", "sign", "lock", "discard"]]);
    const signed = await sign(ada, note);
    expect([signed.state, signed.version]).toEqual(["signed", 2]);
    expect(signed.signatures).toMatchObject([
      {
        kind: "author",
        by: { user: ADA, name: "Dr. Ada Byron", isMe: true },
        version: 2,
        hash: signed.hash,
        check: "matches",
        isCurrent: true,
        isLocking: false,
      },
    ]);
    expect(signed.sections.map(({ text }) => text)).toEqual(CALL.map(({ text }) => text));
    // Who has signed this text does not sign it again; she may still lock it.
    expect(signed.may).toEqual(["write", "lock"]);
  });

  it("CLIN-3 a nurse signs, a physician co-signs, and both names stand there", async () => {
    const signed = await sign(nurse, await clinic.begin(nurse));
    expect(signed.may).not.toContain("cosign");
    const seen = valueOf(await readNote(ben, signed.id));
    expect(seen.may).toContain("cosign");
    const cosigned = valueOf(await coSignNote(ben, signed.id, { version: seen.version }));
    expect(cosigned.signatures.map(({ kind, by, isCurrent }) => [kind, by.name, isCurrent])).toEqual([
      ["author", "Cleo Ray", true],
      ["co-signature", "Dr. Ben Okri", true],
    ]);
    expect(errorOf(await coSignNote(ben, signed.id, { version: 7 }))).toMatchObject({ reason: "version" });
    // What is sent twice has one effect.
    const again = valueOf(await coSignNote(ben, signed.id, { version: seen.version }));
    expect(again.signatures).toHaveLength(2);
  });

  it("CLIN-3 another clinician adds to a signed note: it waits for a signature, and the first one keeps its version", async () => {
    const signed = await sign(nurse, await clinic.begin(nurse));
    const seen = valueOf(await readNote(ada, signed.id));
    const sections = [{ key: "advice", title: "Advice", text: "And paracetamol." }];
    const kept = valueOf(await saveDraft(ada, signed.id, { version: seen.version, draft: 0, sections, attested: [] }));
    expect(kept).toMatchObject({ state: "saved", draft: 1 });
    valueOf(await saveNote(ada, signed.id, { version: seen.version, draft: 1 }));
    const open = valueOf(await readNote(ada, signed.id));
    expect(open.state).toBe("reopened");
    expect(open.authors.map(({ name }) => name)).toEqual(["Cleo Ray", "Dr. Ada Byron"]);
    expect(open.signatures).toMatchObject([{ version: 2, check: "matches", isCurrent: false }]);
    const locked = valueOf(
      await signNote(ada, signed.id, { version: open.version, draft: 1, isLocking: true, acknowledged: [] }),
    );
    expect([locked.state, locked.isAmended]).toEqual(["locked", true]);
    expect(locked.signatures.map(({ kind, isCurrent }) => [kind, isCurrent])).toEqual([
      ["author", false],
      ["modification", true],
    ]);
  });

  it("CLIN-3 locked, nothing is written or signed; an addendum is a note of its own and amends it", async () => {
    const locked = await sign(ada, await clinic.begin(ada), { isLocking: true });
    expect([locked.state, locked.may]).toEqual(["locked", ["addend", "unlock"]]);
    const written = { version: locked.version, draft: locked.drafts, sections: CALL, attested: [] };
    expect(errorOf(await saveDraft(ada, locked.id, { ...written, draft: 0 }))).toEqual({
      kind: "rule",
      rule: "note-act",
    });
    expect(errorOf(await saveNote(ada, locked.id, { version: locked.version, draft: 1 }))).toMatchObject({
      rule: "note-act",
    });
    expect(
      errorOf(
        await signNote(ben, locked.id, { version: locked.version, draft: 0, isLocking: false, acknowledged: [] }),
      ),
    ).toMatchObject({ rule: "note-act" });
    const addendum = valueOf(await addendNote(ben, locked.id, { version: locked.version }));
    expect([addendum.isAddendum, addendum.appendsTo, addendum.state]).toEqual([true, locked.id, "draft"]);
    expect(valueOf(await readNote(ada, locked.id)).addenda).toEqual([]);
    const sections = [{ key: "addendum", title: "Addendum", text: "The mother called again." }];
    valueOf(await saveDraft(ben, addendum.id, { version: 1, draft: 0, sections, attested: [] }));
    valueOf(await signNote(ben, addendum.id, { version: 1, draft: 1, isLocking: true, acknowledged: [] }));
    const amended = valueOf(await readNote(ada, locked.id));
    expect([amended.state, amended.isAmended, amended.hash]).toEqual(["locked", true, locked.hash]);
    expect(amended.signatures).toMatchObject([{ check: "matches", isCurrent: true }]);
    expect(amended.addenda).toMatchObject([
      {
        sections: [{ text: "The mother called again." }],
        signatures: [{ kind: "addendum", by: { name: "Dr. Ben Okri" } }],
      },
    ]);
    expect(amended.addenda[0]?.may).not.toContain("addend");
  });

  it("CLIN-3 is unlocked for a reason that stays, and locked again as amended", async () => {
    const locked = await sign(ada, await clinic.begin(ada), { isLocking: true });
    const opened = valueOf(await unlockNote(ben, locked.id, { version: locked.version, reason: REASON }));
    expect(opened.state).toBe("reopened");
    expect(opened.signatures.map(({ kind, by, reason }) => [kind, by.name, reason?.code])).toEqual([
      ["author", "Dr. Ada Byron", undefined],
      ["unlock", "Dr. Ben Okri", "correction"],
    ]);
    expect(valueOf(await listUnsigned(ada)).map(({ id }) => id)).toEqual([locked.id]);
    const again = await sign(ada, valueOf(await readNote(ada, locked.id)), {
      isLocking: true,
      text: "The right dose.",
    });
    expect([again.state, again.isAmended]).toEqual(["locked", true]);
    expect(again.signatures.map(({ check }) => check)).toEqual(["matches", "matches", "matches"]);
    expect(valueOf(await listUnsigned(ada))).toEqual([]);
  });

  it.each([
    ["a physician, of any note", () => ben, true],
    ["its author, if she is a nurse", () => nurse, true],
    ["another nurse", () => clinic.desk(BEN, { roles: ["nurse"] }), false],
  ])("CLIN-3 who unlocks: %s", async (_who, whose, isPermitted) => {
    const locked = await sign(nurse, await clinic.begin(nurse), { isLocking: true });
    const done = await unlockNote(whose(), locked.id, { version: locked.version, reason: REASON });
    expect(done.ok).toBe(isPermitted);
  });

  it("CLIN-3 a draft that was never signed is discarded by who began it, and stays in the chart", async () => {
    const note = await clinic.begin(ada);
    expect(errorOf(await discardNote(ben, note.id, { version: 1, reason: "not-needed" }))).toMatchObject({
      rule: "note-act",
    });
    const gone = valueOf(await discardNote(ada, note.id, { version: 1, reason: "not-needed" }));
    expect([gone.state, gone.may]).toEqual(["entered-in-error", []]);
    const signed = await sign(ada, await clinic.begin(ada));
    expect(signed.may).not.toContain("discard");
  });

  it("CLIN-3 CLIN-20 every version says who made it and what it said", async () => {
    const note = await clinic.begin(nurse);
    await sign(nurse, note);
    const { versions } = valueOf(await listVersions(ada, note.id));
    expect(versions.map(({ version, state, by }) => [version, state, by.name])).toEqual([
      [2, "signed", "Cleo Ray"],
      [1, "draft", "Cleo Ray"],
    ]);
    expect(versions[0]?.sections[0]?.text).toBe(CALL[0]?.text);
  });
});

describe("signatures", () => {
  it("CLIN-3 a text that is not what was signed says so", async () => {
    const signed = await sign(ada, await clinic.begin(ada));
    const forged = signatureOf(
      ben.me,
      { note: signed.id, version: signed.version, sha256: "0".repeat(64), kind: "co-signature", isLocking: false },
      clinic.world.clock.now() + 1,
    );
    valueOf(await ben.records.create(ben.grant, resource(forged), { noteWrites: ["attest"] }));
    const seen = valueOf(await readNote(ada, signed.id));
    expect(seen.signatures.map(({ by, check, isCurrent }) => [by.name, check, isCurrent])).toEqual([
      ["Dr. Ada Byron", "matches", true],
      ["Dr. Ben Okri", "differs", false],
    ]);
  });

  it("CLIN-3 a signature whose parts name different people is none", async () => {
    const signed = await sign(ada, await clinic.begin(ada));
    const real = signatureOf(
      ben.me,
      { note: signed.id, version: 2, sha256: signed.hash, kind: "author", isLocking: true },
      1e12,
    );
    const signature = {
      ...(real["signature"] as object[])[0],
      who: { identifier: { system: "urn:keyward:user", value: CLEO } },
    };
    const mixed = resource({ ...real, signature: [signature] });
    valueOf(await ben.records.create(ben.grant, mixed, { noteWrites: ["attest"] }));
    expect(valueOf(await readNote(ada, signed.id)).signatures).toHaveLength(1);
  });

  it("CLIN-3 what a check holds back is signed by nobody; what it warns of, by who has read it", async () => {
    const note = await clinic.begin(ada, "progress");
    const text = (key: string, words: string) => ({ key, title: key, text: words });
    const save = async (draft: number, sections: readonly ReturnType<typeof text>[]) =>
      valueOf(
        await saveDraft(ada, note.id, { version: 1, draft, sections: [...sections], attested: ["allergies-reviewed"] }),
      );
    await save(0, [text("reason", "Cough"), text("assessment", "Viral")]);
    const asked = { version: 1, isLocking: true, acknowledged: ["vitals-missing", "allergies-not-recorded"] };
    expect(errorOf(await signNote(ada, note.id, { ...asked, draft: 1 }))).toMatchObject({ rule: "note-checks" });
    await save(1, [text("reason", "Cough"), text("assessment", "Viral"), text("plan", "Rest")]);
    expect(errorOf(await signNote(ada, note.id, { ...asked, draft: 2, acknowledged: [] }))).toMatchObject({
      rule: "note-checks",
    });
    expect(valueOf(await signNote(ada, note.id, { ...asked, draft: 2 })).state).toBe("locked");
  });
});

describe("carrying forward", () => {
  it("CLIN-3 marks where a text is from, and is not signed before its author has confirmed it", async () => {
    const first = await clinic.begin(nurse, "progress");
    const texts = ["reason", "assessment", "plan"].map((key) => ({ key, title: key, text: `old ${key}` }));
    valueOf(
      await saveDraft(nurse, first.id, { version: 1, draft: 0, sections: texts, attested: ["allergies-reviewed"] }),
    );
    const acknowledged = ["vitals-missing", "allergies-not-recorded"];
    valueOf(await signNote(nurse, first.id, { version: 1, draft: 1, isLocking: true, acknowledged }));
    const encounter = await clinic.visit(ada);
    const next = valueOf(
      await startNote(ada, { encounter, template: "progress", carryForward: true }, clinic.templates),
    );
    const mark = { note: first.id, version: 2, by: "Cleo Ray", isConfirmed: false };
    expect(next.sections.map(({ key, text, carried }) => [key, text, carried?.note])).toEqual([
      ["reason", "", undefined],
      ["history", "", undefined],
      ["exam", "", undefined],
      ["assessment", "old assessment", first.id],
      ["plan", "old plan", first.id],
    ]);
    expect(next.sections[3]?.carried).toMatchObject(mark);
    // An editor cannot say that a text is from elsewhere, and confirms one by one.
    const lie = { ...mark, by: "Somebody", at: "2020-01-01T00:00:00.000Z", isConfirmed: true };
    const sections = [
      { key: "reason", title: "Reason", text: "Cough", carried: lie },
      { key: "assessment", title: "Assessment", text: "old assessment", carried: lie },
    ];
    valueOf(await saveDraft(ada, next.id, { version: 1, draft: 0, sections, attested: ["allergies-reviewed"] }));
    expect(
      errorOf(await signNote(ada, next.id, { version: 1, draft: 1, isLocking: true, acknowledged })),
    ).toMatchObject({
      rule: "note-checks",
    });
    valueOf(await saveNote(ada, next.id, { version: 1, draft: 1 }));
    const seen = valueOf(await readNote(ada, next.id)).sections;
    expect(seen.map(({ carried }) => carried?.isConfirmed)).toEqual([undefined, undefined, undefined, true, false]);
    expect(seen[3]?.carried?.by).toBe("Cleo Ray");
  });
});
