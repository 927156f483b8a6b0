import { describe, expect, it } from "vitest";
import { type FormAnswer, type PortalForm, PortalSettings } from "../../../core/contract/index.ts";
import { type FhirResource, patientOfId, validateResource } from "../../../core/fhir/index.ts";
import { issuesOf, responseIdOf, responseOf, sentFormsOf } from "../../../core/portal/forms.ts";
import { INTAKE } from "../../../core/portal/intake.ts";
import { readableRecord } from "../../../core/portal/readable.ts";
import { FIRST_SETTINGS } from "../../../core/portal/settings.ts";
import { contactWish, visitWish } from "../../../core/portal/wishes.ts";

const PATIENT = "01hxyzabcd0123456789abcdef";
const answer = (id: string, ...values: string[]): FormAnswer => ({ id, values });
const FULL = [answer("reason", "My knee hurts"), answer("has-allergies", "no")];

describe("CLIN-11 forms", () => {
  it("CLIN-11 what a clinic begins with keeps to the contract", () => {
    expect(PortalSettings.safeParse(FIRST_SETTINGS).success).toBe(true);
  });

  it.each<[string, readonly FormAnswer[], readonly string[]]>([
    ["nothing", [], ["reason answer-required", "has-allergies answer-required"]],
    ["a question that is not asked", [...FULL, answer("pin", "1")], ["pin unknown-question"]],
    ["a choice that is none", [...FULL, answer("tobacco", "always")], ["tobacco form-value"]],
    ["two where one is asked", [...FULL, answer("tobacco", "never", "daily")], ["tobacco form-value"]],
    ["one choice twice", [...FULL, answer("conditions", "asthma", "asthma")], ["conditions form-value"]],
    ["a day that is none", [...FULL, answer("since", "tomorrow")], ["since form-value"]],
    ["several choices", [...FULL, answer("conditions", "asthma", "diabetes")], []],
  ])("CLIN-11 answers are looked at: %s", (_title, answers, wanted) => {
    const found = issuesOf(INTAKE, answers, { isDraft: false }).map(({ path, rule }) => `${path} ${rule}`);
    expect(found).toEqual(wanted);
  });

  it("CLIN-11 a draft may leave open what is asked for, and says nothing that is no answer", () => {
    expect(issuesOf(INTAKE, [], { isDraft: true })).toEqual([]);
    expect(issuesOf(INTAKE, [answer("tobacco", "always")], { isDraft: true })).toHaveLength(1);
  });

  it("CLIN-11 what is sent is a QuestionnaireResponse that reads by itself, once for an edition", () => {
    const answers = [...FULL, answer("conditions", "asthma", "diabetes"), answer("since", "2026-11-01")];
    const made = responseOf(INTAKE, answers, { patientId: PATIENT, nowMs: Date.parse("2026-11-22T10:00:00Z") });
    const valid = made.ok ? validateResource(made.value) : undefined;
    expect(valid?.ok).toBe(true);
    const sent = sentFormsOf([{ ...(made.ok ? made.value : {}), id: "x" } as unknown as FhirResource]);
    expect(sent[0]?.items).toEqual([
      { question: "What would you like help with?", answers: ["My knee hurts"] },
      { question: "When did it start?", answers: ["2026-11-01"] },
      { question: "Do you have any of these?", answers: ["Asthma", "Diabetes"] },
      { question: "Are you allergic to anything?", answers: ["No"] },
    ]);
    const id = responseIdOf(INTAKE, PATIENT);
    expect([patientOfId(id), responseIdOf(INTAKE, PATIENT)]).toEqual([PATIENT, id]);
    const next: PortalForm = { ...INTAKE, edition: 2 };
    expect(responseIdOf(next, PATIENT)).not.toBe(id);
    expect(responseIdOf(INTAKE, "client-id")).toMatch(/^form-[0-9a-z]{26}$/);
  });
});

describe("CLIN-11 words that leave", () => {
  it("CLIN-11 a wish is written in the clinic's language, with the patient's words as they are", () => {
    const wish = { reason: "<b>knee</b>", times: "morning", from: "2026-12-01" } as const;
    expect(visitWish(wish, "Maya Okafor", "es").text).toBe(
      "Motivo: <b>knee</b>\nNo antes de: 2026-12-01\nHora del día: mañana\nCon: Maya Okafor",
    );
    expect(contactWish({ phone: "555 0100" }, "en").text).toBe("Phone: 555 0100");
  });

  it("CLIN-11 the page to keep escapes what stands in a record, and brings no script", () => {
    const field = { state: "absent" } as const;
    const evil = `<img src=x onerror="alert(1)">`;
    const page = readableRecord(
      {
        at: "2026-11-22T10:00:00Z",
        name: { state: "value", value: evil },
        birthDate: { state: "value", value: "1962-03-14" },
        problems: field,
        allergies: { items: { state: "unavailable", reason: "not-read" }, noneKnown: [] },
        medications: field,
        immunizations: field,
        vitals: field,
        results: { state: "value", value: [{ id: "x", name: evil, value: "5", date: "2026-11-01" }] },
        notes: { state: "value", value: [{ id: "n", title: evil, text: `${evil}&amp;` }] },
        protectedItems: field,
      },
      { language: "es", clinic: "O'Hara & Sons", zone: "America/Chicago" },
    );
    expect(page).not.toMatch(/<img|<script|onerror="/);
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(page).toContain("14 de marzo de 1962");
    expect(page).toContain("No hay nada anotado.");
    // A part that could not be read is told apart from an empty one.
    expect(page).toContain("no se pudo leer");
  });
});
