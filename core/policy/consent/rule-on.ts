import { RECORD_CLASSES, type RecordClass } from "../../kernel/data-class.ts";
import type { ClassConsent } from "../circumstances.ts";
import { type CompiledConsent, consentName, type ConsentRule } from "./compiled.ts";
import type { ConsentRuling, Inquiry, RecordFacts } from "./inquiry.ts";
import { MAX_CONSENT_IDS } from "./inquiry.ts";
import { isTherapyNote, mustBeNamed } from "./labels.ts";
import type { DataMatch, Effect, Met, Question, Specificity } from "./match.ts";
import { both, dependsOnRecord, isMoreSpecific, matchData, matchWho, narrower, UNSPECIFIC } from "./match.ts";

/** How far a rule and those around it are met by who asks, for statements of one effect. */
interface WhoChain {
  readonly met: Met;
  readonly specificity: Specificity;
  readonly namesDisclosure: boolean;
  readonly namesRecipient: boolean;
  readonly namesPurpose: boolean;
}

/** A rule of which the inquiry's part is judged: what is left is what a record brings. */
interface Node {
  readonly rule: ConsentRule;
  readonly permit: WhoChain;
  readonly deny: WhoChain;
  /** Labels that the rule and those around it name by themselves, `V` for the level. */
  readonly namedLabels: readonly string[];
  readonly exceptions: readonly Node[];
}

interface Statement {
  readonly effect: Effect;
  readonly specificity: Specificity;
}

const ANYONE: WhoChain = {
  met: "yes",
  specificity: UNSPECIFIC,
  namesDisclosure: false,
  namesRecipient: false,
  namesPurpose: false,
};
const ANYTHING: DataMatch = { met: "yes", specificity: UNSPECIFIC };

/** A consent may be dated by a day that has not begun everywhere. */
const CLOCK_SLACK_MS = 86_400_000;

/**
 * What the patient's consents say to one inquiry, by the rules of core/policy/consent/README.md. Pure: the same consents,
 * inquiry and record give the same answer, and adding a denial never opens anything.
 */
export function ruleOn(consents: readonly CompiledConsent[], inquiry: Inquiry): ConsentRuling {
  const inForce = consents.filter(({ isActive }) => isActive);
  const isUnreadable = inForce.some((consent) => consent.isUnreadable === true);
  const judged = inForce.flatMap((consent) => (consent.rule ? [{ consent, node: judge(consent.rule, inquiry) }] : []));
  const roots = judged.map(({ consent, node }) => ({
    node,
    mayPermit: consent.issuedAtMs <= inquiry.nowMs + CLOCK_SLACK_MS,
  }));
  const { isPatient = false, isEmergency = false } = inquiry;

  const judgeQuestion = (question: Question, isBroad: boolean): ClassConsent =>
    decide(
      roots.flatMap(({ node, mayPermit }) => {
        const statements = collect(node, ANYTHING, ANYTHING, question, { inquiry, isBroad });
        return mayPermit ? statements : statements.filter(({ effect }) => effect === "deny");
      }),
    );

  // A chart has hundreds of records of a few types: where no rule looks at single records, each kind is judged once.
  const isByRecord = inForce.some(({ rule }) => rule !== undefined && dependsOnRecord(rule));
  const judgedBefore = new Map<string, ClassConsent>();
  const stateOf = (question: Question, isBroad: boolean): ClassConsent => {
    if (isUnreadable) return "deny";
    if (roots.length === 0) return "none";
    if (isByRecord || isBroad || question.record === undefined) return judgeQuestion(question, isBroad);
    const kind = JSON.stringify([question.dataClass, question.record.type, question.label?.code ?? null]);
    const state = judgedBefore.get(kind) ?? judgeQuestion(question, isBroad);
    judgedBefore.set(kind, state);
    return state;
  };

  /** `record` is left out where nobody knows which one an element stands in. */
  const permitsLabel = (dataClass: RecordClass, record: RecordFacts | undefined, code: string | undefined): boolean => {
    const state = (): ClassConsent => stateOf({ dataClass, record, label: { code } }, false);
    if (code !== undefined && isTherapyNote(code)) {
      if (isPatient) return false;
      const found = state();
      return found === "permit" || (found === "none" && isOriginator(record, inquiry));
    }
    if (isPatient || isEmergency) return true;
    const found = state();
    return found === "permit" || (found === "none" && !needsPermit(inquiry, dataClass, code));
  };

  const deniesLabel = (dataClass: RecordClass, record: RecordFacts | undefined, code: string | undefined): boolean => {
    const isOpenToAll = isPatient || isEmergency;
    if (isOpenToAll && !(code !== undefined && isTherapyNote(code))) return false;
    return stateOf({ dataClass, record, label: { code } }, false) === "deny";
  };

  return {
    byClass: byClassOf(inquiry, (dataClass) => stateOf({ dataClass }, true)),
    ids: namesOf(
      [...judged.filter(({ node }) => hasSay(node)).map(({ consent }) => consent), ...inForce.filter(unreadable)],
      inquiry.nowMs,
    ),
    permits: (record) =>
      isConsentKept(record, inquiry) || labelsOf(record).every((code) => permitsLabel(record.dataClass, record, code)),
    denies: (record) =>
      !isConsentKept(record, inquiry) && labelsOf(record).some((code) => deniesLabel(record.dataClass, record, code)),
    deniesLabel: (label) => deniesLabel("S", undefined, label),
    redacts: (label) => !permitsLabel("S", undefined, label),
  };
}

