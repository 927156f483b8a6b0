import type { AcceptedRule, ChosenRule, ConflictRule, RuleEffect } from "../contract/index.ts";
import type { Busy } from "../record/index.ts";
import type { DayBounds } from "./clinic-time.ts";
import { isWithin } from "./opening.ts";
import type { Clinic } from "./profile.ts";
import type { DayHours } from "./provider-hours.ts";

/** What stands against an appointment, and which field of the request says so. */
export interface Conflict {
  readonly rule: ConflictRule;
  readonly path: string;
}

/** Whose calendar is taken, and which rule says what that means. */
const BUSY_RULES: readonly { readonly type: string; readonly rule: ChosenRule; readonly path: string }[] = [
  { type: "Practitioner", rule: "provider-busy", path: "provider" },
  { type: "Location", rule: "room-busy", path: "room" },
  { type: "Patient", rule: "patient-busy", path: "patient" },
];

/** How long after its beginning a time may still be booked: while somebody types. */
const PAST_GRACE_MS = 10 * 60_000;

const overlaps = (one: Busy, other: Busy): boolean =>
  one.actor === other.actor && one.startMs < other.endMs && other.startMs < one.endMs;

/** The rules that what is wanted breaks, by what is taken: each once. */
export const busyConflicts = (wanted: readonly Busy[], taken: readonly Busy[]): readonly Conflict[] =>
  BUSY_RULES.flatMap(({ type, rule, path }) => {
    const isTaken = wanted.some((one) => one.actor.startsWith(`${type}/`) && taken.some((each) => overlaps(one, each)));
    return isTaken ? [{ rule, path }] : [];
  });

/** The rules that a time breaks by itself: it is over, or the clinic is closed. */
export function timeConflicts({ open }: DayHours, span: DayBounds, nowMs: number): readonly Conflict[] {
  const isPast = span.startMs < nowMs - PAST_GRACE_MS;
  const isClosed = !isWithin(open, span);
  return [
    ...(isPast ? [{ rule: "in-the-past", path: "time" } as const] : []),
    ...(isClosed ? [{ rule: "outside-hours", path: "time" } as const] : []),
  ];
}

/** The rule that a span breaks in which its provider does not work. */
export function awayConflicts(hours: DayHours, provider: string | undefined, span: DayBounds): readonly Conflict[] {
  const works = provider === undefined ? undefined : hours.availableOf(provider);
  return works === undefined || isWithin(works, span) ? [] : [{ rule: "provider-away", path: "provider" }];
}

const isChosen = (rule: ConflictRule, rules: Clinic["profile"]["rules"]): rule is ChosenRule => rule in rules;

/** What the clinic makes of a rule that is broken: hours are hours, whosever, and what it did not choose is refused. */
export function effectOf({ profile }: Clinic, rule: ConflictRule): RuleEffect {
  const chosen = rule === "provider-away" ? "outside-hours" : rule;
  return isChosen(chosen, profile.rules) ? profile.rules[chosen] : "refuse";
}

/** What is left to stand in the way, when those are taken out that the clinic allows, or that were meant. */
export const standing = (
  clinic: Clinic,
  conflicts: readonly Conflict[],
  accepted: readonly AcceptedRule[],
): readonly Conflict[] =>
  conflicts.filter(({ rule }) => {
    const effect = effectOf(clinic, rule);
    return effect === "refuse" || (effect === "confirm" && !accepted.some((each) => each === rule));
  });
