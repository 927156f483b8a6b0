import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompiledConsent, Inquiry, RecordFacts } from "../../../../core/policy/consent/index.ts";
import { compileConsent, ruleOn } from "../../../../core/policy/consent/index.ts";
import { RECORD_CLASSES } from "../../../../core/kernel/data-class.ts";
import { valueOf } from "../../crypto/fixtures.ts";
import {
  action,
  actor,
  CLINIC,
  consent,
  DOCTOR,
  inquiry,
  kind,
  label,
  NOW,
  PARTNER,
  purpose,
  USER_A,
  USER_B,
} from "./fixtures.ts";
import type { OracleConsent, Provision } from "./oracle.ts";
import { mayLeave } from "./oracle.ts";

const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const few = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.uniqueArray(value, { minLength: 1, maxLength: 2 });
const DAYS = ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"];

const period = fc.tuple(fc.nat(4), fc.nat(4), some("both", "start", "end")).map(([left, right, which]) => ({
  ...(which !== "end" && { start: DAYS[Math.min(left, right)] }),
  ...(which !== "start" && { end: DAYS[Math.max(left, right)] }),
}));

interface Choice {
  readonly actors: readonly string[];
}
const KNOWN: Choice = {
  actors: [
    `user:${USER_A}`,
    `user:${USER_B}`,
    `Practitioner/${DOCTOR}`,
    "Practitioner/other",
    "role:physician",
    "role:nurse",
    `Organization/${CLINIC}`,
  ],
};
/** With those of whom an inquiry may know nothing. */
const ANY: Choice = {
  actors: [...KNOWN.actors, "CareTeam/ct", "Group/g", `Organization/${PARTNER}`, `client:${USER_B}`],
};

const elements = ({ actors }: Choice) => ({
  period,
  actor: few(some(...actors)).map((names) => names.map((name) => actor(name))),
  action: few(some("access", "use", "collect", "disclose")).map((codes) => codes.map(action)),
  purpose: few(some("TREAT", "HPAYMT", "HOPERAT")).map((codes) => codes.map(purpose)),
  class: few(some("C", "S", "B", "Observation", "Condition")).map((codes) => codes.map(kind)),
  securityLabel: few(some("HIV", "SCA", "STD")).map((codes) => codes.map(label)),
});

function provisions(choice: Choice, depth: number): fc.Arbitrary<Provision> {
  const inner = depth === 0 ? fc.constant([]) : fc.array(provisions(choice, depth - 1), { maxLength: 2 });
  const bare = fc.record(
    { type: some("permit" as const, "deny" as const), ...elements(choice) },
    { requiredKeys: ["type"] },
  );
  return fc.tuple(bare, inner).map(([own, exceptions]) => ({
    ...own,
    ...(exceptions.length > 0 && { provision: exceptions }),
  })) as fc.Arbitrary<Provision>;
}

const consentsOf = (choice: Choice): fc.Arbitrary<OracleConsent[]> =>
  fc.array(
    fc
      .record({
        status: fc.oneof(
          { weight: 5, arbitrary: fc.constant("active") },
          some("inactive", "entered-in-error", "draft"),
        ),
        rule: some("OPTIN" as const, "OPTOUT" as const, "hipaa-auth" as const),
        provision: provisions(choice, 2),
        isBare: fc.boolean(),
      })
      .map(({ isBare, ...own }) => {
        if (!isBare || own.rule === "hipaa-auth") return own;
        const { type: _type, ...bare } = own.provision;
        return { ...own, provision: bare };
      }),
    { maxLength: 3 },
  );

const compileAll = (consents: readonly OracleConsent[]): CompiledConsent[] =>
  consents.map(({ status, rule, provision }, index) =>
    valueOf(compileConsent(consent(provision, { status, id: `c${index}` }, rule), 1)),
  );

const asked: fc.Arbitrary<Inquiry> = fc
  .record({
    roles: some(["physician"], ["nurse"], ["physician", "nurse"], ["front-desk"]),
    userId: some(USER_A, USER_B),
    practitionerId: some(DOCTOR, "other"),
    purpose: some("TREAT" as const, "HPAYMT" as const, "HOPERAT" as const),
    action: some("access" as const, "collect" as const),
    nowMs: some(NOW - 86_400_000 * 2, NOW - 86_400_000, NOW, NOW + 86_400_000, NOW + 86_400_000 * 4),
  })
  .map((changes) => inquiry(changes));