const unreadable = ({ isUnreadable }: CompiledConsent): boolean => isUnreadable === true;

/** Each label has to be let through on its own; a record without any is one question. */
const labelsOf = ({ labels }: RecordFacts): readonly (string | undefined)[] => {
  const distinct = [...new Set(labels)];
  return distinct.length === 0 ? [undefined] : distinct;
};

/** Those who keep the clinic's consents, in person. */
const keepsConsents = ({ purpose, action, clientId, onBehalfOf }: Inquiry): boolean =>
  purpose === "HOPERAT" && action !== "disclose" && clientId === undefined && onBehalfOf === undefined;

/**
 * No consent governs the consents themselves, for those who keep them: a patient who denies everything could never take
 * it back, and nobody could replace one that cannot be read any more.
 */
const isConsentKept = ({ type, labels }: RecordFacts, inquiry: Inquiry): boolean =>
  type === "Consent" && labels.length === 0 && keepsConsents(inquiry);

/** 45 CFR 164.508(a)(2)(i)(A): its originator uses a psychotherapy note for treatment, in person. */
const isOriginator = (record: RecordFacts | undefined, { practitionerId, clientId, purpose }: Inquiry): boolean =>
  practitionerId !== undefined &&
  record?.authorPractitionerId === practitionerId &&
  clientId === undefined &&
  (purpose === "TREAT" || purpose === "ETREAT");

const isDisclosure = ({ action, onBehalfOf }: Inquiry): boolean => action === "disclose" || onBehalfOf !== undefined;
/** It asks for itself, so that a permit to disclose to somebody is not yet one to disclose to it. */
const isOfPartner = ({ roles }: Inquiry): boolean => roles.includes("referral-partner");
const isUnusualPurpose = ({ purpose }: Inquiry): boolean => purpose === "HRESCH" || purpose === "MLTRAINING";

/** Where silence refuses: special categories, research, training of models, and whatever goes to somebody else. */
const needsPermit = (inquiry: Inquiry, dataClass: RecordClass, label: string | undefined): boolean =>
  dataClass === "S" || label !== undefined || isUnusualPurpose(inquiry) || isDisclosure(inquiry);

function judge(rule: ConsentRule, inquiry: Inquiry, above?: Node): Node {
  const chain = (effect: Effect): WhoChain => {
    const own = matchWho(rule, inquiry, effect);
    const outer = above?.[effect] ?? ANYONE;
    return {
      met: both(outer.met, own.met),
      specificity: narrower(outer.specificity, own.specificity),
      namesDisclosure: outer.namesDisclosure || own.namesDisclosure,
      namesRecipient: outer.namesRecipient || own.namesRecipient,
      namesPurpose: outer.namesPurpose || own.namesPurpose,
    };
  };
  const level = rule.confidentiality === "V" ? ["V"] : [];
  const node = {
    rule,
    permit: chain("permit"),
    deny: chain("deny"),
    namedLabels: [...(above?.namedLabels ?? []), ...(rule.labels ?? []), ...level],
    exceptions: [],
  };
  const isHeard = node.permit.met !== "no" || node.deny.met !== "no";
  return { ...node, exceptions: isHeard ? (rule.exceptions ?? []).map((each) => judge(each, inquiry, node)) : [] };
}

