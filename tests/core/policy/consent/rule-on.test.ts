import { describe, expect, it } from "vitest";
import type { UserId } from "../../../../core/kernel/ids.ts";
import { unreadableConsent, withConsent, withoutConsent } from "../../../../core/policy/consent/index.ts";
import {
  action,
  actor,
  AUTHOR,
  CLINIC,
  compiled,
  DOCTOR,
  inquiry,
  kind,
  label,
  labelled,
  level,
  NOW,
  PARTNER,
  PATIENT,
  purpose,
  record,
  rule,
  TENANT_A,
  USER_A,
  USER_B,
} from "./fixtures.ts";

const PERMIT = { type: "permit" };
const DENY = { type: "deny" };
const CLIENT = "01hxzzc1ent123456789abcdef";
const of = (id: string, dateTime = "2026-01-01T00:00:00Z") => ({ id, dateTime });

describe("POL-1 without a consent", () => {
  it.each<[string, Parameters<typeof rule>[1], Record<string, string>, boolean, boolean]>([
    ["treatment", {}, { C: "none", S: "none", B: "none", D: "none" }, true, false],
    ["payment", { purpose: "HPAYMT" }, { C: "none", S: "none", B: "none", D: "none" }, true, false],
    ["operations", { purpose: "HOPERAT" }, { C: "none", S: "none", B: "none", D: "none" }, true, false],
    ["research", { purpose: "HRESCH" }, { C: "deny", S: "deny", B: "deny", D: "deny" }, false, false],
    ["training of models", { purpose: "MLTRAINING" }, { C: "deny", S: "deny", B: "deny", D: "deny" }, false, false],
    ["a disclosure", { action: "disclose" }, { C: "deny", S: "deny", B: "deny", D: "deny" }, false, false],
    [
      "a system of another organization",
      { onBehalfOf: PARTNER, clientId: CLIENT },
      { C: "deny", S: "deny", B: "deny", D: "deny" },
      false,
      false,
    ],
    ["the patient herself", { isPatient: true, purpose: "PATRQT" }, { C: "none", S: "none" }, true, true],
    ["an emergency", { isEmergency: true, purpose: "ETREAT" }, { C: "none", S: "none" }, true, true],
  ])("%s", (_title, changes, byClass, plain, special) => {
    const ruling = rule([], changes);
    expect(ruling.byClass).toMatchObject(byClass);
    expect([ruling.permits(record()), ruling.permits(labelled("HIV"))]).toEqual([plain, special]);
    expect(ruling.ids).toEqual([]);
  });
});

