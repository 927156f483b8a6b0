import { beforeAll, describe, expect, it } from "vitest";
import { RoleName } from "../../../core/contract/index.ts";
import { DecisionInputs, notAsked } from "../../../core/policy/index.ts";
import { explain } from "../../../core/policy/explain.ts";
import { type RecordedDecision, replay, type ReplayFinding } from "../../../core/policy/replay.ts";
import { policySetOf, type PolicySet } from "../../../core/policy/policy-set.ts";
import { currentPolicies } from "../../../core/policy/version.ts";
import { changedRule } from "./changed.ts";
import { type Made, makeDecisions, seeded } from "./trail.ts";

const EVENTS = 100_000;
const PATIENTS = 500;
const policiesOf = (version: string): Promise<PolicySet | undefined> =>
  Promise.resolve(version === currentPolicies.version ? currentPolicies : undefined);

let pool: readonly Made[] = [];
beforeAll(() => {
  pool = makeDecisions(2_000, "replay");
}, 300_000);

const patientOf = (made: Made, at: number): { readonly patient?: string } =>
  made.patient === undefined ? {} : { patient: `patient-${(at + Math.floor(at / pool.length)) % PATIENTS}` };

/** A trail of `count` events whose decisions go round the pool. */
function* trail(count: number): Generator<RecordedDecision & { readonly made: Made }> {
  for (let at = 0; at < count; at += 1) {
    const made = pool[(at * 7) % pool.length];
    if (made === undefined) throw new Error("the pool is not empty");
    yield { ...made, ...patientOf(made, at), id: `event-${at}`, made };
  }
}

