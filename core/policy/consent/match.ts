import type { RecordClass } from "../../kernel/data-class.ts";
import type { ConsentActor, ConsentRule } from "./compiled.ts";
import type { Inquiry, RecordFacts } from "./inquiry.ts";
import { coversLabel, isAtMost, levelOf } from "./labels.ts";

/** Whether a condition is met. `maybe`: what would tell is not known; it counts for a denial and never for a permit. */
export type Met = "yes" | "maybe" | "no";
export type Effect = "permit" | "deny";

/** The weaker of two that must both be met. */
export const both = (left: Met, right: Met): Met =>
  left === "no" || right === "yes" ? left : right === "no" ? right : "maybe";
const either = (left: Met, right: Met): Met =>
  left === "yes" || right === "no" ? left : right === "yes" ? right : "maybe";
const met = (is: boolean): Met => (is ? "yes" : "no");

/**
 * How narrowly a rule speaks, element by element (core/policy/consent/README.md): a rank of 0 to 3 for each, two bits
 * wide, because it is compared for every record of an answer.
 */
export type Specificity = number;

const ELEMENTS = ["actor", "purpose", "action", "kind", "label", "record", "author", "data"] as const;
const WIDTH = 2;
const MASKS = ELEMENTS.map((_name, index) => 3 << (index * WIDTH));

export const UNSPECIFIC: Specificity = 0;

const ranked = (ranks: Readonly<Partial<Record<(typeof ELEMENTS)[number], number>>>): Specificity =>
  ELEMENTS.reduce((all, name, index) => all | ((ranks[name] ?? 0) << (index * WIDTH)), 0);

/** The narrower of the two in each element. */
export function narrower(left: Specificity, right: Specificity): Specificity {
  let both = 0;
  for (const mask of MASKS) both |= Math.max(left & mask, right & mask);
  return both;
}

/** At least as specific in every element, and more in one. */
export const isMoreSpecific = (left: Specificity, right: Specificity): boolean =>
  left !== right && MASKS.every((mask) => (left & mask) >= (right & mask));

/** A person or a system is narrower than a role or a team, and these than an organization. */
const ACTOR_RANK: Readonly<Record<ConsentActor["kind"], number>> = {
  practitioner: 3,
  user: 3,
  client: 3,
  patient: 3,
  "related-person": 3,
  role: 2,
  affiliation: 2,
  tenant: 1,
  "own-organization": 1,
  organization: 1,
};

export interface WhoMatch {
  readonly met: Met;
  readonly specificity: Specificity;
  /** True where the rule itself names this recipient, or disclosure as such. */
  readonly namesDisclosure: boolean;
  /** True where the rule itself names this recipient, by its own id or by its organization's. */
  readonly namesRecipient: boolean;
  /** True where the rule itself names this purpose. */
  readonly namesPurpose: boolean;
}

/** Time, actor, action and purpose of one rule, for a statement of `effect`. */
export function matchWho(rule: ConsentRule, inquiry: Inquiry, effect: Effect): WhoMatch {
  const { purpose, action, nowMs } = inquiry;
  const isInTime = (rule.from === undefined || nowMs >= rule.from) && (rule.until === undefined || nowMs < rule.until);
  const isOfAction = rule.actions === undefined || rule.actions.includes(action);
  // ETREAT is a kind of TREAT: v3-ActReason.
  const namesPurpose =
    rule.purposes !== undefined &&
    (rule.purposes.includes(purpose) || (purpose === "ETREAT" && rule.purposes.includes("TREAT")));
  const isOfPurpose = rule.purposes === undefined || namesPurpose;
  const actor = matchActors(rule.actors, inquiry, effect);
  return {
    met: both(met(isInTime && isOfAction && isOfPurpose), actor.met),
    specificity: ranked({
      actor: actor.rank,
      purpose: rule.purposes === undefined ? 0 : 1,
      action: rule.actions === undefined ? 0 : 1,
    }),
    namesDisclosure: rule.actions?.includes("disclose") === true || actor.isOutside,
    namesRecipient: actor.isOutside,
    namesPurpose,
  };
}

function matchActors(
  actors: readonly ConsentActor[] | undefined,
  inquiry: Inquiry,
  effect: Effect,
): { readonly met: Met; readonly rank: number; readonly isOutside: boolean } {
  if (actors === undefined) return { met: "yes", rank: 0, isOutside: false };
  let found: Met = "no";
  let rank = 0;
  let isOutside = false;
  for (const actor of actors) {
    const own = matchActor(actor, inquiry, effect);
    found = either(found, own);
    // A denial takes its rank from whatever may be meant: it is the harder to lift. A permit only from what is certain.
    if (own === "yes" || (own === "maybe" && effect === "deny")) rank = Math.max(rank, ACTOR_RANK[actor.kind]);
    if (own === "yes" && inquiry.onBehalfOf !== undefined)
      isOutside ||= ["organization", "client"].includes(actor.kind);
  }
  return { met: found, rank, isOutside };
}

