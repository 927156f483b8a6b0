import { createHash } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { DecisionInputs } from "./decision-inputs.ts";
import type { Decision } from "./grant.ts";

/** Members in one fixed order, so that equal inputs have one text. Arrays come canonical already. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, member]) => [name, ordered(member)]),
  );
}

/** What a decision is called: SHA-256 over everything that went in and everything that came out, 32 hex. */
export const decisionId = (policyVersion: string, inputs: DecisionInputs, answer: Answer): string =>
  createHash("sha256")
    .update(JSON.stringify([policyVersion, ordered(inputs), answer.outcome, answer.classes, answer.ruleIds]))
    .digest("hex")
    .slice(0, 32);

/** The decision that policies of a version made of inputs. */
export const decisionOf = (policyVersion: string, inputs: DecisionInputs, answer: Answer): Decision => ({
  id: decisionId(policyVersion, inputs, answer),
  policyVersion,
  ruleIds: answer.ruleIds,
  inputs,
});
