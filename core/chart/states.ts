import type { ListName, Move } from "../contract/chart.ts";
import type { JsonObject } from "../fhir/index.ts";
import { codeIn, textOf } from "./elements.ts";

/** FHIR's word for a record that should never have been there. */
export const IN_ERROR = "entered-in-error";

interface Rule {
  readonly from: readonly string[];
  readonly to: string;
  readonly needsReason?: true;
}

/**
 * Which moves each list knows, from which states and to which: FHIR R4 valueset-condition-clinical.html,
 * valueset-allergyintolerance-clinical.html, valueset-medicationrequest-status.html and valueset-immunization-status.html.
 * A move that does not stand here cannot be written: the state is read from the very version that the write is conditional
 * on.
 */
export const STATE_TABLE: Readonly<Record<ListName, Readonly<Partial<Record<Move, Rule>>>>> = {
  problems: {
    resolve: { from: ["active", "recurrence", "relapse", "inactive", "remission"], to: "resolved" },
    inactivate: { from: ["active", "recurrence", "relapse"], to: "inactive" },
    reactivate: { from: ["inactive", "remission", "resolved"], to: "active" },
    refute: {
      from: ["active", "recurrence", "relapse", "inactive", "remission"],
      to: "refuted",
      needsReason: true,
    },
    "enter-in-error": {
      from: ["active", "recurrence", "relapse", "inactive", "remission", "resolved", "refuted"],
      to: IN_ERROR,
      needsReason: true,
    },
  },
  allergies: {
    resolve: { from: ["active", "inactive"], to: "resolved" },
    inactivate: { from: ["active"], to: "inactive" },
    reactivate: { from: ["inactive", "resolved", "refuted"], to: "active" },
    refute: { from: ["active", "inactive"], to: "refuted", needsReason: true },
    "enter-in-error": { from: ["active", "inactive", "resolved", "refuted"], to: IN_ERROR, needsReason: true },
  },
  medications: {
    hold: { from: ["active"], to: "on-hold", needsReason: true },
    resume: { from: ["on-hold"], to: "active" },
    stop: { from: ["active", "on-hold", "intended", "unknown"], to: "stopped", needsReason: true },
    complete: { from: ["active", "on-hold"], to: "completed" },
    restart: { from: ["stopped", "completed"], to: "active", needsReason: true },
    "enter-in-error": {
      from: ["active", "on-hold", "stopped", "completed", "cancelled", "draft", "intended", "not-taken", "unknown"],
      to: IN_ERROR,
      needsReason: true,
    },
  },
  immunizations: {
    "enter-in-error": { from: ["completed", "not-done"], to: IN_ERROR, needsReason: true },
  },
};

/** States in which what an item says may be changed. */
const EDITABLE: Readonly<Record<ListName, readonly string[]>> = {
  problems: ["active", "recurrence", "relapse", "inactive", "remission", "resolved"],
  allergies: ["active", "inactive", "resolved"],
  medications: ["active", "on-hold", "intended"],
  immunizations: ["completed", "not-done"],
};

/** States that count for a patient's care today. */
const ACTIVE: Readonly<Record<ListName, readonly string[]>> = {
  problems: ["active", "recurrence", "relapse"],
  allergies: ["active"],
  medications: ["active", "on-hold", "intended"],
  immunizations: ["completed"],
};

/** The state of a list's record in one word. A record that states none counts: what is unclear is not left out of a chart. */
export function stateOf(list: ListName, record: JsonObject): string {
  if (list === "medications" || list === "immunizations") return textOf(record["status"]) ?? "unknown";
  const verification = codeIn(record["verificationStatus"]);
  if (verification === IN_ERROR || verification === "refuted") return verification;
  return codeIn(record["clinicalStatus"]) ?? "active";
}

export const isActiveState = (list: ListName, state: string): boolean => ACTIVE[list].includes(state);
export const isEditableState = (list: ListName, state: string): boolean => EDITABLE[list].includes(state);

/** The moves that a state allows. */
export const movesFrom = (list: ListName, state: string): readonly Move[] =>
  (Object.entries(STATE_TABLE[list]) as [Move, Rule][])
    .filter(([, { from }]) => from.includes(state))
    .map(([move]) => move);

/** The rule of a move from a state; undefined where there is none. */
export function ruleOf(list: ListName, move: Move, state: string): Rule | undefined {
  const rule = STATE_TABLE[list][move];
  return rule?.from.includes(state) === true ? rule : undefined;
}