describe("POL-1 POL-2 each factor of a denial, and what it leaves alone", () => {
  it.each<[string, object, Parameters<typeof rule>[1], ReturnType<typeof record>, boolean]>([
    ["everything", DENY, {}, record(), false],
    ["a user", { ...DENY, actor: [actor(`user:${USER_A}`)] }, {}, record(), false],
    ["another user", { ...DENY, actor: [actor(`user:${USER_B}`)] }, {}, record(), true],
    ["a practitioner", { ...DENY, actor: [actor(`Practitioner/${DOCTOR}`)] }, {}, record(), false],
    ["another practitioner", { ...DENY, actor: [actor("Practitioner/other")] }, {}, record(), true],
    [
      "a practitioner, and a physician of whom nobody knows which she is",
      { ...DENY, actor: [actor("Practitioner/other")] },
      { practitionerId: undefined },
      record(),
      false,
    ],
    [
      "a practitioner, and the front desk, which treats nobody",
      { ...DENY, actor: [actor("Practitioner/other")] },
      { practitionerId: undefined, roles: ["front-desk"] },
      record(),
      true,
    ],
    ["a role", { ...DENY, actor: [actor("role:physician")] }, {}, record(), false],
    ["another role", { ...DENY, actor: [actor("role:nurse")] }, {}, record(), true],
    ["the clinic", { ...DENY, actor: [actor(`Organization/${CLINIC}`)] }, {}, record(), false],
    ["the clinic by its id", { ...DENY, actor: [actor(`tenant:${TENANT_A}`)] }, {}, record(), false],
    ["another organization", { ...DENY, actor: [actor(`Organization/${PARTNER}`)] }, {}, record(), true],
    ["a system", { ...DENY, actor: [actor(`client:${CLIENT}`)] }, { clientId: CLIENT }, record(), false],
    ["another system", { ...DENY, actor: [actor(`client:${USER_A}`)] }, { clientId: CLIENT }, record(), true],
    ["her care team", { ...DENY, actor: [actor("CareTeam/ct")] }, { affiliations: ["CareTeam/ct"] }, record(), false],
    ["another care team", { ...DENY, actor: [actor("CareTeam/ct")] }, {}, record(), true],
    [
      "a care team of which nobody knows",
      { ...DENY, actor: [actor("CareTeam/ct")] },
      { affiliations: undefined },
      record(),
      false,
    ],
    ["a relative, who has no account", { ...DENY, actor: [actor("RelatedPerson/mother")] }, {}, record(), true],
    ["a class", { ...DENY, class: [kind("C")] }, {}, record(), false],
    ["another class", { ...DENY, class: [kind("B")] }, {}, record(), true],
    ["a type", { ...DENY, class: [kind("Observation")] }, {}, record(), false],
    ["another type", { ...DENY, class: [kind("Condition")] }, {}, record(), true],
    ["a type or a class", { ...DENY, class: [kind("Condition"), kind("C")] }, {}, record(), false],
    ["a purpose", { ...DENY, purpose: [purpose("TREAT")] }, {}, record(), false],
    [
      "treatment, and an emergency that nobody declared",
      { ...DENY, purpose: [purpose("TREAT")] },
      { purpose: "ETREAT" },
      record(),
      false,
    ],
    ["another purpose", { ...DENY, purpose: [purpose("HPAYMT")] }, {}, record(), true],
    ["an action", { ...DENY, action: [action("access")] }, {}, record(), false],
    ["another action", { ...DENY, action: [action("disclose")] }, {}, record(), true],
    ["to write", { ...DENY, action: [action("correct")] }, { action: "collect" }, record(), false],
    [
      "a record",
      { ...DENY, data: [{ meaning: "instance", reference: { reference: "Observation/o1" } }] },
      {},
      record(),
      false,
    ],
    [
      "another record",
      { ...DENY, data: [{ meaning: "instance", reference: { reference: "Observation/o2" } }] },
      {},
      record(),
      true,
    ],
    [
      "what one practitioner wrote",
      { ...DENY, actor: [actor("Practitioner/other", AUTHOR)] },
      {},
      record({ authorPractitionerId: "other" }),
      false,
    ],
    [
      "what somebody else wrote",
      { ...DENY, data: [{ meaning: "authoredby", reference: { reference: "Practitioner/other" } }] },
      {},
      record({ authorPractitionerId: DOCTOR }),
      true,
    ],
    ["what nobody knows who wrote", { ...DENY, actor: [actor("Practitioner/other", AUTHOR)] }, {}, record(), false],
    ["a time of data", { ...DENY, dataPeriod: { end: "2020" } }, {}, record({ span: { from: 0, until: 1 } }), false],
    [
      "another time of data",
      { ...DENY, dataPeriod: { end: "2020" } },
      {},
      record({ span: { from: NOW, until: NOW + 1 } }),
      true,
    ],
    ["a time of data that is not known", { ...DENY, dataPeriod: { end: "2020" } }, {}, record(), false],
    ["what is normal at most", { ...DENY, securityLabel: [level("N")] }, {}, record(), false],
  ])("%s", (_title, provision, changes, asked, passes) => {
    const ruling = rule([compiled(provision)], changes);
    expect(ruling.permits(asked)).toBe(passes);
    // The summary never refuses more than the records would: only what covers the whole class closes it.
    if (ruling.byClass.C === "deny") expect(passes).toBe(false);
  });

  it("the summary closes a class only where all of it is closed", () => {
    expect(rule([compiled(DENY)]).byClass).toEqual({ C: "deny", S: "deny", B: "deny", D: "deny" });
    expect(rule([compiled({ ...DENY, class: [kind("B")] })]).byClass).toMatchObject({ B: "deny", C: "none" });
    expect(rule([compiled({ ...DENY, class: [kind("Observation")] })]).byClass).toMatchObject({ C: "none" });
  });

  it("POL-14 the consents themselves stay with those who keep them, so that a denial of everything can be taken back", () => {
    const denied = [compiled(DENY), unreadableConsent("lost", 1, PATIENT)];
    const kept = record({ type: "Consent", dataClass: "D" });
    const keeper = { purpose: "HOPERAT" as const, roles: ["front-desk"] };
    expect(rule(denied, keeper).permits(kept)).toBe(true);
    expect(rule(denied, keeper).byClass).toEqual({ C: "deny", S: "deny", B: "deny", D: "none" });
    expect(rule(denied, keeper).permits(record({ type: "Patient", dataClass: "D" }))).toBe(false);
    expect(rule(denied, keeper).permits({ ...kept, labels: ["HIV"] })).toBe(false);
    for (const other of [
      { purpose: "TREAT" as const },
      { clientId: CLIENT },
      { onBehalfOf: PARTNER },
      { action: "disclose" as const },
    ]) {
      expect(rule(denied, { ...keeper, ...other }).permits(kept)).toBe(false);
      expect(rule(denied, { ...keeper, ...other }).byClass.D).toBe("deny");
    }
  });

  it("names the consents that had a say, the newest first, and no other", () => {
    const consents = [
      compiled(DENY, of("old", "2020-01-01")),
      compiled({ ...DENY, actor: [actor("role:nurse")] }, of("of-nurses")),
      compiled({ ...PERMIT, actor: [actor(`user:${USER_A}`)] }, of("new", "2026-05-01")),
    ];
    expect(rule(consents).ids).toEqual(["new:1", "old:1"]);
    const many = Array.from({ length: 20 }, (_, index) => compiled(DENY, of(`c${index}`)));
    expect(rule(many).ids).toHaveLength(8);
  });
});

