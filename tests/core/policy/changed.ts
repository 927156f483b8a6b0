import { type PolicySet, policySetOf } from "../../../core/policy/policy-set.ts";
import { currentPolicies } from "../../../core/policy/version.ts";

/** The committed policies with one rule's text changed, or without it. The piece that is replaced must be there. */
export function changedRule(id: string, from?: string, to = ""): PolicySet {
  const text = currentPolicies.policies[id];
  if (text === undefined || (from !== undefined && !text.includes(from))) throw new Error(`${id} reads otherwise`);
  const { [id]: _old, ...rest } = currentPolicies.policies;
  return policySetOf(currentPolicies.schema, from === undefined ? rest : { ...rest, [id]: text.replace(from, to) });
}
