import type { Choice } from "../../ui/index.ts";
import type { PeopleSay } from "./messages.ts";

/** Why something administrative is done, of the contract's list those that fit people and apps. */
export const REASONS = [
  "staff-change",
  "onboarding",
  "clinic-request",
  "security-incident",
  "legal-obligation",
  "correction",
] as const;

export const reasonChoices = (t: PeopleSay): readonly Choice[] =>
  REASONS.map((value) => ({ value, label: t(`why.${value}`) }));

/** `x-reason` as the server reads it: RFC 8187 3.2.1 for words of one's own, which are sealed there. */
export function reasonHeader(code: string, words = ""): Readonly<Record<string, string>> {
  const text = encodeURIComponent(words.trim()).replaceAll(
    /['()*]/g,
    (mark) => `%${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );
  return { "x-reason": text === "" ? code : `${code}; text*=UTF-8''${text}` };
}