/** One of whom little may be known, for whatever purpose, from wherever. */
const anyone: fc.Arbitrary<Inquiry> = fc
  .tuple(
    asked,
    fc.record(
      {
        purpose: some("TREAT" as const, "HRESCH" as const, "ETREAT" as const),
        action: some("access" as const, "disclose" as const),
        onBehalfOf: some(PARTNER, "third"),
        clientId: some<string>(USER_B, USER_A),
      },
      { requiredKeys: [] },
    ),
    fc.record({ affiliations: some(undefined, [], ["CareTeam/ct"]), practitionerId: some(undefined, DOCTOR) }),
  )
  .map(([base, more, known]) => ({ ...base, ...more, ...known }));

const records: fc.Arbitrary<RecordFacts> = fc
  .record({
    type: some("Observation", "Condition", "Coverage", "Appointment"),
    id: some("o1", "o2"),
    dataClass: some(...RECORD_CLASSES),
    labels: fc.uniqueArray(some("HIV", "SCA", "STD"), { maxLength: 2 }),
  })
  .map((found) => ({ ...found, labels: found.dataClass === "S" ? found.labels : [] }));

const RUNS = { numRuns: 1_500, seed: 20_261_122 };

describe("POL-1 POL-2 consent, against an oracle and its own promises", () => {
  it("decides every question as the rules read literally do: exceptions, times, revoked, expired, future, conflicting", () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(consentsOf(KNOWN), asked, records, (consents, asks, found) => {
        const answer = ruleOn(compileAll(consents), asks).permits(found);
        seen.add(answer);
        expect(answer).toBe(mayLeave(consents, asks, found));
      }),
      RUNS,
    );
    expect(seen.size).toBe(2);
  });

  it("the oracle finds a planted fault: a denial that is left out", () => {
    const found = fc.check(
      fc.property(consentsOf(KNOWN), asked, records, (consents, asks, one) => {
        const forgetful = compileAll(consents.filter(({ rule }) => rule !== "OPTOUT"));
        return ruleOn(forgetful, asks).permits(one) === mayLeave(consents, asks, one);
      }),
      RUNS,
    );
    expect(found.failed).toBe(true);
  });

  it("Invariant: adding a denial, as a consent or inside one, never opens anything", () => {
    const denial = provisions(ANY, 0).map((own) => ({ ...own, type: "deny" as const }));
    fc.assert(
      fc.property(consentsOf(ANY), denial, anyone, records, fc.nat(), (consents, added, asks, found, at) => {
        const before = ruleOn(compileAll(consents), asks);
        const beside: OracleConsent = { status: "active", rule: "hipaa-auth", provision: added };
        for (const more of [[...consents, beside], within(consents, added, at)]) {
          const after = ruleOn(compileAll(more), asks);
          if (!before.permits(found)) expect(after.permits(found)).toBe(false);
          if (before.redacts("HIV")) expect(after.redacts("HIV")).toBe(true);
          if (before.byClass.S !== "permit") expect(after.byClass.S).not.toBe("permit");
        }
      }),
      RUNS,
    );
  });

  it("Invariant: the summary by class is never closer than the records: what may pass is not refused before it is read", () => {
    fc.assert(
      fc.property(consentsOf(ANY), anyone, records, (consents, asks, found) => {
        const ruling = ruleOn(compileAll(consents), asks);
        if (!ruling.permits(found)) return;
        expect(ruling.byClass[found.dataClass]).not.toBe("deny");
        if (found.dataClass === "S") expect(ruling.byClass.S).toBe("permit");
      }),
      RUNS,
    );
  });

  it("less known of who asks never opens anything", () => {
    fc.assert(
      fc.property(consentsOf(ANY), anyone, records, (consents, asks, found) => {
        const compiled = compileAll(consents);
        const unknown = { ...asks, affiliations: undefined };
        if (ruleOn(compiled, unknown).permits(found)) expect(ruleOn(compiled, asks).permits(found)).toBe(true);
      }),
      RUNS,
    );
  });
});

/** The same consents, with one more exception in one of their provisions. */
function within(consents: readonly OracleConsent[], added: Provision, at: number): OracleConsent[] {
  const index = at % Math.max(consents.length, 1);
  return consents.map((one, position) => {
    if (position !== index) return one;
    const insert = (provision: Provision, depth: number): Provision => {
      const inner = provision.provision ?? [];
      if (depth === 0 || inner.length === 0) return { ...provision, provision: [...inner, added] };
      return {
        ...provision,
        provision: inner.map((each, i) => (i === at % inner.length ? insert(each, depth - 1) : each)),
      };
    };
    return { ...one, provision: insert(one.provision, at % 3) };
  });
}
