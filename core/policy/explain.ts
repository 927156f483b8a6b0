import { type Answer, answerOf } from "./answer.ts";
import { DecisionInputs } from "./decision-inputs.ts";
import { decisionId } from "./decision.ts";
import { engineOf } from "./engine.ts";
import type { PolicySet } from "./policy-set.ts";
import type { RecordedDecision } from "./replay.ts";
import { ruleOf } from "./recorded-rule.ts";

/** One decision with the rules that made it, in Cedar's words. */
export interface Explanation {
  readonly inputs: DecisionInputs | undefined;
  /** The recorded rules; `text` is absent where the policies of the time hold no such rule. */
  readonly rules: readonly { readonly id: string; readonly text?: string }[];
  /** What the policies of the time answer to the recorded inputs; absent where they are not at hand. */
  readonly again?: Answer;
  /** Whether that is what the event recorded; absent where it cannot be said. */
  readonly isEqual?: boolean;
}

/**
 * Why an event's access was permitted or refused.
 * @param policies Those of the decision's version, where their text is at hand.
 */
export function explain(event: RecordedDecision, policies: PolicySet | undefined): Explanation {
  const parsed = DecisionInputs.safeParse(event.decision.inputs);
  const inputs = parsed.success ? parsed.data : undefined;
  const rules = event.decision.rules.map((id) => {
    const text = policies?.policies[ruleOf(id)];
    return text === undefined ? { id } : { id, text };
  });
  const engine = policies?.version === event.decision.version ? engineOf(policies) : undefined;
  if (engine === undefined || inputs === undefined || inputs.ask === "none") return { inputs, rules };
  const again = answerOf(inputs, engine);
  const isEqual =
    decisionId(event.decision.version, inputs, again) === event.decision.id &&
    again.ruleIds.join(" ") === event.decision.rules.toSorted().join(" ");
  return { inputs, rules, again, isEqual };
}
