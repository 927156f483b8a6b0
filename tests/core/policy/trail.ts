import { createHash } from "node:crypto";
import { RoleName } from "../../../core/contract/index.ts";
import { authorize, authorizeClinic, type Circumstances, type Purpose, PURPOSES } from "../../../core/policy/index.ts";
import type { RecordedDecision } from "../../../core/policy/replay.ts";
import { ACTIONS, CLASSES, delegation, demand, EMERGENCY, given, member } from "./members.ts";

/** Numbers below `max` that are the same for the same seed. */
export function seeded(seed: string): (max: number) => number {
  let counter = 0;
  return (max) => {
    counter += 1;
    return createHash("sha256").update(`${seed} ${counter}`).digest().readUInt32BE(0) % max;
  };
}

const SITUATIONS: readonly Circumstances[] = [
  given(),
  given({ consent: "permit" }),
  given({ consent: "deny" }),
  given({ relationship: "absent" }),
  given({ relationship: "present", consent: "permit" }),
  given({ hold: "frozen" }),
  given({ hold: "restricted" }),
  given({ emergency: EMERGENCY }),
  given({ delegation: delegation() }),
  given({ delegation: delegation(["nurse"]), consent: "permit" }),
];
const CLINIC_ACTIONS = [
  "break-glass.begin",
  "hold.place",
  "audit.search",
  "view.read",
  "settings.change",
  "export.start",
];

/** What each role mostly works for: a clinic's trail holds more permits than refusals. */
const WORK: Readonly<Record<string, readonly Purpose[]>> = {
  physician: ["TREAT", "TREAT", "ETREAT"],
  nurse: ["TREAT", "TREAT", "ETREAT"],
  billing: ["HPAYMT"],
  patient: ["PATRQT"],
  integration: ["HOPERAT", "TREAT", "HRESCH"],
  assistant: ["TREAT"],
};

export type Made = Omit<RecordedDecision, "id"> & {
  readonly asked: { readonly action: string; readonly class: string };
};

/** Decisions over the whole space, as requests would make them: each role, action, class, purpose and circumstance. */
export function makeDecisions(count: number, seed: string): Made[] {
  const next = seeded(seed);
  const pick = <T>(list: readonly T[]): T => {
    const found = list[next(list.length)];
    if (found === undefined) throw new Error("a list to pick from is not empty");
    return found;
  };
  return Array.from({ length: count }, () => {
    const role = pick(RoleName.options);
    const self = member(role, { patientId: "p1" });
    const purpose = next(4) === 0 ? pick(PURPOSES) : pick(WORK[role] ?? ["HOPERAT"]);
    const patient = ["p1", "p2", "p2", "p2", undefined][next(5)];
    const circumstances = pick(role === "assistant" ? SITUATIONS.slice(-2) : SITUATIONS.slice(0, -2));
    const common = { purpose, actor: { roles: self.roles }, ...(patient === undefined ? {} : { patient }) };
    if (next(8) === 0) {
      const action = pick(CLINIC_ACTIONS);
      const options = {
        purpose,
        patientId: patient,
        circumstances,
        steppedUp: next(2) === 0,
        isPrivacyOfficer: next(9) === 0,
      };
      const answer = authorizeClinic(self, action, options);
      const decision = answer.ok ? answer.value : "decision" in answer.error ? answer.error.decision : undefined;
      return { ...common, ...told(answer.ok, decision), asked: { action, class: "" } };
    }
    const action = pick(ACTIONS);
    const recordClass = pick(CLASSES);
    const answer = authorize(self, [demand(action, recordClass, patient)], { purpose, circumstances });
    const decision = answer.ok ? answer.value.decision : "decision" in answer.error ? answer.error.decision : undefined;
    return { ...common, ...told(answer.ok, decision), asked: { action, class: recordClass } };
  });
}

function told(isPermitted: boolean, decision: Parameters<typeof recorded>[0] | undefined) {
  if (decision === undefined) throw new Error("what is asked with a known purpose is decided");
  return { outcome: isPermitted ? ("success" as const) : ("denied" as const), decision: recorded(decision) };
}

/** A decision as an event holds it: through JSON and back. */
const recorded = ({
  id,
  policyVersion,
  ruleIds,
  inputs,
}: {
  readonly id: string;
  readonly policyVersion: string;
  readonly ruleIds: readonly string[];
  readonly inputs: unknown;
}): RecordedDecision["decision"] =>
  JSON.parse(JSON.stringify({ id, version: policyVersion, rules: ruleIds, inputs })) as RecordedDecision["decision"];
