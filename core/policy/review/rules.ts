import {
  type EntityUidJson,
  isAuthorizedPartial,
  policyToJson,
  type PolicyJson,
} from "@cedar-policy/cedar-wasm/nodejs";
import { invariant } from "../../kernel/invariant.ts";
import type { Purpose } from "../grant.ts";
import { type PolicySet, policySetOf } from "../policy-set.ts";

/**
 * What need not be asked when the whole space of questions is gone through. A request is always asked of all rules: these
 * short cuts are for the matrix, for comparisons and for what somebody could ever do, and each of them errs towards asking.
 */

export type Kind = "records" | "clinic" | "platform";
const KINDS: Readonly<Record<string, Kind>> = {
  "Keyward::Records": "records",
  "Keyward::Clinic": "clinic",
  "Keyward::Platform": "platform",
};

const ENTITY_TYPES = { records: "Keyward::Records", clinic: "Keyward::Clinic", platform: "Keyward::Platform" } as const;

const idOf = (entity: EntityUidJson): string => ("__entity" in entity ? entity.__entity.id : entity.id);

/** The role that a rule's head asks for; undefined where it asks for none. */
function roleOf({ principal }: PolicyJson): string | undefined {
  if (principal.op === "in" && "entity" in principal) return idOf(principal.entity);
  return undefined;
}

/** The actions that a rule's head names; undefined where it names none. */
function actionsOf({ action }: PolicyJson): readonly string[] | undefined {
  if (action.op === "All") return undefined;
  if ("entities" in action) return action.entities.map(idOf);
  return "entity" in action ? [idOf(action.entity)] : undefined;
}

function kindOf({ resource }: PolicyJson): Kind | undefined {
  return resource.op === "is" && !("in" in resource) ? KINDS[resource.entity_type] : undefined;
}

interface Rule {
  readonly id: string;
  readonly isPermit: boolean;
  readonly role: string | undefined;
  readonly actions: readonly string[] | undefined;
  readonly kind: Kind | undefined;
}

/** The rules of a set, by what their heads say. */
export function rulesOf({ policies }: PolicySet): readonly Rule[] {
  return Object.entries(policies).map(([id, text]) => {
    const answer = policyToJson(text);
    invariant(answer.type === "success", "a rule of a parsed set parses");
    const { json } = answer;
    return {
      id,
      isPermit: json.effect === "permit",
      role: roleOf(json),
      actions: actionsOf(json),
      kind: kindOf(json),
    };
  });
}

/** What a question is about, as far as a rule's head can ask for it. `action` left out stands for any. */
interface About {
  readonly kind: Kind;
  readonly roles: readonly string[];
  readonly action?: string;
}

const isMatching = (rule: Rule, { kind, roles, action }: About): boolean =>
  (rule.kind === undefined || rule.kind === kind) &&
  (rule.role === undefined || roles.includes(rule.role)) &&
  (rule.actions === undefined || action === undefined || rule.actions.includes(action));

const textsOf = ({ policies }: PolicySet, rules: readonly Rule[], about: About): Record<string, string> =>
  Object.fromEntries(
    rules.flatMap((rule) => {
      const text = isMatching(rule, about) ? policies[rule.id] : undefined;
      return text === undefined ? [] : [[rule.id, text]];
    }),
  );

/** The part of a set whose heads can match such a question: no other rule can have a say in its answer. */
export const sliceOf = (set: PolicySet, rules: readonly Rule[], about: About): PolicySet =>
  policySetOf(set.schema, textsOf(set, rules, about));

/** Whether any rule's head permits a role such an action: where none does, the answer is no without a question. */
export const isConceivable = (rules: readonly Rule[], kind: Kind, roles: readonly string[], action: string): boolean =>
  rules.some((rule) => rule.isPermit && isMatching(rule, { kind, roles, action }));

const unknown = (name: string) => ({ __extn: { fn: "unknown", arg: name } });

interface Wish {
  readonly kind: Kind;
  readonly role: string;
  readonly purpose: Purpose;
  readonly action: string;
}

/**
 * Whether a role can do an action to a kind of resource for a purpose. Cedar itself answers, over the rules whose heads can
 * match and with everything else unknown to it: only its certain no is a no. It parses them anew each time.
 */
export function isPossible(set: PolicySet, rules: readonly Rule[], { kind, role, purpose, action }: Wish): boolean {
  const principal = { type: "Keyward::Member", id: "principal" };
  const resource = { type: ENTITY_TYPES[kind], id: "resource" };
  const attributes = {
    records: { tenant: "own", class: unknown("class"), type: unknown("type"), patient: unknown("patient") },
    clinic: { tenant: "own", patient: unknown("patient") },
    platform: {},
  }[kind];
  const circumstances = [
    "scoped",
    "steppedUp",
    "officer",
    "gated",
    "consent",
    "relationship",
    "hold",
    "emergency",
    "delegation",
  ];
  const answer = isAuthorizedPartial({
    principal,
    action: { type: "Keyward::Action", id: action },
    resource,
    context: { purpose, ...Object.fromEntries(circumstances.map((name) => [name, unknown(name)])) },
    policies: { staticPolicies: textsOf(set, rules, { kind, roles: [role], action }) },
    entities: [
      {
        uid: principal,
        attrs: { tenant: "own", assurance: unknown("assurance") },
        parents: [{ type: "Keyward::Role", id: role }],
      },
      { uid: resource, attrs: attributes, parents: [] },
    ],
  });
  return answer.type !== "residuals" || answer.response.decision !== "deny";
}