describe("POL-2 conflict: a permit lifts a denial only where it is more specific", () => {
  const deny = (more: object = {}, id = "deny", dateTime?: string) => compiled({ ...DENY, ...more }, of(id, dateTime));
  const permit = (more: object = {}, id = "permit", dateTime?: string) =>
    compiled({ ...PERMIT, ...more }, of(id, dateTime));
  const nurse = { actor: [actor("role:nurse")] };
  const doctor = { actor: [actor(`Practitioner/${DOCTOR}`)] };
  const physician = { actor: [actor("role:physician")] };
  const treat = { purpose: [purpose("TREAT")] };

  it.each<[string, ReturnType<typeof deny>[], boolean]>([
    ["the same, both general", [deny(), permit()], false],
    ["the same, and the permit is newer", [deny({}, "a", "2020-01-01"), permit({}, "b", "2026-06-01")], false],
    ["a person over everybody", [deny(), permit(doctor)], true],
    ["a person over her role", [deny(physician), permit(doctor)], true],
    ["a role over the clinic", [deny({ actor: [actor(`Organization/${CLINIC}`)] }), permit(physician)], true],
    ["a person under a denial to the person", [deny(doctor), permit(physician)], false],
    ["a purpose beside a role: neither is the narrower", [deny(physician), permit(treat)], false],
    ["a person and a purpose over the role", [deny(physician), permit({ ...doctor, ...treat })], true],
    ["a denial of a label, on a record without it", [deny({ securityLabel: [label("HIV")] }), permit(doctor)], true],
    ["one lifted and one not", [deny(physician), deny({ ...doctor, ...treat }, "d2"), permit(doctor)], false],
    ["a denial to others", [deny(nurse), permit(physician)], true],
  ])("%s", (_title, consents, passes) => {
    expect(rule(consents).permits(record())).toBe(passes);
  });

  it("a general permit for a person does not lift the denial of a label, one that names the label does", () => {
    const marked = deny({ securityLabel: [label("HIV")] });
    expect(rule([marked, permit(doctor)]).permits(labelled("HIV"))).toBe(false);
    const named = permit({ ...doctor, securityLabel: [label("HIV")] });
    expect(rule([marked, named]).permits(labelled("HIV"))).toBe(true);
  });

  it("an exception speaks in place of the provision around it, and no wider", () => {
    const found = compiled({
      ...DENY,
      provision: [
        {
          ...PERMIT,
          ...physician,
          provision: [{ ...DENY, class: [kind("Observation")], provision: [{ ...PERMIT, ...treat }] }],
        },
      ],
    });
    expect(rule([found]).permits(record())).toBe(true);
    expect(rule([found], { purpose: "HOPERAT" }).permits(record())).toBe(false);
    expect(rule([found], { purpose: "HOPERAT" }).permits(record({ type: "Condition" }))).toBe(true);
    expect(rule([found], { roles: ["nurse"] }).permits(record())).toBe(false);
  });

  it("opt-out denies beside its exceptions, opt-in permits beside them", () => {
    const out = compiled({ ...PERMIT, ...physician }, {}, "OPTOUT");
    expect([rule([out]).permits(record()), rule([out], { roles: ["nurse"] }).permits(record())]).toEqual([true, false]);
    const opted = compiled({ ...DENY, ...physician }, {}, "OPTIN");
    expect([
      rule([opted]).permits(labelled("HIV")),
      rule([opted], { roles: ["nurse"] }).permits(labelled("HIV")),
    ]).toEqual([false, true]);
    const bounded = compiled({ ...physician }, {}, "OPTOUT");
    expect(rule([bounded], { roles: ["nurse"] }).permits(record())).toBe(true);
    expect(rule([compiled(undefined, {}, "OPTOUT")]).permits(record())).toBe(false);
  });
});

