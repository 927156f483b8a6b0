import { describe, expect, it } from "vitest";
import type { FhirResource } from "../../../../core/fhir/index.ts";
import { validateResource } from "../../../../core/fhir/index.ts";
import { CompiledConsentSchema, compileConsent, isPrivacyConsent } from "../../../../core/policy/consent/index.ts";
import { errorOf, valueOf } from "../../crypto/fixtures.ts";
import {
  action,
  actor,
  AUTHOR,
  CLINIC,
  compiled,
  consent,
  DOCTOR,
  kind,
  label,
  level,
  PARTNER,
  PATIENT,
  purpose,
  USER_A,
} from "./fixtures.ts";

const refused = (provision: object | undefined, more: object = {}, rule?: string) =>
  errorOf(compileConsent(consent(provision, more, rule), 1));

const permit = { type: "permit" };
const deny = { type: "deny" };
const scope = (code: string) => ({
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code }] },
});

describe("POL-1 a consent that says what nobody would enforce is refused, with the element", () => {
  it.each<[string, object | undefined, object, string, string]>([
    ["codes of records", { ...permit, code: [{ text: "x" }] }, {}, "consent-element", "Consent.provision.code"],
    [
      "a modifier",
      { ...permit, modifierExtension: [{ url: "http://example.org/m", valueBoolean: true }] },
      {},
      "consent-element",
      "Consent.provision.modifierExtension",
    ],
    [
      "a modifier of the whole",
      permit,
      { modifierExtension: [{ url: "http://example.org/m", valueBoolean: true }] },
      "consent-element",
      "Consent.modifierExtension",
    ],
    ["implicit rules", permit, { implicitRules: "http://example.org/r" }, "consent-element", "Consent.implicitRules"],
    [
      "a policy text of its own",
      permit,
      { policy: [{ uri: "http://example.org/policy" }] },
      "consent-element",
      "Consent.policy[0].uri",
    ],
    ["another scope", permit, scope("unknown"), "consent-code", "Consent.scope"],
    ["provisions in an advance directive", deny, scope("adr"), "consent-element", "Consent.provision"],
    ["nothing at all", undefined, {}, "consent-empty", "Consent.provision"],
    ["only bounds", { purpose: [purpose("TREAT")] }, {}, "consent-empty", "Consent.provision"],
    [
      "an exception without a type",
      { ...permit, provision: [{ purpose: [purpose("TREAT")] }] },
      {},
      "consent-element",
      "Consent.provision.provision[0].type",
    ],
    [
      "a purpose that nobody works for",
      { ...deny, purpose: [purpose("HMARKT")] },
      {},
      "consent-code",
      "Consent.provision.purpose[0]",
    ],
    [
      "a purpose of another system",
      { ...deny, purpose: [{ system: "http://example.org", code: "TREAT" }] },
      {},
      "consent-code",
      "Consent.provision.purpose[0]",
    ],
    ["an unknown action", { ...deny, action: [action("sell")] }, {}, "consent-code", "Consent.provision.action[0]"],
    [
      "an unknown label",
      { ...deny, securityLabel: [label("HIV"), label("SHOESIZE")] },
      {},
      "consent-code",
      "Consent.provision.securityLabel[1]",
    ],
    [
      "a level beside a category",
      { ...deny, securityLabel: [label("HIV"), level("R")] },
      {},
      "consent-element",
      "Consent.provision.securityLabel",
    ],
    [
      "a type that is not kept",
      { ...deny, class: [kind("Observation"), kind("Substance")] },
      {},
      "consent-code",
      "Consent.provision.class[1]",
    ],
    [
      "an end that is kept back",
      {
        ...permit,
        period: {
          start: "2026-01-01",
          _end: {
            extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "masked" }],
          },
        },
      },
      {},
      "consent-period",
      "Consent.provision.period._end",
    ],
    [
      "what is related to a record",
      { ...deny, data: [{ meaning: "related", reference: { reference: "Observation/o1" } }] },
      {},
      "consent-element",
      "Consent.provision.data[0]",
    ],
    [
      "an actor without a role that is known",
      { ...deny, actor: [actor(`Practitioner/${DOCTOR}`, { text: "my doctor" })] },
      {},
      "consent-code",
      "Consent.provision.actor[0].role",
    ],
    [
      "authors and recipients in one rule",
      { ...deny, actor: [actor(`Practitioner/${DOCTOR}`), actor(`Practitioner/${DOCTOR}`, AUTHOR)] },
      {},
      "consent-element",
      "Consent.provision.actor",
    ],
    [
      "authors named twice",
      {
        ...deny,
        actor: [actor(`Practitioner/${DOCTOR}`, AUTHOR)],
        data: [{ meaning: "authoredby", reference: { reference: "Practitioner/other" } }],
      },
      {},
      "consent-element",
      "Consent.provision.data",
    ],
    [
      "an actor elsewhere",
      { ...deny, actor: [actor("https://elsewhere.example/fhir/Practitioner/1")] },
      {},
      "consent-reference",
      "Consent.provision.actor[0].reference",
    ],
    [
      "a role that nobody has",
      { ...deny, actor: [actor("role:wizard")] },
      {},
      "consent-reference",
      "Consent.provision.actor[0].reference",
    ],
    [
      "another patient",
      { ...permit, actor: [actor("Patient/somebody-else")] },
      {},
      "consent-reference",
      "Consent.provision.actor[0].reference",
    ],
    [
      "an organization without saying which is the clinic",
      { ...deny, actor: [actor(`Organization/${PARTNER}`)] },
      { organization: undefined },
      "consent-reference",
      "Consent.organization",
    ],
    [
      "the patient herself",
      { ...deny, actor: [actor(`Patient/${PATIENT}`)] },
      {},
      "consent-own-access",
      "Consent.provision.actor[0].reference",
    ],
    [
      "the patient by her role",
      { ...deny, actor: [actor("role:patient")] },
      {},
      "consent-own-access",
      "Consent.provision.actor[0].reference",
    ],
    [
      "treatment in a consent to research",
      { ...deny, purpose: [purpose("TREAT")] },
      scope("research"),
      "consent-element",
      "Consent.provision.purpose[0]",
    ],
    [
      "more rules than are judged",
      { ...permit, provision: Array.from({ length: 200 }, () => deny) },
      {},
      "consent-size",
      "Consent.provision",
    ],
  ])("%s", (_title, provision, more, name, path) => {
    expect(refused(provision, more)).toEqual({ kind: "business-rule", rule: name, path });
  });

  it("a period that ends before it begins, or does not read, whoever let it in", () => {
    for (const period of [{ start: "2026-02-01", end: "2026-01-01" }, { end: "soon" }]) {
      const broken = { ...consent(deny), provision: { ...deny, period } } as unknown as FhirResource;
      const found = errorOf(compileConsent(broken, 1));
      expect(found).toMatchObject({ rule: "consent-period", path: "Consent.provision.period" });
    }
  });

  it("an unknown policy rule, and two that disagree", () => {
    expect(refused(permit, {}, "cric")).toMatchObject({ rule: "consent-code", path: "Consent.policyRule" });
    const coding = ["OPTIN", "OPTOUT"].map((code) => ({
      system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
      code,
    }));
    expect(refused(permit, { policyRule: { coding } })).toMatchObject({ path: "Consent.policyRule" });
  });

  it("deeper nesting than any form has", () => {
    let provision: object = deny;
    for (let depth = 0; depth < 8; depth += 1) provision = { type: "permit", provision: [provision] };
    expect(refused(provision).rule).toBe("consent-size");
  });
});

