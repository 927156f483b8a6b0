import { describe, expect, it } from "vitest";
import { contradicts, isContradicted, movedAllergy, newAllergy, newNoneKnown } from "../../../core/chart/allergies.ts";
import { changeOf, recordingOf, withChange } from "../../../core/chart/author.ts";
import { conceptOf } from "../../../core/chart/elements.ts";
import { immunizationIssues, newImmunization, immunizationItem } from "../../../core/chart/immunizations.ts";
import { factsOf } from "../../../core/chart/lists.ts";
import { movedMedication, newMedication } from "../../../core/chart/medications.ts";
import { movedProblem, newProblem } from "../../../core/chart/problems.ts";
import { movesFrom, ruleOf, STATE_TABLE, stateOf } from "../../../core/chart/states.ts";
import {
  AddAllergy,
  AddImmunization,
  AddMedication,
  AddProblem,
  LISTS,
  type ListName,
  MOVES,
  VOCABULARIES,
} from "../../../core/contract/chart.ts";
import {
  type FhirResource,
  type JsonObject,
  parseJson,
  stringifyJson,
  validateResource,
} from "../../../core/fhir/index.ts";

const AUTHOR = { userId: "0".repeat(26), displayName: "Maren Holt" };
const AT = "2026-05-20T15:00:00.000Z";

function valid(record: JsonObject): FhirResource {
  const parsed = parseJson(stringifyJson(record));
  const judged = validateResource(parsed.ok && parsed.value);
  expect(judged.ok ? [] : judged.error.issues).toEqual([]);
  return (judged as { value: FhirResource }).value;
}

const problem = () => newProblem(AddProblem.parse({ problem: { text: "Essential hypertension", code: "I10" } }), "p1");
const allergy = (more: object = {}) =>
  newAllergy(
    AddAllergy.parse({
      substance: { text: "Penicillin G", code: "7980" },
      category: "medication",
      criticality: "high",
      reactions: [{ manifestation: { text: "Hives", code: "247472004" }, severity: "moderate" }],
      ...more,
    }),
    "p1",
  );
const order = () =>
  newMedication(
    AddMedication.parse({
      kind: "prescribed",
      medication: { text: "Lisinopril", code: "29046" },
      dosage: "10 mg daily",
    }),
    "p1",
    AT,
    { display: "Dr. Reyes" },
  );
const statement = () =>
  newMedication(AddMedication.parse({ kind: "reported", medication: { text: "Vitamin D" } }), "p1", AT, {});
const vaccine = (more: object = {}) =>
  AddImmunization.parse({
    vaccine: { text: "Tdap", code: "115" },
    status: "completed",
    source: "here",
    date: "2026-05-20",
    lot: "U7790AA",
    ...more,
  });
const given = () => newImmunization(vaccine(), "p1", AT, { display: "Maren Holt" });

const RECORDS: Readonly<Record<ListName, () => JsonObject>> = {
  problems: problem,
  allergies: allergy,
  medications: order,
  immunizations: given,
};
const MOVED: Readonly<Record<ListName, (record: JsonObject, to: string) => JsonObject>> = {
  problems: (record, to) => movedProblem(record, to, "2026-05-20"),
  allergies: movedAllergy,
  medications: (record, to) => movedMedication(record, to, "2026-05-20"),
  immunizations: (record, to) => ({ ...record, status: to }),
};

describe("CLIN-4 states", () => {
  it.each(LISTS.map((list) => [list] as const))(
    "every move of %s leads to a valid record in the state it names",
    (list) => {
      const first = RECORDS[list]();
      const seen = new Map([[stateOf(list, first), first]]);
      for (const record of seen.values()) {
        for (const move of movesFrom(list, stateOf(list, record))) {
          const to = ruleOf(list, move, stateOf(list, record))?.to ?? "";
          const next = valid(withChange(MOVED[list](record, to), AUTHOR, AT, "because"));
          expect(stateOf(list, next)).toBe(to);
          if (!seen.has(to)) seen.set(to, next);
        }
      }
      expect(seen.has("entered-in-error")).toBe(true);
    },
  );

  it.each(LISTS.map((list) => [list] as const))("what was entered in error in %s stays so", (list) => {
    expect(movesFrom(list, "entered-in-error")).toEqual([]);
    expect(MOVES.filter((move) => ruleOf(list, move, "no such state") !== undefined)).toEqual([]);
    expect(STATE_TABLE[list]["enter-in-error"]?.needsReason).toBe(true);
  });

  it("says who changed a version, when and why, and does not keep the change before", () => {
    const first = withChange(problem(), AUTHOR, AT, "first");
    const second = withChange(first, { ...AUTHOR, displayName: "Ana Reyes" }, "2026-06-01T10:00:00.000Z");
    expect(changeOf(valid(first))).toEqual({ by: "Maren Holt", at: AT, reason: "first" });
    expect(changeOf(valid(second))).toEqual({ by: "Ana Reyes", at: "2026-06-01T10:00:00.000Z" });
    expect(recordingOf(order())).toEqual({ by: "Dr. Reyes", at: AT });
  });

  it("gives moves to nobody who may not change, and none for what is partly withheld", () => {
    const record = { ...problem(), id: "c1", meta: { versionId: "3" } } as unknown as FhirResource;
    expect(factsOf("problems", record, { change: true, isPartial: false }).moves).toContain("resolve");
    expect(factsOf("problems", record, { change: false, isPartial: false })).toMatchObject({
      moves: [],
      isEditable: false,
    });
    expect(factsOf("problems", record, { change: true, isPartial: true })).toMatchObject({
      moves: [],
      isEditable: false,
    });
  });
});