describe("POL-14 time", () => {
  const period = { start: "2026-11-01", end: "2026-11-22" };
  it.each<[string, number, boolean]>([
    ["the millisecond before", Date.UTC(2026, 10, 1) - 1, true],
    ["its first millisecond", Date.UTC(2026, 10, 1), false],
    ["the last of its end, which counts whole", Date.UTC(2026, 10, 23) - 1, false],
    ["the first after", Date.UTC(2026, 10, 23), true],
  ])("%s", (_title, nowMs, passes) => {
    const denied = compiled({ ...DENY, period });
    expect(rule([denied], { nowMs }).permits(record())).toBe(passes);
    const permitted = compiled({ ...PERMIT, period });
    expect(rule([permitted], { nowMs }).permits(labelled("HIV"))).toBe(!passes);
  });

  it("an exception has its own time, inside that of the provision around it", () => {
    const found = compiled({ ...PERMIT, period: { end: "2027" }, provision: [{ ...DENY, period }] });
    expect(rule([found]).permits(labelled("HIV"))).toBe(false);
    expect(rule([found], { nowMs: Date.UTC(2026, 10, 24) }).permits(labelled("HIV"))).toBe(true);
    expect(rule([found], { nowMs: Date.UTC(2028, 1, 1) }).permits(labelled("HIV"))).toBe(false);
  });

  it("a consent that is given in the future permits nothing yet, and denies already", () => {
    const later = { dateTime: "2027-01-01T00:00:00Z" };
    expect(rule([compiled(PERMIT, later)]).permits(labelled("HIV"))).toBe(false);
    expect(rule([compiled(DENY, later)]).permits(record())).toBe(false);
  });

  it("a revoked consent is gone from the list, and one that says something else stands in its place", () => {
    const permitted = compiled(PERMIT);
    const list = withConsent([], permitted);
    expect(rule(list).permits(labelled("HIV"))).toBe(true);
    expect(withConsent(list, compiled(PERMIT, { status: "inactive" }))).toEqual([]);
    expect(rule(withConsent(list, compiled(DENY))).permits(record())).toBe(false);
    expect(withoutConsent(list, "consent-1")).toEqual([]);
    expect(rule([compiled(PERMIT, { status: "entered-in-error" })]).byClass.S).toBe("none");
  });

  it("one that cannot be read any more denies everything, to everyone but the patient", () => {
    const consents = [compiled({ ...PERMIT, actor: [actor(`user:${USER_A}`)] }), unreadableConsent("lost", 3, PATIENT)];
    expect(rule(consents).byClass).toEqual({ C: "deny", S: "deny", B: "deny", D: "deny" });
    expect(rule(consents).permits(record())).toBe(false);
    expect(rule(consents).ids).toContain("lost:3");
    expect(rule(consents, { isPatient: true }).permits(record())).toBe(true);
  });
});