describe("what compiles", () => {
  it("every element of a provision, small enough to keep in a row", () => {
    const found = compiled({
      type: "permit",
      period: { start: "2026-01-01", end: "2026-12-31" },
      actor: [
        actor(`Practitioner/${DOCTOR}`),
        actor("PractitionerRole/pr"),
        actor("CareTeam/ct"),
        actor("Group/g"),
        actor("Device/dev"),
        actor("RelatedPerson/mother"),
        actor(`Organization/${CLINIC}`),
        actor(`Organization/${PARTNER}`),
        actor("role:nurse"),
        actor(`user:${USER_A}`),
        actor(`client:${USER_A}`),
        actor(`tenant:${USER_A}`),
      ],
      action: [action("use"), action("correct"), action("disclose")],
      securityLabel: [label("SUD"), label("PSYTHPN")],
      purpose: [purpose("TREAT"), purpose("MLTRAINING")],
      class: [kind("S"), kind("Observation")],
      dataPeriod: { start: "2020" },
      data: [{ meaning: "instance", reference: { reference: "Observation/o1" } }],
      provision: [{ type: "deny", actor: [actor(`Practitioner/${DOCTOR}`, AUTHOR)] }],
    });
    expect(found).toMatchSnapshot();
    expect(CompiledConsentSchema.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
    expect(JSON.stringify(found).length).toBeLessThan(1700);
  });

  it("the law as a policy, an authority, and the form of an authorization say nothing by themselves", () => {
    const policy = [{ authority: "https://www.hhs.gov", uri: "https://www.ecfr.gov/current/title-42/section-2.31" }];
    expect(compiled(permit, { policy }).rule).toEqual({ effect: "permit" });
  });

  it.each(["draft", "proposed", "rejected", "inactive", "entered-in-error"])(
    "POL-14 a consent that is %s has no effect, and is never refused for what it says",
    (status) => {
      const found = compiled({ ...deny, code: [{ text: "what was never enforceable" }] }, { status });
      expect(found).toMatchObject({ isActive: false });
      expect(found.rule).toBeUndefined();
    },
  );

  it("an advance directive is kept and says nothing of privacy", () => {
    const directive = consent(undefined, { ...scope("adr") });
    expect(isPrivacyConsent(directive)).toBe(false);
    expect(valueOf(compileConsent(directive, 1)).rule).toBeUndefined();
    expect(isPrivacyConsent(consent(permit))).toBe(true);
  });

  it("a consent that names no patient is refused", () => {
    const found = validateResource({ ...consent(permit), patient: { identifier: { value: "x" } } });
    expect(errorOf(compileConsent(valueOf(found), 1)).path).toBe("Consent.patient");
  });
});
