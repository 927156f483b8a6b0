import { NoteTemplates, type NoteTemplate, type Snippet } from "../contract/index.ts";
import { invariant } from "../kernel/invariant.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { type Opened, putOver, readAt } from "../privacy/rows.ts";
import { noteTemplatesKey } from "../table/index.ts";

const section = (
  key: string,
  title: string,
  prompt: string,
  more: { readonly isRequired?: boolean; readonly isCarried?: boolean } = {},
) => ({ key, title, prompt, isRequired: more.isRequired ?? false, isCarried: more.isCarried ?? false });

const REQUIRED = { isRequired: true } as const;
const CARRIED = { isCarried: true } as const;

/** What an addendum is written with: of every clinic, and not for changing. */
export const ADDENDUM: NoteTemplate = {
  id: "addendum",
  name: "Addendum",
  type: "progress",
  sections: [section("addendum", "Addendum", "What is added, and why", REQUIRED)],
  asks: { vitals: "no", allergies: "no" },
};

/** What a clinic begins with, until it makes its own. */
const FIRST_TEMPLATES: readonly NoteTemplate[] = [
  {
    id: "progress",
    name: "Progress note",
    type: "progress",
    sections: [
      section("reason", "Reason for visit", "In the patient's own words", REQUIRED),
      section("history", "History", "Onset, course, what was tried", CARRIED),
      section("exam", "Examination", "What was looked at and found"),
      section("assessment", "Assessment", "What it is, and how certain", { ...REQUIRED, ...CARRIED }),
      section("plan", "Plan", "Treatment, tests, when to come back", { ...REQUIRED, ...CARRIED }),
    ],
    asks: { vitals: "should", allergies: "should" },
  },
  {
    id: "history",
    name: "New patient",
    type: "history",
    sections: [
      section("reason", "Reason for visit", "In the patient's own words", REQUIRED),
      section("history", "History of present illness", "Onset, course, what was tried", REQUIRED),
      section("past", "Past history", "Illnesses, operations, hospital stays"),
      section("family", "Family and social history", "Who lives there, work, habits"),
      section("review", "Review of systems", "What was asked for"),
      section("exam", "Examination", "What was looked at and found", REQUIRED),
      section("assessment", "Assessment", "What it is, and how certain", REQUIRED),
      section("plan", "Plan", "Treatment, tests, when to come back", REQUIRED),
    ],
    asks: { vitals: "must", allergies: "must" },
  },
  {
    id: "nurse",
    name: "Nurse visit",
    type: "nurse",
    sections: [
      section("reason", "Reason for visit", "Why the patient is here", REQUIRED),
      section("observations", "Observations", "What was seen and measured", REQUIRED),
      section("done", "What was done", "Care that was given, and by which order"),
      section("advice", "Advice", "What the patient was told"),
    ],
    asks: { vitals: "should", allergies: "no" },
  },
  {
    id: "telephone",
    name: "Telephone call",
    type: "telephone",
    sections: [
      section("call", "Call", "Who called, and what about", REQUIRED),
      section("advice", "Advice", "What was said", REQUIRED),
    ],
    asks: { vitals: "no", allergies: "no" },
  },
];

const FIRST_SNIPPETS: readonly Snippet[] = [
  {
    name: "normal",
    text: "Alert and oriented, no acute distress. Heart regular, no murmur. Lungs clear on both sides.",
  },
  { name: "followup", text: "Return in *** or sooner if symptoms get worse." },
  { name: "reviewed", text: "Medications and allergies were reviewed with the patient." },
];

/** A clinic's templates and snippets; version 0 where it has none of its own. */
export async function readTemplates(deps: PrivacyDeps): Promise<Result<Opened<NoteTemplates>, PrivacyFailure>> {
  const found = await readAt(deps, "note-templates", noteTemplatesKey(deps.tenantId), NoteTemplates);
  if (!found.ok) return found;
  const first = { value: { templates: [...FIRST_TEMPLATES], snippets: [...FIRST_SNIPPETS] }, version: 0 };
  return ok(found.value ?? first);
}

/** The clinic's own from now on, over the version that was read. Notes that were begun keep what they began with. */
export async function changeTemplates(
  deps: PrivacyDeps,
  templates: NoteTemplates,
  before: number,
  marks: Marks,
): Promise<Result<Change<NoteTemplates>, PrivacyFailure>> {
  invariant(NoteTemplates.safeParse(templates).success, "templates are written as the contract has them");
  const write = await putOver(deps, "note-templates", noteTemplatesKey(deps.tenantId), templates, before, marks);
  return write.ok ? ok({ value: templates, writes: [write.value] }) : write;
}