interface Judging {
  readonly inquiry: Inquiry;
  /**
   * For a whole class: a denial counts only where it surely covers all of it, a permit already where it may cover a part.
   * For a record it is the other way round.
   */
  readonly isBroad: boolean;
}

function next(above: DataMatch, rule: ConsentRule, question: Question, effect: Effect): DataMatch {
  const own = matchData(rule, question, effect);
  return { met: both(above.met, own.met), specificity: narrower(above.specificity, own.specificity) };
}

/** What a consent states on the question. A rule is silent where one of its exceptions speaks. */
function collect(
  node: Node,
  permitAbove: DataMatch,
  denyAbove: DataMatch,
  question: Question,
  judging: Judging,
): Statement[] {
  const { rule, permit, deny, exceptions } = node;
  if (permit.met === "no" && deny.met === "no") return [];
  const permitData = next(permitAbove, rule, question, "permit");
  const denyData = next(denyAbove, rule, question, "deny");
  if (permitData.met === "no" && denyData.met === "no") return [];
  const inside = exceptions.flatMap((each) => collect(each, permitData, denyData, question, judging));
  if (inside.length > 0 || rule.effect === undefined) return inside;
  const { isBroad, inquiry } = judging;
  if (rule.effect === "deny") {
    const isMet = deny.met !== "no" && (isBroad ? denyData.met === "yes" : denyData.met !== "no");
    return isMet ? [{ effect: "deny", specificity: narrower(deny.specificity, denyData.specificity) }] : [];
  }
  const isMet = permit.met === "yes" && (isBroad ? permitData.met !== "no" : permitData.met === "yes");
  return isMet && isExplicit(node, inquiry, question)
    ? [{ effect: "permit", specificity: narrower(permit.specificity, permitData.specificity) }]
    : [];
}

/** What a general permit does not reach: it has to say so. README, "What a permit must name". */
function isExplicit({ permit, namedLabels }: Node, inquiry: Inquiry, { label }: Question): boolean {
  if (isUnusualPurpose(inquiry) && !permit.namesPurpose) return false;
  if (isDisclosure(inquiry) && !permit.namesDisclosure) return false;
  if (isOfPartner(inquiry) && !permit.namesRecipient) return false;
  return label?.code === undefined || !mustBeNamed(label.code) || namedLabels.includes(label.code);
}

/** Every denial stands unless a permit is more specific than it. */
function decide(statements: readonly Statement[]): ClassConsent {
  const permits = statements.filter(({ effect }) => effect === "permit");
  const stands = statements.some(
    (denial) =>
      denial.effect === "deny" && !permits.some((permit) => isMoreSpecific(permit.specificity, denial.specificity)),
  );
  if (stands) return "deny";
  return permits.length > 0 ? "permit" : "none";
}

function byClassOf(inquiry: Inquiry, stateOf: (dataClass: RecordClass) => ClassConsent): ConsentRuling["byClass"] {
  const states = RECORD_CLASSES.map((dataClass): [RecordClass, ClassConsent] => {
    const state = stateOf(dataClass);
    // Her own access, and an emergency, are not the consents' to refuse: which records pass is still judged each by each.
    if (inquiry.isPatient || inquiry.isEmergency) return [dataClass, state === "permit" ? "permit" : "none"];
    if (dataClass === "D" && state === "deny" && keepsConsents(inquiry)) return [dataClass, "none"];
    // Of class S the engine asks for a permit itself; elsewhere it does not know that silence refuses.
    const isRefused = state === "none" && (isUnusualPurpose(inquiry) || isDisclosure(inquiry));
    return [dataClass, isRefused ? "deny" : state];
  });
  return Object.fromEntries(states) as ConsentRuling["byClass"];
}

/** True where some rule of the consent is about who asks, whatever is asked for. */
function hasSay({ rule, permit, deny, exceptions }: Node): boolean {
  const own = rule.effect === "permit" ? permit.met === "yes" : rule.effect === "deny" && deny.met !== "no";
  return own || exceptions.some(hasSay);
}

function namesOf(consents: readonly CompiledConsent[], nowMs: number): readonly string[] {
  const age = ({ issuedAtMs }: CompiledConsent): number => Math.min(issuedAtMs, nowMs);
  return consents
    .toSorted((left, right) => age(right) - age(left) || (left.id < right.id ? -1 : 1))
    .slice(0, MAX_CONSENT_IDS)
    .map(consentName);
}
