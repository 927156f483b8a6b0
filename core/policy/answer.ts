import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { DecisionCircumstances, DecisionInputs } from "./decision-inputs.ts";
import { currentEngine, type Engine, type Question, type Verdict } from "./engine.ts";
import { DELEGATOR } from "./recorded-rule.ts";

/**
 * The one way from inputs to a decision: `authorize` goes it when something is asked, and replay goes it again years
 * later, from what the audit event recorded.
 */
export interface Answer {
  /** `locked`: a legal hold alone stands against it. */
  readonly outcome: "permit" | "refuse" | "locked";
  /** The classes that a grant reaches, in the order C, S, B, D. */
  readonly classes: readonly RecordClass[];
  /** The rules that decided, sorted. Those of the second question, about an assistant's member, begin with `delegator:`. */
  readonly ruleIds: readonly string[];
  /** What alone is missing for a permit, where it is something that the member can bring. */
  readonly lacks?: "step-up";
}

/** How far one demand reaches, class by class: what a comparison of two sets of policies goes by. */
export interface ClassVerdict {
  readonly action: string;
  readonly type: string;
  readonly class: RecordClass;
  readonly allowed: boolean;
  /** Refused by a legal hold alone. */
  readonly isLocked: boolean;
}

const WRITES: readonly string[] = ["create", "update", "delete", "contribute", "amend"];

type Asked = Exclude<DecisionInputs, { ask: "none" }>;

function circumstanceOf(
  inputs: Asked,
  given: DecisionCircumstances,
  recordClass?: RecordClass,
): Question["circumstance"] {
  const { consent, relationship = "open", hold = "none", emergency, delegation } = given;
  return {
    scoped: inputs.scoped !== false,
    steppedUp: inputs.ask !== "records" && inputs.steppedUp === true,
    officer: inputs.ask !== "platform" && inputs.officer === true,
    ...(inputs.ask !== "platform" && inputs.gated === true ? { gated: true as const } : {}),
    consent: (recordClass === undefined ? undefined : consent?.[recordClass]) ?? "none",
    relationship,
    hold,
    emergency: emergency !== undefined,
    ...(delegation === undefined ? {} : { delegation: { purposes: delegation.purposes } }),
  };
}

/**
 * Asks for the member and, where it acts for another, for that one too: with the other's roles and nothing that the
 * assistant brings along. Both must say yes, and the rules of both are told.
 */
function verdictOf(engine: Engine, question: Question, delegation: DecisionCircumstances["delegation"]): Verdict {
  const own = engine.decide(question);
  if (delegation === undefined) return own;
  const { delegation: _purposes, ...rest } = question.circumstance;
  const behalf = engine.decide({
    ...question,
    roles: delegation.roles,
    assurance: "aal2",
    circumstance: { ...rest, steppedUp: false, officer: false, emergency: false },
  });
  const allowed = own.allowed && behalf.allowed;
  const told = (verdict: Verdict): readonly string[] => (verdict.allowed === allowed ? verdict.ruleIds : []);
  return { allowed, ruleIds: [...told(own), ...told(behalf).map((rule) => `${DELEGATOR}${rule}`)] };
}

/** One question of a demand, with and without the hold: only who could do it otherwise is told that a hold is there. */
function holdAlone(engine: Engine, question: Question, delegation: DecisionCircumstances["delegation"]): boolean {
  if (question.circumstance.hold === "none") return false;
  const free = { ...question, circumstance: { ...question.circumstance, hold: "none" as const } };
  return verdictOf(engine, free, delegation).allowed;
}

const sorted = (rules: Iterable<string>): string[] => [...new Set(rules)].toSorted();

type RecordsInputs = Extract<DecisionInputs, { ask: "records" }>;
type RecordsDemand = RecordsInputs["demands"][number];

const circumstancesOf = (inputs: RecordsInputs, demand: RecordsDemand): DecisionCircumstances =>
  (demand.under === undefined ? undefined : inputs.circumstances?.[demand.under]) ?? {};

const questionOf = (
  inputs: RecordsInputs,
  demand: RecordsDemand,
  type: string,
  recordClass: RecordClass,
  action = demand.action,
): Question => ({
  roles: inputs.roles,
  assurance: inputs.assurance,
  action,
  purpose: inputs.purpose,
  resource: { kind: "records", isForeign: false, class: recordClass, type, patient: demand.patient },
  circumstance: circumstanceOf(inputs, circumstancesOf(inputs, demand), recordClass),
});

const askedClasses = (demand: RecordsDemand): RecordClass[] =>
  RECORD_CLASSES.filter((recordClass) => demand.classes.includes(recordClass));

/** What each demand comes to, class by class. */
export function classVerdicts(inputs: DecisionInputs, engine: Engine = currentEngine()): ClassVerdict[] {
  if (inputs.ask !== "records") return [];
  return inputs.demands.flatMap((demand) =>
    demand.types.flatMap((type) =>
      askedClasses(demand).map((recordClass) => {
        const { delegation } = circumstancesOf(inputs, demand);
        const question = questionOf(inputs, demand, type, recordClass);
        const { allowed } = verdictOf(engine, question, delegation);
        const isLocked = !allowed && holdAlone(engine, question, delegation);
        return { action: demand.action, type, class: recordClass, allowed, isLocked };
      }),
    ),
  );
}

