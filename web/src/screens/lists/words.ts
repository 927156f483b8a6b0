import type { RuleTexts } from "../../api/problem-text.ts";
import { type Format, type Say, useFormat, useText } from "../../i18n/index.ts";
import { type ListsKey, listsMessages } from "./messages.ts";

/** Rules of the lists that the server may answer with. */
const RULES = [
  "allergy-recorded",
  "none-known-stated",
  "already-listed",
  "move-not-allowed",
  "not-editable",
  "code-unknown",
  "date-future",
  "lot-required",
  "refusal-required",
  "not-given-detail",
  "reason-needed",
  "reconcile-missing",
  "reconcile-changed",
  "reconcile-unknown",
  "reconcile-none-known",
] as const;

export interface ListWords {
  readonly t: Say<ListsKey>;
  readonly format: Format;
  readonly rules: RuleTexts;
  /** A word of ours where there is one for this code, else the code itself: nothing is left unsaid. */
  readonly word: (prefix: string, code: string) => string;
  /** A FHIR date or instant, as precise as it is. */
  readonly when: (date: string | undefined) => string;
}

/** All that the lists say. */
export function useListWords(): ListWords {
  const [t, format] = [useText(listsMessages), useFormat()];
  return {
    t,
    format,
    rules: Object.fromEntries(RULES.map((rule) => [rule, t(`rule.${rule}`)])),
    word: (prefix, code) => {
      const key = `${prefix}.${code}`;
      return Object.hasOwn(listsMessages.en, key) ? t(key as ListsKey) : code;
    },
    when: (date) => (date === undefined ? "" : date.length > 10 ? format.day(date) : format.date(date)),
  };
}

/** What a change of a list makes old. */
export const REFRESH = ["readLists", "readBanner", "readTimeline", "readItemHistory"] as const;