const CLINICAL: ReadonlySet<string> = new Set(["physician", "nurse"]);
/** Nobody can tell whether one who treats patients is the Practitioner of a rule while the membership names none. */
const isUnknownPractitioner = (roles: readonly string[], practitionerId: string | undefined): boolean =>
  practitionerId === undefined && roles.some((role) => CLINICAL.has(role));

function matchActor({ kind, id }: ConsentActor, inquiry: Inquiry, effect: Effect): Met {
  const { roles, clientId, onBehalfOf, delegator } = inquiry;
  // A permit for a person is hers alone; a denial to her binds whatever acts in her place.
  const principals = delegator && effect === "deny" ? [inquiry, delegator] : [inquiry];
  switch (kind) {
    case "practitioner": {
      if (principals.some(({ practitionerId }) => practitionerId === id)) return "yes";
      const people = clientId === undefined ? principals : principals.slice(1);
      return people.some((each) => isUnknownPractitioner(each.roles, each.practitionerId)) ? "maybe" : "no";
    }
    case "user":
      return met(principals.some(({ userId }) => userId === id));
    case "client":
      return met(clientId === id);
    case "patient":
      return met(inquiry.isPatient === true);
    case "role":
      return met(roles.includes(id) || delegator?.roles.includes(id) === true);
    case "affiliation":
      if (inquiry.affiliations?.includes(id)) return "yes";
      // A system is in no team of its own, and those of the member it acts for are not read.
      if (clientId !== undefined && delegator === undefined) return "no";
      return inquiry.affiliations === undefined || delegator !== undefined ? "maybe" : "no";
    case "tenant":
      return met(inquiry.tenantId === id && onBehalfOf === undefined);
    case "own-organization":
      return met(onBehalfOf === undefined);
    case "organization":
      return met(onBehalfOf === id);
    case "related-person":
      // None of them signs in: there is nobody whom the rule could reach.
      return "no";
  }
}

/** What is asked about: a record and one of its labels, or a class of which no more is known. */
export interface Question {
  readonly dataClass: RecordClass;
  readonly record?: Omit<RecordFacts, "dataClass" | "labels"> | undefined;
  /** `undefined` for a record without label; absent where nobody knows yet. */
  readonly label?: { readonly code: string | undefined };
}

export interface DataMatch {
  readonly met: Met;
  readonly specificity: Specificity;
}

/** True where two records of one class, type and label may be answered differently. */
export const dependsOnRecord = (rule: ConsentRule): boolean =>
  rule.records !== undefined ||
  rule.authors !== undefined ||
  rule.dataFrom !== undefined ||
  rule.dataUntil !== undefined ||
  rule.exceptions?.some(dependsOnRecord) === true;

/** Class, type, label, record, author and time of data of one rule, for a statement of `effect`. */
export function matchData(rule: ConsentRule, { dataClass, record, label }: Question, effect: Effect): DataMatch {
  const kind = matchKind(rule, dataClass, record?.type);
  let all = kind.met;
  if (rule.labels) {
    const isCovered = label?.code !== undefined && coversLabel(rule.labels, label.code, effect);
    all = both(all, label === undefined ? "maybe" : met(isCovered));
  }
  if (rule.confidentiality) {
    // A record of class S without a label of its own has labels on its elements.
    const level = label && (label.code === undefined && dataClass === "S" ? "R" : levelOf(label.code));
    all = both(all, level === undefined ? "maybe" : met(isAtMost(level, rule.confidentiality)));
  }
  if (rule.records) all = both(all, record ? met(rule.records.includes(`${record.type}/${record.id}`)) : "maybe");
  if (rule.authors) {
    const author = record?.authorPractitionerId;
    all = both(all, author === undefined ? "maybe" : met(rule.authors.includes(author)));
  }
  const isDated = rule.dataFrom !== undefined || rule.dataUntil !== undefined;
  if (isDated) all = both(all, matchSpan(rule, record?.span, effect));
  return {
    met: all,
    specificity: ranked({
      kind: kind.rank,
      label: rule.labels ? 2 : rule.confidentiality ? 1 : 0,
      record: rule.records ? 1 : 0,
      author: rule.authors ? 1 : 0,
      data: isDated ? 1 : 0,
    }),
  };
}

function matchKind(
  { classes, types }: ConsentRule,
  dataClass: RecordClass,
  type: string | undefined,
): { readonly met: Met; readonly rank: number } {
  if (classes === undefined && types === undefined) return { met: "yes", rank: 0 };
  const ofType: Met = types === undefined ? "no" : type === undefined ? "maybe" : met(types.includes(type));
  if (ofType === "yes") return { met: "yes", rank: 2 };
  if (classes?.includes(dataClass)) return { met: "yes", rank: 1 };
  return { met: ofType, rank: 2 };
}

/** A permit covers what lies wholly inside its time of data, a denial whatever touches it. */
function matchSpan(
  { dataFrom = -Infinity, dataUntil = Infinity }: ConsentRule,
  span: { readonly from: number; readonly until: number } | undefined,
  effect: Effect,
): Met {
  if (span === undefined) return "maybe";
  return effect === "permit"
    ? met(span.from >= dataFrom && span.until <= dataUntil)
    : met(span.from < dataUntil && span.until > dataFrom);
}
