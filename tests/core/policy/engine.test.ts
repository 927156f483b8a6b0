import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine, type Question } from "../../../core/policy/engine.ts";
import { PURPOSES } from "../../../core/policy/index.ts";
import { policySetOf } from "../../../core/policy/policy-set.ts";
import { currentPolicies } from "../../../core/policy/version.ts";

const fresh = () => {
  const engine = createEngine(currentPolicies);
  if (engine === undefined) throw new Error("the committed policies parse");
  return engine;
};

const PLAIN: Question = {
  roles: ["physician"],
  assurance: "aal2",
  action: "read",
  purpose: "TREAT",
  resource: { kind: "records", isForeign: false, class: "C", type: "Observation", patient: "other" },
  circumstance: {
    scoped: true,
    steppedUp: false,
    officer: false,
    consent: "none",
    relationship: "open",
    hold: "none",
    emergency: false,
  },
};

const question: fc.Arbitrary<Question> = fc.record({
  roles: fc.constantFrom(["physician"], ["nurse"], ["integration"], ["assistant"], ["nurse", "patient"]),
  assurance: fc.constantFrom("aal1", "aal2", "client"),
  action: fc.constantFrom("read", "search", "create", "delete"),
  purpose: fc.constantFrom(...PURPOSES),
  resource: fc.record({
    kind: fc.constant("records" as const),
    isForeign: fc.boolean(),
    class: fc.constantFrom("C", "S", "D"),
    type: fc.constantFrom("Observation", "Patient"),
    patient: fc.constantFrom("own", "other", "none"),
  }),
  circumstance: fc.record(
    {
      scoped: fc.boolean(),
      steppedUp: fc.boolean(),
      officer: fc.boolean(),
      consent: fc.constantFrom("none", "permit", "deny"),
      relationship: fc.constantFrom("open", "present", "absent"),
      hold: fc.constantFrom("none", "frozen", "restricted"),
      emergency: fc.boolean(),
      delegation: fc.record({ purposes: fc.subarray([...PURPOSES]) }),
    },
    { requiredKeys: ["scoped", "steppedUp", "officer", "consent", "relationship", "hold", "emergency"] },
  ),
});

describe("the engine", () => {
  it("ISO-1 a member of one tenant is refused another tenant's records and affairs by policy alone", () => {
    const foreign = { ...PLAIN, resource: { ...PLAIN.resource, isForeign: true } } as Question;
    expect(fresh().decide(foreign)).toEqual({ allowed: false, ruleIds: ["boundary-tenant"] });
    const affair: Question = {
      ...PLAIN,
      action: "view.read",
      resource: { kind: "clinic", isForeign: true, patient: "other" },
    };
    expect(fresh().decide(affair)).toEqual({ allowed: false, ruleIds: ["boundary-tenant-clinic"] });
  });

  it("POL-14 an engine that remembers answers as one that has just begun, in whatever order it is asked", () => {
    const remembering = fresh();
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 4 }), (questions) => {
        for (const asked of [...questions, ...questions.toReversed()])
          expect(remembering.decide(asked)).toEqual(fresh().decide(asked));
      }),
      { numRuns: 20 },
    );
  });

  it("POL-14 no two circumstances share what is remembered: each single change is asked anew", () => {
    const { circumstance, resource } = PLAIN;
    const changes: readonly Question[] = [
      { ...PLAIN, roles: ["billing"] },
      { ...PLAIN, assurance: "aal1" },
      { ...PLAIN, action: "export.start" },
      { ...PLAIN, purpose: "HPAYMT" },
      { ...PLAIN, resource: { ...resource, class: "S" } as Question["resource"] },
      { ...PLAIN, resource: { ...resource, isForeign: true } as Question["resource"] },
      { ...PLAIN, circumstance: { ...circumstance, scoped: false } },
      { ...PLAIN, circumstance: { ...circumstance, consent: "deny" } },
      { ...PLAIN, circumstance: { ...circumstance, relationship: "absent" } },
      { ...PLAIN, circumstance: { ...circumstance, hold: "restricted" } },
    ];
    const engine = fresh();
    for (const changed of changes) {
      expect(engine.decide(PLAIN).allowed).toBe(true);
      expect(engine.decide(changed).allowed).toBe(false);
      expect(engine.decide(PLAIN).allowed).toBe(true);
    }
    const closed = { ...PLAIN, purpose: "ETREAT" as const };
    expect(engine.decide(closed).allowed).toBe(false);
    expect(engine.decide({ ...closed, circumstance: { ...circumstance, emergency: true } }).allowed).toBe(true);
    expect(engine.decide(closed).allowed).toBe(false);
  });

  it("what is remembered stays bounded, and is right after it was forgotten", () => {
    const engine = createEngine(currentPolicies, 4);
    const asked = (at: number): Question => ({ ...PLAIN, roles: [`role-${at}`, at % 2 === 0 ? "nurse" : "billing"] });
    for (let round = 0; round < 3; round += 1) {
      for (let at = 0; at < 10; at += 1) expect([at, engine?.decide(asked(at)).allowed]).toEqual([at, at % 2 === 0]);
    }
  });

  it("a type that a rule names is asked for itself, and a pattern over types is seen", () => {
    const directory = (type: string): Question => ({
      ...PLAIN,
      roles: ["clinic-administrator"],
      purpose: "HOPERAT",
      resource: { kind: "records", isForeign: false, class: "D", type, patient: "none" },
    });
    const engine = fresh();
    expect(["Patient", "Endpoint", "Consent", "Slot"].map((type) => engine.decide(directory(type)).allowed)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    const pattern = createEngine(
      policySetOf(currentPolicies.schema, {
        meds: '@id("meds") permit (principal, action, resource is Keyward::Records) when { resource.type like "Med*" };',
      }),
    );
    expect(["Media", "Medication", "Claim"].map((type) => pattern?.decide(directory(type)).allowed)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("POL-10 sets stand side by side, each under its own version", () => {
    const nothing = createEngine(policySetOf(currentPolicies.schema, {}));
    const everything = createEngine(
      policySetOf(currentPolicies.schema, { all: '@id("all") permit (principal, action, resource);' }),
    );
    for (let round = 0; round < 2; round += 1) {
      expect(nothing?.decide(PLAIN)).toEqual({ allowed: false, ruleIds: [] });
      expect(everything?.decide(PLAIN)).toEqual({ allowed: true, ruleIds: ["all"] });
      expect(fresh().decide(PLAIN)).toEqual({ allowed: true, ruleIds: ["physician-chart"] });
    }
  });

  it("a set that does not parse makes no engine, and a rule that fails is a refusal", () => {
    expect(createEngine(policySetOf(currentPolicies.schema, { bad: "permit (principal" }))).toBe(undefined);
    expect(createEngine(policySetOf("namespace {", {}))).toBe(undefined);
    const failing = createEngine(
      policySetOf(currentPolicies.schema, {
        all: '@id("all") permit (principal, action, resource);',
        fails: '@id("fails") forbid (principal, action, resource) when { context.unheard == 1 };',
      }),
    );
    expect(failing?.decide(PLAIN)).toEqual({ allowed: false, ruleIds: ["policy-error"] });
  });

  it("a question that the schema does not know is refused", () => {
    const everything = createEngine(
      policySetOf(currentPolicies.schema, { all: '@id("all") permit (principal, action, resource);' }),
    );
    expect(everything?.decide({ ...PLAIN, action: "shred" }).allowed).toBe(false);
    expect(everything?.decide({ ...PLAIN, action: "tenant.create" }).allowed).toBe(false);
  });
});
