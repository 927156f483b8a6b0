import { describe, expect, it } from "vitest";
import { RoleName, routeNames, routes } from "../../../core/contract/index.ts";
import { authorize, authorizeClinic, PURPOSES } from "../../../core/policy/index.ts";
import { given, member } from "./members.ts";

const ACTIONS: readonly string[] = [
  ...new Set(routeNames.flatMap((name) => (routes[name].zone === "patient" ? [routes[name].action ?? ""] : []))),
];
const STEP_UP = ["portal.download", "portal.consent-give"];
const self = { ...member("patient"), patientId: "p1" };
const own = { purpose: "PATRQT", patientId: "p1" } as const;

describe("CLIN-11 the policy of the patient's own portal", () => {
  it("CLIN-11 she does everything for herself, some of it with both factors again, and nothing for anybody else", () => {
    expect(ACTIONS.length).toBeGreaterThan(15);
    for (const action of ACTIONS) {
      const asked = authorizeClinic(self, action, own);
      expect([action, asked.ok]).toEqual([action, !STEP_UP.includes(action)]);
      if (!asked.ok) expect(asked.error).toMatchObject({ kind: "forbidden", lacks: "step-up" });
      expect(authorizeClinic(self, action, { ...own, steppedUp: true }).ok).toBe(true);
      expect(authorizeClinic(self, action, { ...own, patientId: "p2", steppedUp: true }).ok).toBe(false);
      expect(authorizeClinic(self, action, { purpose: "PATRQT", steppedUp: true }).ok).toBe(false);
    }
  });

  it("CLIN-11 nobody else of the clinic does any of it, for whatever purpose", () => {
    for (const role of RoleName.options.filter((name) => name !== "patient"))
      for (const purpose of PURPOSES)
        for (const action of ACTIONS)
          expect(authorizeClinic(member(role), action, { purpose, patientId: "p2", steppedUp: true }).ok).toBe(false);
  });

  it.each([
    ["a visit of her own", "contribute", "Appointment", "D", {}, true],
    ["a form of her own", "contribute", "QuestionnaireResponse", "C", {}, true],
    ["a diagnosis", "contribute", "Condition", "C", {}, false],
    ["a note", "contribute", "DocumentReference", "C", {}, false],
    ["what is segmented", "contribute", "QuestionnaireResponse", "S", {}, false],
    ["her demographics", "amend", "Patient", "D", {}, false],
    ["a new word while a hold keeps her chart", "contribute", "Consent", "D", { hold: "frozen" }, true],
    ["a change of what a hold keeps", "amend", "Consent", "D", { hold: "frozen" }, false],
    ["anything under a hold that restricts", "contribute", "Consent", "D", { hold: "restricted" }, false],
    ["a visit by FHIR", "create", "Appointment", "D", {}, false],
    ["a change by FHIR", "update", "Consent", "D", {}, false],
  ] as const)("CLIN-11 she writes %s: %s %s of class %s", (_title, action, type, letter, about, isPermitted) => {
    const demand = { action, type, classes: [letter], patientId: "p1" };
    const options = { purpose: "PATRQT", circumstances: given(about as Parameters<typeof given>[0]) };
    expect(authorize(self, [demand], options).ok).toBe(isPermitted);
    expect(authorize(self, [{ ...demand, patientId: "p2" }], options).ok).toBe(false);
    expect(authorize(member("physician"), [demand], { ...options, purpose: "TREAT" }).ok).toBe(
      action === "create" || action === "update",
    );
  });
});