describe("POL-8 special categories", () => {
  const permit = (...codes: string[]) => compiled({ ...PERMIT, securityLabel: codes.map(label) });
  const deny = (...codes: string[]) => compiled({ ...DENY, securityLabel: codes.map(label) });

  it.each<[string, ReturnType<typeof permit>[], string[], boolean]>([
    ["a general permit opens a special category", [compiled(PERMIT)], ["HIV"], true],
    ["a permit of one label opens no other", [permit("HIV")], ["SUD"], false],
    ["every label has to be let through", [permit("HIV")], ["HIV", "SUD"], false],
    ["by one consent or by several", [permit("HIV"), { ...permit("SUD"), id: "two" }], ["HIV", "SUD"], true],
    [
      "a denial of one of them closes the record",
      [compiled(PERMIT), { ...deny("SUD"), id: "two" }],
      ["HIV", "SUD"],
      false,
    ],
    ["Part 2 is one category", [permit("42CFRPart2")], ["OPIOIDUD"], true],
    ["opioids are not all of Part 2", [permit("OPIOIDUD")], ["42CFRPart2"], false],
    ["behavioral health does not name substance use", [permit("BH")], ["SUD"], false],
    ["behavioral health names psychiatry", [permit("BH")], ["PSY"], true],
    ["psychiatry does not name psychotherapy notes", [permit("PSY")], ["PSYTHPN"], false],
    ["a general permit does not either", [compiled(PERMIT)], ["PSYTHPN"], false],
    ["nor does the closest level", [compiled({ ...PERMIT, securityLabel: [level("V")] })], ["PSYTHPN"], false],
    ["only their own name", [permit("PSYTHPN")], ["PSYTHPN"], true],
    ["counseling notes are named twice", [permit("PSYTHPN")], ["PSYTHPN", "42CFRPart2"], false],
    ["counseling notes, named twice", [permit("PSYTHPN", "42CFRPart2")], ["PSYTHPN", "42CFRPart2"], true],
    ["what is under quarantine is opened by no general permit", [compiled(PERMIT)], ["V"], false],
    ["but by one that names it", [compiled({ ...PERMIT, securityLabel: [level("V")] })], ["V"], true],
    ["a level is a high-water mark", [compiled({ ...PERMIT, securityLabel: [level("R")] })], ["HIV"], true],
    ["and no higher", [compiled({ ...PERMIT, securityLabel: [level("N")] })], ["HIV"], false],
  ])("%s", (_title, consents, labels, passes) => {
    expect(rule(consents).permits(labelled(...labels))).toBe(passes);
  });

  it.each([
    ["BH", "PSYTHPN"],
    ["BH", "OPIOIDUD"],
    ["SUD", "42CFRPart2"],
    ["PSY", "PSYTHPN"],
    ["MH", "PSY"],
    ["VIO", "SDV"],
  ])("a denial of %s closes %s, whoever has a general permit", (denied, code) => {
    const general = compiled({ ...PERMIT, actor: [actor(`user:${USER_A}`)] }, of("general"));
    expect(rule([general]).permits(labelled(code))).toBe(code !== "PSYTHPN");
    expect(rule([general, deny(denied)]).permits(labelled(code))).toBe(false);
  });

  it("a label counts in every class, and closes no record without it", () => {
    expect(rule([]).permits(record({ dataClass: "D", type: "Appointment", labels: ["SUD"] }))).toBe(false);
    expect(rule([deny("SUD")]).permits(record())).toBe(true);
    expect(rule([permit("SUD")]).permits(record({ dataClass: "S", labels: [] }))).toBe(false);
  });

  it("psychotherapy notes: their originator in treatment, and neither the patient, an emergency, nor an assistant", () => {
    const note = { ...labelled("PSYTHPN"), authorPractitionerId: DOCTOR };
    expect(rule([]).permits(note)).toBe(true);
    expect(rule([], { practitionerId: "other" }).permits(note)).toBe(false);
    expect(rule([], { purpose: "HPAYMT" }).permits(note)).toBe(false);
    expect(rule([], { clientId: CLIENT }).permits(note)).toBe(false);
    expect(rule([], { isPatient: true }).permits(note)).toBe(false);
    expect(rule([], { isEmergency: true, purpose: "ETREAT", practitionerId: "other" }).permits(note)).toBe(false);
    expect(rule([], { isEmergency: true, purpose: "ETREAT" }).permits(labelled("42CFRPart2"))).toBe(true);
    expect(rule([deny("PSYTHPN")]).permits(note)).toBe(false);
  });

  it("opens class S to the engine only where some record of it may pass", () => {
    expect(rule([permit("HIV")]).byClass).toMatchObject({ S: "permit", C: "permit" });
    expect(rule([compiled({ ...PERMIT, securityLabel: [label("HIV")], class: [kind("S")] })]).byClass).toMatchObject({
      C: "none",
      S: "permit",
    });
    expect(rule([compiled({ ...PERMIT, purpose: [purpose("HPAYMT")] })]).byClass.S).toBe("none");
    expect(rule([compiled(PERMIT), { ...compiled({ ...DENY, class: [kind("S")] }), id: "two" }]).byClass.S).toBe(
      "deny",
    );
  });

  it("redacts what a record with that label would not be let through for", () => {
    const ruling = rule([permit("HIV")]);
    expect(["HIV", "SUD", "PSYTHPN"].map((code) => ruling.redacts(code))).toEqual([false, true, true]);
    const ofType = compiled({ ...PERMIT, securityLabel: [label("HIV")], class: [kind("Observation")] });
    expect(rule([ofType]).redacts("HIV")).toBe(true);
    const denied = compiled({ ...DENY, securityLabel: [label("HIV")], class: [kind("Observation")] }, of("d"));
    expect(rule([permit("HIV"), denied]).redacts("HIV")).toBe(true);
  });
});