function recordsAnswer(inputs: RecordsInputs, engine: Engine): Answer {
  const classes = new Set<RecordClass>();
  const allowedBy: string[] = [];
  const refusedBy: string[] = [];
  let isRefused = inputs.demands.length === 0;
  let isLocked = true;
  for (const demand of inputs.demands) {
    const { delegation } = circumstancesOf(inputs, demand);
    for (const type of demand.types) {
      const questions = askedClasses(demand).map((recordClass) => ({
        recordClass,
        question: questionOf(inputs, demand, type, recordClass),
      }));
      const permitted = questions.filter(({ question }) => {
        const verdict = verdictOf(engine, question, delegation);
        (verdict.allowed ? allowedBy : refusedBy).push(...verdict.ruleIds);
        return verdict.allowed;
      });
      if (permitted.length === 0) {
        isRefused = true;
        isLocked &&= questions.some(({ question }) => holdAlone(engine, question, delegation));
        continue;
      }
      for (const { recordClass } of permitted) classes.add(recordClass);
      // Page links are sealed under the key of class D, so every reader holds it who may. What a record refers to is
      // looked up before it is written, so a writer holds all that it may read.
      const further = WRITES.includes(demand.action) ? RECORD_CLASSES : (["D"] as const);
      for (const recordClass of further) {
        const question = questionOf(inputs, demand, type, recordClass, "read");
        if (verdictOf(engine, question, delegation).allowed) classes.add(recordClass);
      }
    }
  }
  if (isRefused) {
    const outcome = isLocked && inputs.demands.length > 0 ? "locked" : "refuse";
    return { outcome, classes: [], ruleIds: sorted(refusedBy) };
  }
  return {
    outcome: "permit",
    classes: RECORD_CLASSES.filter((recordClass) => classes.has(recordClass)),
    ruleIds: sorted(allowedBy),
  };
}

type ClinicInputs = Extract<DecisionInputs, { ask: "clinic" }>;

const clinicQuestionOf = (inputs: ClinicInputs): Question => ({
  roles: inputs.roles,
  assurance: inputs.assurance,
  action: inputs.action,
  purpose: inputs.purpose,
  resource: { kind: "clinic", isForeign: false, patient: inputs.patient },
  circumstance: circumstanceOf(inputs, inputs.circumstances?.[0] ?? {}),
});

/** Whether an act of the clinic is permitted, and no more: `answerOf` also says what is lacking. */
export const isActPermitted = (inputs: ClinicInputs, engine: Engine = currentEngine()): boolean =>
  verdictOf(engine, clinicQuestionOf(inputs), inputs.circumstances?.[0]?.delegation).allowed;

function clinicAnswer(inputs: ClinicInputs, engine: Engine): Answer {
  const delegation = inputs.circumstances?.[0]?.delegation;
  const question = clinicQuestionOf(inputs);
  const { allowed, ruleIds } = verdictOf(engine, question, delegation);
  if (allowed) return { outcome: "permit", classes: [], ruleIds: sorted(ruleIds) };
  const steppedUp = { ...question, circumstance: { ...question.circumstance, steppedUp: true } };
  const needsStepUp = verdictOf(engine, steppedUp, delegation).allowed;
  return { outcome: "refuse", classes: [], ruleIds: sorted(ruleIds), ...(needsStepUp ? { lacks: "step-up" } : {}) };
}

function platformAnswer(inputs: Extract<DecisionInputs, { ask: "platform" }>, engine: Engine): Answer {
  const question: Question = {
    roles: inputs.roles,
    assurance: inputs.assurance,
    action: inputs.action,
    purpose: "HOPERAT",
    resource: { kind: "platform" },
    circumstance: circumstanceOf(inputs, {}),
  };
  const { allowed, ruleIds } = engine.decide(question);
  if (allowed) return { outcome: "permit", classes: [], ruleIds: sorted(ruleIds) };
  const steppedUp = { ...question, circumstance: { ...question.circumstance, steppedUp: true } };
  const needsStepUp = engine.decide(steppedUp).allowed;
  return { outcome: "refuse", classes: [], ruleIds: sorted(ruleIds), ...(needsStepUp ? { lacks: "step-up" } : {}) };
}

/**
 * What policy says to these inputs: every demand must be permitted in at least one of its classes.
 * @param engine The policies that are asked; by default those of this build.
 */
export function answerOf(inputs: DecisionInputs, engine: Engine = currentEngine()): Answer {
  switch (inputs.ask) {
    case "records":
      return recordsAnswer(inputs, engine);
    case "clinic":
      return clinicAnswer(inputs, engine);
    case "platform":
      return platformAnswer(inputs, engine);
    case "none":
      return { outcome: "refuse", classes: [], ruleIds: [] };
  }
}
