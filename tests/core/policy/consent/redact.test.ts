import { describe, expect, it } from "vitest";
import type { FhirResource } from "../../../../core/fhir/index.ts";
import { classOf, INLINE_LABEL, parseJson, stringifyJson, validateResource } from "../../../../core/fhir/index.ts";
import { describeEffect, isPart2, REDISCLOSURE_NOTICE, redactLabelled } from "../../../../core/policy/consent/index.ts";
import { valueOf } from "../../crypto/fixtures.ts";
import { actor, compiled, kind, label, NOW, PATIENT, rule, TENANT_A } from "./fixtures.ts";

const marked = (code: string) => ({ url: INLINE_LABEL, valueCoding: label(code) });
const MASKED = {
  extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "masked" }],
};
const CANARY = "KW-CANARY";

const resource = (value: object): FhirResource => valueOf(validateResource(valueOf(parseJson(JSON.stringify(value)))));

const report = resource({
  resourceType: "DiagnosticReport",
  id: "r1",
  status: "final",
  text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${CANARY}</div>` },
  code: { text: "panel" },
  subject: { reference: `Patient/${PATIENT}` },
  conclusion: CANARY,
  _conclusion: { extension: [marked("HIV")] },
  conclusionCode: [{ text: "plain" }, { extension: [marked("HIV")], text: CANARY }],
  extension: [
    { url: "http://example.org/hiv", extension: [marked("HIV"), { url: "value", valueString: CANARY }] },
    { url: "http://example.org/plain", valueString: "plain" },
  ],
});

describe("POL-8 elements with a label of their own", () => {
  it("are masked where consent does not let them through: value, label and narrative are gone", () => {
    const redacted = redactLabelled(report, rule([]));
    const text = stringifyJson(redacted);
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain("HIV");
    expect(text).not.toContain("example.org/hiv");
    expect(redacted).toMatchObject({
      conclusionCode: [{ text: "plain" }, MASKED],
      _conclusion: MASKED,
      extension: [{ url: "http://example.org/plain" }],
      meta: { tag: [{ code: "SUBSETTED" }], security: [{ code: "REDACTED" }] },
    });
    expect(redacted).not.toHaveProperty("conclusion");
    expect(redacted).not.toHaveProperty("text");
    expect(validateResource(redacted).ok).toBe(true);
    expect(report["conclusion"]).toBe(CANARY);
  });

  it("stay where consent lets them through, and the resource is the same object", () => {
    expect(redactLabelled(report, rule([compiled({ type: "permit" })]))).toBe(report);
    expect(redactLabelled(report, rule([], { isEmergency: true, purpose: "ETREAT" }))).toBe(report);
    const other = redactLabelled(report, rule([compiled({ type: "permit", securityLabel: [label("SUD")] })]));
    expect(stringifyJson(other)).not.toContain(CANARY);
    const ofType = compiled({ type: "permit", securityLabel: [label("HIV")], class: [kind("DiagnosticReport")] });
    expect(redactLabelled(report, rule([ofType]))).toBe(report);
  });

  it("in lists of primitives leave a gap, and decimals elsewhere stay as they were written", () => {
    const patient = valueOf(
      validateResource(
        valueOf(
          parseJson(
            `{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},
             "subject":{"reference":"Patient/${PATIENT}"},
             "valueQuantity":{"value":7.10},
             "component":[{"code":{"text":"${CANARY}","extension":[${JSON.stringify(marked("SUD"))}]},"valueQuantity":{"value":1.50}}],
             "note":[{"text":"plain"}]}`,
          ),
        ),
      ),
    );
    const text = stringifyJson(redactLabelled(patient, rule([])));
    expect(text).toContain("7.10");
    expect(text).toContain("1.50");
    expect(text).not.toContain(CANARY);
    const named = resource({
      resourceType: "Patient",
      id: PATIENT,
      name: [{ given: ["Ada", CANARY], _given: [null, { extension: [marked("HIV")] }] }],
    });
    const masked = redactLabelled(named, rule([]));
    expect(masked["name"]).toEqual([{ given: ["Ada", null], _given: [null, MASKED] }]);
  });

  it("a modifier that may not be shown takes the element that it changes with it", () => {
    const plan = {
      resourceType: "CarePlan",
      id: "p1",
      status: "active",
      intent: "plan",
      subject: { reference: `Patient/${PATIENT}` },
      activity: [
        {
          modifierExtension: [{ url: "http://example.org/not", extension: [marked("HIV")] }],
          detail: { status: "completed", description: CANARY },
        },
      ],
    } as unknown as FhirResource;
    expect(redactLabelled(plan, rule([]))["activity"]).toEqual([MASKED]);
  });

  it("make the record one of class S, so that no one reads it by role alone", () => {
    expect(classOf(report)).toBe("S");
    expect(rule([]).permits({ type: "DiagnosticReport", id: "r1", dataClass: "S", labels: [] })).toBe(false);
  });
});

describe("POL-8 42 CFR Part 2", () => {
  it.each([
    [["42CFRPart2"], true],
    [["HIV", "OPIOIDUD"], true],
    [["ETHUD"], true],
    [["HIV", "PSY"], false],
    [[], false],
  ])("%j is one of its records: %s", (labels, is) => {
    expect(isPart2(labels)).toBe(is);
  });

  it("the notice is that of 2.32(a)(2), word by word", () => {
    expect(REDISCLOSURE_NOTICE).toBe("42 CFR part 2 prohibits unauthorized use or disclosure of these records.");
  });
});

describe("what a consent would change, before it is signed", () => {
  it("says it by role, purpose and class", () => {
    const members = [
      { role: "physician", purpose: "TREAT" as const },
      { role: "nurse", purpose: "TREAT" as const },
      { role: "physician", purpose: "HRESCH" as const },
      { role: "patient", purpose: "PATRQT" as const },
    ];
    const before = [compiled({ type: "permit", actor: [actor("role:physician")] })];
    const after = [compiled({ type: "deny", actor: [actor("role:nurse")], class: [kind("C")] })];
    const lines = describeEffect(before, after, members, { tenantId: TENANT_A, nowMs: NOW });
    expect(lines.map(({ text }) => text)).toEqual([
      "physician (TREAT): clinical records by role alone (before: opened by consent); specially protected records by role alone (before: opened by consent); billing records by role alone (before: opened by consent); demographics and scheduling by role alone (before: opened by consent)",
      "nurse (TREAT): clinical records closed by consent (before: by role alone)",
      "physician (HRESCH): no change",
      "patient (PATRQT): no change",
    ]);
    expect(lines.map(({ isChanged }) => isChanged)).toEqual([true, true, false, false]);
    expect(lines[1]).toMatchObject({ before: { C: "none" }, after: { C: "deny" } });
  });
});
