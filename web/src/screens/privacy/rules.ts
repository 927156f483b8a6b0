import type { RuleTexts } from "../../api/problem-text.ts";
import type { Say } from "../../i18n/index.ts";
import { privacyMessages } from "./messages.ts";

export type PrivacyKey = keyof typeof privacyMessages.en;

const isKey = (key: string): key is PrivacyKey => Object.hasOwn(privacyMessages.en, key);

/** The sentences of this area, by rule. */
export const rulesOf = (t: Say<PrivacyKey>): RuleTexts =>
  Object.fromEntries(
    Object.keys(privacyMessages.en).flatMap((key) =>
      key.startsWith("rule.") && isKey(key) ? [[key.slice("rule.".length), t(key)]] : [],
    ),
  );

/** The word for a code of the contract; the code itself where a newer server knows more. */
export const privacyWord = (
  t: Say<PrivacyKey>,
  group: "reason" | "mode" | "item" | "why" | "kind",
  code: string,
): string => {
  const key = `${group}.${code}`;
  return isKey(key) ? t(key) : code;
};
