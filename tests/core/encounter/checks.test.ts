import { describe, expect, it } from "vitest";
import { checksOf, isReady } from "../../../core/encounter/checks.ts";
import {
  bodyFrom,
  bodyOf,
  bytesOf,
  hashOf,
  type NoteBody,
  plainTextOf,
  withTexts,
} from "../../../core/encounter/note-body.ts";
import type { NoteTemplate } from "../../../core/contract/index.ts";

const TEMPLATE: NoteTemplate = {
  id: "progress",
  name: "Progress note",
  type: "progress",
  sections: [
    { key: "reason", title: "Reason", isRequired: true, isCarried: false },
    { key: "plan", title: "Plan", isRequired: false, isCarried: true },
  ],
  asks: { vitals: "should", allergies: "must" },
};
const CARRIED = { note: "n", version: 2, at: "2026-10-12T09:00:00.000Z", by: "Dr. Ada Byron", isConfirmed: false };
const body = (texts: Partial<Record<"reason" | "plan", string>>, more: Partial<NoteBody> = {}): NoteBody => {
  const first = bodyFrom(TEMPLATE);
  return {
    ...first,
    sections: first.sections.map((each) => ({ ...each, text: texts[each.key as "plan"] ?? "" })),
    ...more,
  };
};
const WHOLE = { hasVitals: true, hasAllergies: true };
const done = body({ reason: "Cough", plan: "Rest" }, { attested: ["allergies-reviewed"] });
const rules = (of: NoteBody, facts = WHOLE) => checksOf(of, facts).map(({ rule, weight }) => `${rule} ${weight}`);

describe("pre-sign checks", () => {
  it.each([
    [
      "nothing written",
      body({}, { attested: ["allergies-reviewed"] }),
      ["nothing-written must", "required-section must"],
    ],
    [
      "a required section without a text",
      { ...done, sections: body({ plan: "Rest" }).sections },
      ["required-section must"],
    ],
    [
      "white space is no text",
      { ...done, sections: body({ reason: " \n", plan: "x" }).sections },
      ["required-section must"],
    ],
    [
      "a place that a snippet left",
      { ...done, sections: body({ reason: "Return in *** days" }).sections },
      ["placeholder-left must"],
    ],
    [
      "what was carried and nobody has confirmed",
      { ...done, sections: done.sections.map((each) => ({ ...each, carried: CARRIED })) },
      ["carried-unconfirmed must", "carried-unconfirmed must"],
    ],
    ["allergies that nobody has looked at", { ...done, attested: [] }, ["allergies-not-reviewed must"]],
    ["a note that is ready", done, []],
  ])("CLIN-3 finds %s", (_what, given, expected) => {
    expect(rules(given as NoteBody)).toEqual(expected);
  });

  it("CLIN-3 says what the chart lacks as the template asks for it, and where to go", () => {
    const bare = { hasVitals: false, hasAllergies: false };
    expect(checksOf(done, bare)).toEqual([
      { rule: "vitals-missing", weight: "should", at: { tab: "vitals" } },
      { rule: "allergies-not-recorded", weight: "must", at: { tab: "allergies" } },
    ]);
    expect(rules({ ...done, asks: { vitals: "no", allergies: "no" } }, bare)).toEqual([]);
  });

  it("CLIN-3 a warning is signed over by who has read it, and nothing else is", () => {
    const warned = checksOf(done, { ...WHOLE, hasVitals: false });
    expect([isReady(warned, []), isReady(warned, ["vitals-missing"])]).toEqual([false, true]);
    const held = checksOf({ ...done, attested: [] }, WHOLE);
    expect(isReady(held, ["allergies-not-reviewed"])).toBe(false);
  });
});

describe("a note's body", () => {
  it("gives the same bytes for the same body, whatever the order of its members, and reads them back", () => {
    const { sections, ...rest } = done;
    const other = { sections, ...rest, taken: { b: 1, a: 2 } } as NoteBody;
    expect(hashOf(bytesOf({ ...done, taken: { a: 2, b: 1 } }))).toBe(hashOf(bytesOf(other)));
    expect(bodyOf(bytesOf(done))).toEqual(done);
    expect(hashOf(bytesOf(body({ reason: "Cough", plan: "rest" })))).not.toBe(
      hashOf(bytesOf(body({ reason: "Cough", plan: "Rest" }))),
    );
  });
  it.each(["", "{}", "[1", '{"format":2}'])("what is no body is none: %j", (text) => {
    expect(bodyOf(Buffer.from(text))).toBeUndefined();
  });
  it("CLIN-3 in plain text says what was carried, and leaves out what is empty", () => {
    const carried = {
      ...done,
      sections: done.sections.map((each) => (each.key === "plan" ? { ...each, carried: CARRIED } : each)),
    };
    expect(plainTextOf(carried)).toBe("Reason\nCough\n\nPlan [carried forward from the note of 2026-10-12]\nRest\n");
    expect(plainTextOf(body({ plan: "Rest" }))).toBe("Plan\nRest\n");
  });
  it("CLIN-3 a text that replaces what was carried keeps its mark until it is confirmed; an emptied one loses it", () => {
    const carried = { ...done, sections: done.sections.map((each) => ({ ...each, carried: CARRIED })) };
    const write = (text: string, isConfirmed: boolean) =>
      withTexts(carried, {
        sections: [{ key: "plan", title: "x", text, carried: { ...CARRIED, isConfirmed } }],
        attested: [],
      })?.sections[1];
    expect(write("other", false)?.carried).toEqual(CARRIED);
    expect(write("other", true)?.carried).toEqual({ ...CARRIED, isConfirmed: true });
    expect(write("", false)?.carried).toBeUndefined();
    expect(write("other", true)?.title).toBe("Plan");
  });
});
