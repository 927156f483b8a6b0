import { describe, expect, it } from "vitest";
import type { NoteView } from "../../../core/contract/index.ts";
import { begin, type DraftState, isKept, next } from "../../../web/src/screens/note/draft-state.ts";
import { expand } from "../../../web/src/screens/note/snippets.ts";
import { keyFor, moved } from "../../../web/src/screens/note/templates/state.ts";

const section = (text: string) => ({ key: "call", title: "Call", text });
const note = (more: object = {}) =>
  ({
    version: 3,
    drafts: 5,
    authors: [{ name: "Cleo Ray", isMe: false }],
    writtenAt: "2026-11-22T10:00:00.000Z",
    sections: [{ ...section("stands"), isRequired: true }],
    attested: [],
    ...more,
  }) as unknown as NoteView;
const draft = (version: number) => ({
  draft: 5,
  version,
  savedAt: "2026-11-22T10:42:00.000Z",
  sections: [section("mine")],
  attested: [],
});
const writing = (text: string) => ({ sections: [section(text)], attested: [] });
const saved = (count: number) =>
  ({ state: "saved", version: 3, draft: count, savedAt: "2026-11-22T10:43:00.000Z" }) as const;

describe("the editor's text", () => {
  it("CLIN-3 begins with the author's own draft, or with what stands there", () => {
    expect(begin(note())).toMatchObject({
      status: "unchanged",
      held: { version: 3, draft: 5 },
      writing: writing("stands"),
    });
    expect(begin(note({ draft: draft(3) }))).toMatchObject({
      status: "saved",
      held: { draft: 5 },
      writing: writing("mine"),
    });
  });
  it("CLIN-3 a draft of a version that has been replaced asks for a choice, and keeps both texts", () => {
    const state = begin(note({ draft: draft(2) }));
    expect(state).toMatchObject({ status: "conflict", writing: writing("mine") });
    expect(state.theirs).toMatchObject({ version: 3, draft: 5, ...writing("stands") });
  });
  it("CLIN-3 what is written while a saving is on its way is not called saved by its answer", () => {
    const written = next(begin(note()), { kind: "written", writing: writing("a") });
    const sent = next(written, { kind: "sent" });
    const more = next(sent, { kind: "written", writing: writing("ab") });
    const answered = next(more, { kind: "answered", answer: saved(6), change: sent.change });
    expect(answered).toMatchObject({ status: "dirty", held: { draft: 6 }, writing: writing("ab") });
    expect(next(sent, { kind: "answered", answer: saved(6), change: sent.change }).status).toBe("saved");
  });
  it.each(["offline", "failed", "waiting"] as const)("CLIN-3 %s: the text stays, and is not called kept", (as) => {
    const written = next(begin(note()), { kind: "written", writing: writing("a") });
    const held = next(written, { kind: "failed", as });
    expect(held).toMatchObject({ status: as, writing: writing("a") });
    expect(isKept(held.status)).toBe(false);
  });
  it("CLIN-3 a conflict keeps both until somebody has chosen; the same words twice are none", () => {
    const written = next(begin(note()), { kind: "written", writing: writing("mine") });
    const theirs = {
      version: 4,
      draft: 6,
      savedAt: "2026-11-22T10:44:00.000Z",
      by: { name: "", isMe: true },
      ...writing("theirs"),
    };
    const met = next(written, { kind: "answered", answer: { state: "conflict", theirs }, change: written.change });
    expect(met).toMatchObject({ status: "conflict", writing: writing("mine"), theirs: writing("theirs") });
    const merged = next(met, { kind: "merged", writing: writing("both") });
    expect(merged).toMatchObject({ status: "dirty", held: { version: 4, draft: 6 }, writing: writing("both") });
    const same: DraftState = next(written, {
      kind: "answered",
      answer: { state: "conflict", theirs: { ...theirs, ...writing("mine") } },
      change: written.change,
    });
    expect(same.status).toBe("saved");
  });
});

describe("snippets", () => {
  const snippets = [{ name: "normal", text: "Nothing found." }];
  it.each([
    [".normal ", "Nothing found. ", 15],
    ["Lungs: .normal and so on", "Lungs: Nothing found. and so on", 22],
    [".normal", ".normal", undefined],
    [".other ", ".other ", undefined],
    ["2.normal ", "2.normal ", undefined],
  ])("CLIN-3 %j becomes %j", (typed, text, caret) => {
    expect(expand(typed, snippets)).toEqual(caret === undefined ? { text } : { text, caret });
  });
});

describe("templates in the making", () => {
  it("a title gives a key that nothing else has", () => {
    expect([keyFor("Follow-up: 2", []), keyFor("Évolution", []), keyFor("1", ["section"])]).toEqual([
      "follow-up-2",
      "evolution",
      "section-2",
    ]);
  });
  it("a section moves by one place, and not past the ends", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
});
