import { invariant } from "../../kernel/invariant.ts";
import { RECORD_CLASSES, type RecordClass } from "../../kernel/data-class.ts";
import { answerOf, classVerdicts, isActPermitted } from "../answer.ts";
import { createEngine, type Engine } from "../engine.ts";
import { type Purpose, PURPOSES } from "../grant.ts";
import type { PolicySet } from "../policy-set.ts";
import { isConceivable, isPossible, type Kind, rulesOf, sliceOf } from "./rules.ts";
import { type Space, spaceOf } from "./space.ts";
import { CLINIC_SITUATIONS, PLATFORM_SITUATIONS, RECORD_SITUATIONS, type Situation } from "./situations.ts";

/** `Y` permitted, `L` refused by a legal hold alone, `.` refused, `-` a situation that the role cannot be in. */
export type Mark = "Y" | "L" | "." | "-";

/** One row: what one role may do, for one purpose, in each situation. */
export interface Row {
  readonly kind: Kind;
  readonly role: string;
  readonly action: string;
  readonly class?: RecordClass;
  /** A type that stands for those of its class, or one that a rule names. */
  readonly type?: string;
  readonly purpose: Purpose;
  /** A mark for each situation of the kind, in their order. */
  readonly marks: string;
}

export const situationsOf = (kind: Kind): readonly Situation[] =>
  kind === "records" ? RECORD_SITUATIONS : kind === "clinic" ? CLINIC_SITUATIONS : PLATFORM_SITUATIONS;

/** What a row can do in a situation, by its name. */
export function markAt(row: Row, situation: string): Mark {
  const at = situationsOf(row.kind).findIndex(({ name }) => name === situation);
  invariant(at >= 0, "a situation of the matrix");
  const mark = row.marks[at];
  return mark === "Y" || mark === "L" || mark === "-" ? mark : ".";
}

const CLIENT_ROLES: readonly string[] = ["integration", "assistant", "referral-partner", "platform-operator"];

interface Asked {
  readonly kind: Kind;
  readonly role: string;
  readonly action: string;
  readonly class?: RecordClass;
  readonly type?: string;
  readonly purpose: Purpose;
}

function marked(engine: Engine, asked: Asked, situation: Situation): Mark {
  const { kind, role, action, purpose } = asked;
  if (situation.onlyFor !== undefined && situation.onlyFor !== role) return "-";
  const who = {
    roles: [role],
    assurance: situation.assurance ?? (CLIENT_ROLES.includes(role) ? ("client" as const) : ("aal2" as const)),
    ...(situation.scoped === false ? { scoped: false as const } : {}),
  };
  const steppedUp = situation.steppedUp === true ? { steppedUp: true as const } : {};
  const officer = {
    ...(situation.officer === true ? { officer: true as const } : {}),
    ...(situation.gated === true ? { gated: true as const } : {}),
  };
  if (kind === "records") {
    const [verdict] = classVerdicts(
      {
        ask: "records",
        ...who,
        ...officer,
        purpose,
        demands: [
          { action, types: [asked.type ?? ""], classes: asked.class ?? "", patient: situation.patient, under: 0 },
        ],
        circumstances: [situation.circumstances],
      },
      engine,
    );
    return verdict?.allowed === true ? "Y" : verdict?.isLocked === true ? "L" : ".";
  }
  const isPermitted =
    kind === "platform"
      ? answerOf({ ask: "platform", ...who, action, ...steppedUp }, engine).outcome === "permit"
      : isActPermitted(
          {
            ask: "clinic",
            ...who,
            ...officer,
            purpose,
            action,
            patient: situation.patient,
            ...steppedUp,
            circumstances: [situation.circumstances],
          },
          engine,
        );
  return isPermitted ? "Y" : ".";
}

/** Engines over the parts of a set that can match, made once for each part: Cedar's time grows with the rules it is given. */
function engines(set: PolicySet, rules: ReturnType<typeof rulesOf>): (asked: Asked, situation: Situation) => Engine {
  const byQuestion = new Map<string, Engine>();
  const byPart = new Map<string, Engine>();
  return ({ kind, role, action }, { circumstances }) => {
    const roles = [role, ...(circumstances.delegation?.roles ?? [])];
    const question = [kind, action, ...roles].join(" ");
    const known = byQuestion.get(question);
    if (known !== undefined) return known;
    const part = sliceOf(set, rules, { kind, roles, action });
    const engine = byPart.get(part.version) ?? createEngine(part);
    invariant(engine !== undefined, "a part of a parsed set parses");
    byPart.set(part.version, engine);
    byQuestion.set(question, engine);
    return engine;
  };
}

/**
 * Asks Cedar for every cell of a space. Where no rule can permit a role an action or a purpose, nothing is asked: the row
 * is left out, and so is one in which every answer was no.
 */
export function matrixOf(set: PolicySet, space: Space = spaceOf([set])): readonly Row[] {
  const rules = rulesOf(set);
  const engineFor = engines(set, rules);
  const rows: Row[] = [];
  const possible = new Map<string, boolean>();
  function isWorthAsking({ kind, role, action, purpose }: Asked): boolean {
    if (!isConceivable(rules, kind, [role], action)) return false;
    // One answer spares the questions of every class and type, and of every situation.
    const key = [kind, role, purpose, action].join(" ");
    const known = possible.get(key) ?? isPossible(set, rules, { kind, role, purpose, action });
    possible.set(key, known);
    return known;
  }
  function add(asked: Asked): void {
    if (!isWorthAsking(asked)) return;
    const marks = situationsOf(asked.kind)
      .map((situation) => marked(engineFor(asked, situation), asked, situation))
      .join("");
    if (/[YL]/.test(marks)) rows.push({ ...asked, marks });
  }
  for (const role of space.roles) {
    for (const action of space.actions.records) {
      for (const recordClass of RECORD_CLASSES) {
        for (const type of space.types[recordClass]) {
          for (const purpose of PURPOSES) add({ kind: "records", role, action, class: recordClass, type, purpose });
        }
      }
    }
    for (const action of space.actions.clinic) {
      for (const purpose of PURPOSES) add({ kind: "clinic", role, action, purpose });
    }
    for (const action of space.actions.platform) add({ kind: "platform", role, action, purpose: "HOPERAT" });
  }
  return rows;
}