describe("POL-1 POL-15 what a permit must name", () => {
  it.each<[string, object, Parameters<typeof rule>[1], boolean]>([
    ["research is not meant by a general permit", PERMIT, { purpose: "HRESCH" }, false],
    ["research, named", { ...PERMIT, purpose: [purpose("HRESCH")] }, { purpose: "HRESCH" }, true],
    [
      "training is not meant by research",
      { ...PERMIT, purpose: [purpose("HRESCH")] },
      { purpose: "MLTRAINING" },
      false,
    ],
    ["training, named", { ...PERMIT, purpose: [purpose("MLTRAINING")] }, { purpose: "MLTRAINING" }, true],
    ["a disclosure is not meant by a general permit", PERMIT, { action: "disclose" }, false],
    [
      "nor by a permit for the one who sends it",
      { ...PERMIT, actor: [actor("role:physician")] },
      { action: "disclose" },
      false,
    ],
    ["a disclosure, named", { ...PERMIT, action: [action("disclose")] }, { action: "disclose" }, true],
    [
      "another organization, named",
      { ...PERMIT, actor: [actor(`Organization/${PARTNER}`)] },
      { onBehalfOf: PARTNER, clientId: CLIENT, roles: ["integration"] },
      true,
    ],
    [
      "another organization, and a permit for a third",
      { ...PERMIT, actor: [actor("Organization/third")] },
      { onBehalfOf: PARTNER, clientId: CLIENT },
      false,
    ],
    [
      "another organization, and a permit for the clinic",
      { ...PERMIT, actor: [actor(`Organization/${CLINIC}`)] },
      { onBehalfOf: PARTNER, clientId: CLIENT },
      false,
    ],
    [
      "a referral partner, and a permit to disclose to anybody",
      { ...PERMIT, action: [action("disclose")] },
      { onBehalfOf: CLIENT, clientId: CLIENT, roles: ["referral-partner"], action: "disclose" },
      false,
    ],
    [
      "a referral partner, and a permit for its role",
      { ...PERMIT, action: [action("disclose")], actor: [actor("role:referral-partner")] },
      { onBehalfOf: CLIENT, clientId: CLIENT, roles: ["referral-partner"], action: "disclose" },
      false,
    ],
    [
      "a referral partner, named",
      { ...PERMIT, actor: [actor(`client:${CLIENT}`)] },
      { onBehalfOf: CLIENT, clientId: CLIENT, roles: ["referral-partner"], action: "disclose" },
      true,
    ],
  ])("%s", (_title, provision, changes, passes) => {
    const ruling = rule([compiled(provision)], changes);
    expect(ruling.permits(record())).toBe(passes);
    expect(ruling.byClass.C).toBe(passes ? "permit" : "deny");
  });

  it("a consent of scope research says nothing of anything else", () => {
    const scope = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "research" }] };
    const opted = compiled(undefined, { scope }, "OPTIN");
    expect(rule([opted], { purpose: "HRESCH" }).permits(record())).toBe(true);
    expect(rule([opted]).byClass.S).toBe("none");
    const denied = compiled(undefined, { scope }, "OPTOUT");
    expect(rule([denied]).permits(record())).toBe(true);
    expect(rule([denied], { purpose: "HRESCH" }).permits(record())).toBe(false);
  });

  it("POL-15 a denial to a clinician binds the assistant that acts for her; a permit for her person is hers alone", () => {
    const delegator = { userId: USER_B as UserId, roles: ["physician"], practitionerId: "dr-b" };
    const assistant = {
      clientId: CLIENT,
      userId: CLIENT as UserId,
      roles: ["assistant"],
      practitionerId: undefined,
      delegator,
    };
    const permits = (provision: object, asked = record()): boolean =>
      rule([compiled(provision)], assistant).permits(asked);
    expect(permits({ ...DENY, actor: [actor("Practitioner/dr-b")] })).toBe(false);
    expect(permits({ ...DENY, actor: [actor(`user:${USER_B}`)] })).toBe(false);
    expect(permits({ ...DENY, actor: [actor("role:physician")] })).toBe(false);
    expect(permits({ ...DENY, actor: [actor("Practitioner/dr-c")] })).toBe(true);
    expect(permits({ ...PERMIT, actor: [actor("Practitioner/dr-b")] }, labelled("HIV"))).toBe(false);
    expect(permits({ ...PERMIT, actor: [actor("role:assistant")] }, labelled("HIV"))).toBe(true);
    expect(
      rule([compiled({ ...PERMIT, purpose: [purpose("TREAT")] })], { ...assistant, purpose: "MLTRAINING" }).permits(
        record(),
      ),
    ).toBe(false);
  });

  it("asks nothing of the world: the same question has the same answer", () => {
    const consents = [compiled(PERMIT), { ...compiled({ ...DENY, class: [kind("B")] }), id: "two" }];
    const frozen = JSON.stringify([consents, inquiry()]);
    const answers = [1, 2, 3].map(() => JSON.stringify(rule(consents).byClass));
    expect(new Set(answers).size).toBe(1);
    expect(JSON.stringify([consents, inquiry()])).toBe(frozen);
  });
});
