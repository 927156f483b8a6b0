import { type Say, useText } from "../../i18n/index.ts";
import { patientMessages } from "./messages.ts";
import { type RowWords, useRowWords } from "./row-words.ts";

export type { AnyRow } from "./row-words.ts";

/** What this area calls things, and how it says who somebody is. */
export interface Words extends RowWords {
  readonly t: Say<keyof typeof patientMessages.en>;
}

export function useWords(): Words {
  return { ...useRowWords(), t: useText(patientMessages) };
}
