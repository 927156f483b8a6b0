import { locale } from "../../i18n/index.ts";
import { useStore } from "../../app/store.ts";
import { CONTROL_WORDS } from "./data-words-controls.ts";
import { SCENARIO_WORDS } from "./data-words-scenarios.ts";

/** Sentences that come with the model's data, which is English, in Spanish. `tests/web/finance` finds one that lacks. */
export const DATA_WORDS: Readonly<Record<string, string>> = { ...CONTROL_WORDS, ...SCENARIO_WORDS };

/** A sentence of the data in the language of the page; as it is where a newer server has another. */
export function useDataWords(): (english: string) => string {
  const language = useStore(locale);
  return (english) => (language === "es" ? (DATA_WORDS[english] ?? english) : english);
}
