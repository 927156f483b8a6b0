import type { RuleTexts } from "../../api/problem-text.ts";
import type { Say } from "../../i18n/index.ts";
import type { breakGlassMessages } from "./messages.ts";

const RULES = ["break-glass-open", "break-glass-ended", "second-person", "reviewed", "break-glass-not-ended"] as const;

/** Why the server refused, in the words of this area. */
export const rulesOf = (t: Say<keyof typeof breakGlassMessages.en>): RuleTexts =>
  Object.fromEntries(RULES.map((rule) => [rule, t(`rule.${rule}`)]));