describe("PROOF-7 decision replay", () => {
  it("PROOF-7 the pool reaches every role and both answers, and each decision's inputs parse", () => {
    expect(new Set(pool.map(({ actor }) => actor.roles.join("+"))).size).toBe(RoleName.options.length);
    expect(new Set(pool.map(({ outcome }) => outcome))).toEqual(new Set(["success", "denied"]));
    expect(pool.filter(({ outcome }) => outcome === "success").length).toBeGreaterThan(150);
    for (const { decision } of pool) expect(DecisionInputs.safeParse(decision.inputs).success).toBe(true);
  });

  it("PROOF-7 100,000 recorded decisions made again: all the same", async () => {
    const report = await replay(trail(EVENTS), { policiesOf });
    expect(report).toEqual({
      decisions: EVENTS,
      equal: EVENTS,
      different: 0,
      findings: [],
      notAsked: 0,
      unknown: [],
      flips: [],
    });
  }, 300_000);

  it("PROOF-7 every tampered event is found, and no other", async () => {
    const next = seeded("tamper");
    const expected = new Map<string, ReplayFinding["kind"]>();
    const tampered = (event: RecordedDecision): { event: RecordedDecision; kind: ReplayFinding["kind"] } => {
      const { decision } = event;
      const inputs = decision.inputs as Record<string, unknown>;
      switch (next(7)) {
        case 0:
          return { event: { ...event, decision: { ...decision, id: "0".repeat(32) } }, kind: "answer" };
        case 1:
          return {
            event: { ...event, decision: { ...decision, rules: [...decision.rules, "patient-own-record"] } },
            kind: "answer",
          };
        case 2:
          return {
            event: { ...event, decision: { ...decision, inputs: { ...inputs, assurance: "aal1" } } },
            kind: "answer",
          };
        case 3:
          return { event: { ...event, actor: { roles: ["superuser"] } }, kind: "inputs" };
        case 4:
          return { event: { ...event, purpose: event.purpose === "HPAYMT" ? "TREAT" : "HPAYMT" }, kind: "inputs" };
        case 5:
          return {
            event: { ...event, decision: { ...decision, inputs: { ...inputs, note: "Jane Roe" } } },
            kind: "inputs",
          };
        default:
          return event.outcome === "denied"
            ? { event: { ...event, outcome: "success" }, kind: "served" }
            : { event: { ...event, decision: { ...decision, inputs: undefined } }, kind: "inputs" };
      }
    };
    function* spoilt(): Generator<RecordedDecision> {
      for (const event of trail(20_000)) {
        if (next(200) !== 0) {
          yield event;
          continue;
        }
        const changed = tampered(event);
        expected.set(event.id, changed.kind);
        yield changed.event;
      }
    }
    const report = await replay(spoilt(), { policiesOf, findingsMax: 1_000 });
    expect(expected.size).toBeGreaterThan(50);
    expect(new Set(expected.values())).toEqual(new Set(["answer", "inputs", "served"]));
    expect(new Map(report.findings.map(({ event, kind }) => [event, kind]))).toEqual(expected);
    expect(report.different).toBe(expected.size);
    expect(report.equal).toBe(20_000 - expected.size);
  }, 300_000);

  it("PROOF-7 one rule changed: the exact list of what would flip, by role, action, class and patients", async () => {
    const against = changedRule("nurse-chart", ', Keyward::Action::"search"');
    const flips = new Map<string, { count: number; patients: Set<string> }>();
    for (const { made, patient } of trail(EVENTS)) {
      const [role = ""] = made.actor.roles;
      const actsFor = role === "assistant" && JSON.stringify(made.decision.inputs).includes('"roles":["nurse"]');
      const isHit = made.outcome === "success" && made.asked.action === "search" && made.purpose === "TREAT";
      if (!isHit || !(role === "nurse" || actsFor)) continue;
      const key = `${role} ${made.asked.class}`;
      const known = flips.get(key) ?? { count: 0, patients: new Set<string>() };
      known.count += 1;
      if (patient !== undefined) known.patients.add(patient);
      flips.set(key, known);
    }
    const report = await replay(trail(EVENTS), { policiesOf, against });
    expect(flips.size).toBeGreaterThan(1);
    expect(report.flips).toEqual(
      [...flips]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, { count, patients }]) => ({
          roles: key.split(" ")[0],
          purpose: "TREAT",
          action: "search",
          class: key.split(" ")[1],
          from: "permit",
          to: "refuse",
          decisions: count,
          patients: patients.size,
        })),
    );
    expect(report.equal).toBe(EVENTS);
  }, 300_000);

  it("PROOF-7 what an assistant could do no more because its clinician cannot, is among the flips", async () => {
    const against = changedRule("physician-chart");
    const { flips } = await replay(trail(pool.length), { policiesOf, against });
    expect(new Set(flips.map(({ roles }) => roles))).toEqual(new Set(["physician", "assistant"]));
    expect(flips.every(({ from, to }) => from === "permit" && to === "refuse")).toBe(true);
  });

  it("POL-10 PROOF-7 the same policies flip nothing, and neither does a revert", async () => {
    const { nurse: _none, ...same } = { ...currentPolicies.policies, nurse: "" };
    const { flips } = await replay(trail(3_000), { policiesOf, against: policySetOf(currentPolicies.schema, same) });
    expect(flips).toEqual([]);
  });

  it("PROOF-7 decisions of policies that are not at hand are counted as such, and never as the same", async () => {
    const version = "f".repeat(64);
    const foreign = [...trail(10)].map((event) => ({ ...event, decision: { ...event.decision, version } }));
    const report = await replay([...trail(5), ...foreign], { policiesOf });
    expect(report).toMatchObject({ decisions: 15, equal: 5, different: 0, unknown: [{ version, decisions: 10 }] });
    const misfiled = await replay(foreign, { policiesOf: () => Promise.resolve(currentPolicies) });
    expect(misfiled).toMatchObject({ equal: 0, unknown: [{ version, decisions: 10 }] });
  });

  it("PROOF-7 older policies decide again what they decided, beside the present ones", async () => {
    const older = changedRule("billing-financial");
    const [event] = [...trail(1)];
    if (event === undefined) throw new Error("a trail of one event has one");
    const old = { ...event, decision: { ...event.decision, version: older.version } };
    const both = (version: string) => Promise.resolve([older, currentPolicies].find((set) => set.version === version));
    // The version is part of what a decision is called.
    expect(await replay([event, old], { policiesOf: both })).toMatchObject({ equal: 1, different: 1 });
  });

  it("an event about which no policy was asked is no decision", async () => {
    const { id, policyVersion, ruleIds, inputs } = notAsked("sign-in", ["two-factors"]);
    const signIn = { id: "e", outcome: "success" as const, actor: { roles: ["nurse"] } };
    const decision = { id, version: policyVersion, rules: ruleIds, inputs };
    expect(await replay([{ ...signIn, decision }], { policiesOf })).toMatchObject({ decisions: 0, notAsked: 1 });
  });
});

describe("POL-4 an event explained", () => {
  it("POL-4 any event gives the full trace: inputs, rules in Cedar's words, and the same answer again", () => {
    for (const event of trail(200)) {
      const told = explain(event, currentPolicies);
      expect(told.isEqual).toBe(true);
      expect(told.inputs).toEqual(event.decision.inputs);
      expect(told.rules.map(({ id }) => id)).toEqual(event.decision.rules);
      for (const { id, text } of told.rules) expect(text).toContain(`@id("${id.replace("delegator:", "")}")`);
    }
  });

  it("POL-4 a changed one is told as such, and one of unknown policies is left open", () => {
    const [event] = [...trail(1)];
    if (event === undefined) throw new Error("a trail of one event has one");
    const changed = { ...event, decision: { ...event.decision, id: "0".repeat(32) } };
    expect(explain(changed, currentPolicies).isEqual).toBe(false);
    const open = explain(event, undefined);
    expect("isEqual" in open).toBe(false);
    expect(explain({ ...event, decision: { ...event.decision, inputs: { ask: "?" } } }, currentPolicies).inputs).toBe(
      undefined,
    );
  });
});
