import type { DecisionCircumstances, Standing } from "../decision-inputs.ts";
import { PURPOSES } from "../grant.ts";

/**
 * The situations that the matrix goes through: each way to be let in, as it is and with each thing that can stand in the
 * way. Every factor is met alone and against every permit.
 */
export interface Situation {
  /** A short name, the column of a row. */
  readonly name: string;
  readonly patient: Standing;
  readonly circumstances: DecisionCircumstances;
  readonly assurance?: "aal1";
  readonly scoped?: false;
  readonly officer?: true;
  readonly gated?: true;
  readonly steppedUp?: true;
  /** The one role that can be in it. */
  readonly onlyFor?: string;
}

const consent = (state: "permit" | "deny"): DecisionCircumstances => ({
  consent: { C: state, S: state, B: state, D: state, ids: [] },
});
const emergency: DecisionCircumstances = { emergency: "supposed" };
const delegation = (purposes: typeof PURPOSES = PURPOSES): DecisionCircumstances => ({
  delegation: { id: "supposed", roles: ["nurse", "physician"], purposes: [...purposes] },
});

/** Ways to be let in. */
export const WAYS: Readonly<Record<string, Pick<Situation, "patient" | "circumstances">>> = {
  plain: { patient: "other", circumstances: {} },
  own: { patient: "own", circumstances: {} },
  permit: { patient: "other", circumstances: consent("permit") },
  emergency: { patient: "other", circumstances: emergency },
  delegated: { patient: "other", circumstances: delegation() },
  "delegated+permit": { patient: "other", circumstances: { ...consent("permit"), ...delegation() } },
};

/** Things that can stand in the way. */
export const OBSTACLES: Readonly<Record<string, DecisionCircumstances>> = {
  deny: consent("deny"),
  absent: { relationship: "absent" },
  frozen: { hold: "frozen" },
  restricted: { hold: "restricted" },
};

const met: readonly Situation[] = Object.entries(WAYS).flatMap(([way, given]) => [
  { name: way, ...given },
  ...Object.entries(OBSTACLES)
    .filter(([obstacle]) => obstacle !== "deny" || given.circumstances.consent === undefined)
    .map(([obstacle, circumstances]) => ({
      name: `${way}-${obstacle}`,
      patient: given.patient,
      circumstances: { ...given.circumstances, ...circumstances },
      // A delegation adds nothing for anybody else, which the plain ones show.
      ...(given.circumstances.delegation === undefined ? {} : { onlyFor: "assistant" }),
    })),
]);

export const RECORD_SITUATIONS: readonly Situation[] = [
  { name: "many", patient: "none", circumstances: {} },
  { name: "many-permit", patient: "none", circumstances: consent("permit") },
  { name: "many-delegated", patient: "none", circumstances: delegation() },
  ...met,
  { name: "present", patient: "other", circumstances: { relationship: "present" } },
  { name: "own-emergency", patient: "own", circumstances: emergency },
  { name: "restricted-officer", patient: "other", circumstances: { hold: "restricted" }, officer: true },
  { name: "delegated-elsewhere", patient: "other", circumstances: delegation([]) },
  { name: "gated", patient: "other", circumstances: {}, gated: true },
  { name: "permit-one-factor", patient: "other", circumstances: consent("permit"), assurance: "aal1" },
  { name: "permit-out-of-scope", patient: "other", circumstances: consent("permit"), scoped: false },
];

export const CLINIC_SITUATIONS: readonly Situation[] = [
  { name: "none", patient: "none", circumstances: {} },
  { name: "other", patient: "other", circumstances: {} },
  { name: "own", patient: "own", circumstances: {} },
  { name: "none+step-up", patient: "none", circumstances: {}, steppedUp: true },
  { name: "other+step-up", patient: "other", circumstances: {}, steppedUp: true },
  { name: "own+step-up", patient: "own", circumstances: {}, steppedUp: true },
  { name: "none+officer", patient: "none", circumstances: {}, officer: true },
  { name: "other+officer+step-up", patient: "other", circumstances: {}, officer: true, steppedUp: true },
  { name: "none+step-up, gated", patient: "none", circumstances: {}, steppedUp: true, gated: true },
  { name: "other+delegated", patient: "other", circumstances: delegation() },
  { name: "none+delegated+step-up", patient: "none", circumstances: delegation(), steppedUp: true },
  {
    name: "other+officer+step-up, one factor",
    patient: "other",
    circumstances: {},
    officer: true,
    steppedUp: true,
    assurance: "aal1",
  },
  {
    name: "other+officer+step-up, out of scope",
    patient: "other",
    circumstances: {},
    officer: true,
    steppedUp: true,
    scoped: false,
  },
];

export const PLATFORM_SITUATIONS: readonly Situation[] = [
  { name: "plain", patient: "none", circumstances: {} },
  { name: "step-up", patient: "none", circumstances: {}, steppedUp: true },
  { name: "out of scope", patient: "none", circumstances: {}, scoped: false },
  { name: "step-up, out of scope", patient: "none", circumstances: {}, steppedUp: true, scoped: false },
];