describe("CLIN-4 no known allergies", () => {
  const none = newNoneKnown("p1", undefined);
  const drug: JsonObject = { ...none, code: { coding: [{ system: "http://snomed.info/sct", code: "409137002" }] } };

  it("is a valid record with SNOMED CT's code, and no allergy", () => {
    expect(valid(none)).toMatchObject({ code: { coding: [{ code: "716186003" }] } });
  });

  it.each([
    ["any allergy", none, allergy(), true],
    ["a drug, of drugs", drug, allergy(), true],
    ["a food, of drugs", drug, allergy({ category: "food" }), false],
    ["of no category, of drugs", drug, allergy({ category: undefined }), true],
    ["another statement", none, drug, false],
  ] as const)("contradicts %s: %s", (_title, stated, other, isSo) => {
    expect(contradicts(stated, other)).toBe(isSo);
    expect(isContradicted({ statements: [stated], allergies: [other] })).toBe(isSo);
  });
});

describe("CLIN-4 medications", () => {
  it("are an order or a statement, each valid", () => {
    expect(valid(order())).toMatchObject({ resourceType: "MedicationRequest", intent: "order", status: "active" });
    expect(valid(statement())).toMatchObject({ resourceType: "MedicationStatement", status: "active" });
  });
});

describe("CLIN-7 immunizations", () => {
  it.each([
    ["given here without a lot", { lot: undefined }, ["lot-required"]],
    ["given with a refusal", { refusal: "PATOBJ" }, ["not-given-detail"]],
    ["not given without a reason", { status: "not-done", lot: undefined }, ["refusal-required"]],
    [
      "not given with a site",
      { status: "not-done", lot: undefined, refusal: "PATOBJ", site: "LD" },
      ["not-given-detail"],
    ],
    ["an invented vaccine", { vaccine: { text: "X", code: "99999" } }, ["code-unknown"]],
    ["an invented site", { site: "NOSE" }, ["code-unknown"]],
    ["free words", { vaccine: { text: "A vaccine of another country" } }, []],
    ["reported without a lot", { source: "reported", lot: undefined }, []],
  ] as const)("%s", (_title, more, rules) => {
    expect(immunizationIssues(vaccine(more)).map(({ rule }) => rule)).toEqual(rules);
  });

  it("says lot, site, route, expiry and dose, and who gave it", () => {
    const content = vaccine({
      expires: "2027-01-31",
      site: "LD",
      route: "IM",
      doseMl: "0.50",
      manufacturer: "Sanofi Pasteur",
      doseNumber: 1,
    });
    const record = valid(newImmunization(content, "p1", AT, { display: "Maren Holt" }));
    const item = immunizationItem(record, factsOf("immunizations", record, { change: true, isPartial: false }));
    expect(item).toMatchObject({
      vaccine: { text: "Tdap", code: "115", system: "http://hl7.org/fhir/sid/cvx" },
      lot: "U7790AA",
      expires: "2027-01-31",
      site: { code: "LD", text: "left deltoid" },
      route: { code: "IM", text: "Injection, intramuscular" },
      doseMl: "0.50",
      manufacturer: "Sanofi Pasteur",
      givenBy: "Maren Holt",
    });
  });
});

describe("CLIN-4 vocabularies", () => {
  it("hold each code once, with words", () => {
    for (const { terms } of Object.values(VOCABULARIES)) {
      expect(new Set(terms.map(({ code }) => code)).size).toBe(terms.length);
      expect(terms.every(({ code, text }) => /^[\w.-]+$/.test(code) && text.length > 2)).toBe(true);
    }
  });

  it("take words without a code, and no code of their own making", () => {
    expect(conceptOf("reaction", { text: "A strange taste" })).toEqual({ text: "A strange taste" });
    expect(conceptOf("reaction", { text: "Hives", code: "12345" })).toBeUndefined();
  });
});
