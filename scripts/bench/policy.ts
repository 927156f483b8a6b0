import type { Principal } from "../../core/identity/principal.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId, type TenantId, type UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { createEngine, type Question } from "../../core/policy/engine.ts";
import { authorize, type Decision, NEUTRAL } from "../../core/policy/index.ts";
import { type RecordedDecision, replay } from "../../core/policy/replay.ts";
import { currentPolicies } from "../../core/policy/version.ts";
import { cpuMsSince, type Figure } from "./figures.ts";

const QUESTIONS = 2_000;
const REMEMBERED = 200_000;
const REQUESTS = 20_000;
const EVENTS = 100_000;

const question = (at: number): Question => ({
  // A role that no rule knows makes a question that was never asked.
  roles: ["physician", `other-${at}`],
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
});

/** Microseconds of CPU for each of `count` runs of `work`. */
function costUs(count: number, work: (at: number) => unknown): number {
  const start = process.cpuUsage();
  for (let at = 0; at < count; at += 1) work(at);
  return (cpuMsSince(start) * 1000) / count;
}

const reader = (role: string): Principal => ({
  kind: "user",
  userId: newId(systemClock.now()) as string as UserId,
  tenantId: newId(systemClock.now()) as string as TenantId,
  roles: [role],
  assurance: "aal2",
  sessionId: "bench",
  clientId: "bench",
});

/** What a chart read asks: the type's classes, of one patient. */
function readChart(principal: Principal, patientId: string): Decision {
  const asked = authorize(principal, [{ action: "read", type: "Observation", classes: ["C", "S"], patientId }], {
    purpose: "TREAT",
    circumstances: NEUTRAL,
  });
  return asked.ok ? asked.value.decision : "decision" in asked.error ? asked.error.decision : fail();
}
function fail(): never {
  invariant(false, "a request with a purpose is decided");
}

function* trail(): Generator<RecordedDecision> {
  const readers = ["physician", "nurse", "billing"].map((role) => reader(role));
  for (let at = 0; at < EVENTS; at += 1) {
    const principal = readers[at % readers.length];
    invariant(principal !== undefined, "an event has a reader");
    const { id, policyVersion, ruleIds, inputs } = readChart(principal, `patient-${at % 500}`);
    yield {
      id: String(at),
      outcome: "failure",
      purpose: "TREAT",
      patient: `patient-${at % 500}`,
      actor: principal,
      decision: { id, version: policyVersion, rules: ruleIds, inputs },
    };
  }
}

/** What a decision costs, asked and remembered, and how fast recorded ones are made again. */
export async function benchPolicy(): Promise<Figure[]> {
  const engine = createEngine(currentPolicies);
  invariant(engine !== undefined, "the committed policies parse");
  const fresh = costUs(QUESTIONS, (at) => engine.decide(question(at)));
  const remembered = costUs(REMEMBERED, (at) => engine.decide(question(at % 100)));
  const principal = reader("physician");
  const request = costUs(REQUESTS, (at) => readChart(principal, `patient-${at % 500}`));
  const events = [...trail()];
  const start = process.cpuUsage();
  const report = await replay(events, { policiesOf: () => Promise.resolve(currentPolicies) });
  const perSecond = (EVENTS / cpuMsSince(start)) * 1000;
  invariant(report.equal === EVENTS, "the decisions of the bench replay");
  const section = "policy";
  const base = "one question to Cedar";
  return [
    { section, name: base, value: fresh, unit: "us of CPU" },
    { section, name: "a remembered question", value: remembered, unit: "us of CPU", ratio: remembered / fresh, base },
    { section, name: "authorize, one chart read", value: request, unit: "us of CPU", ratio: request / fresh, base },
    { section, name: `replay of ${EVENTS.toLocaleString("en-US")}`, value: perSecond, unit: "decisions/s of CPU" },
  ];
}
