import { useCallback, useMemo, useState } from "react";
import { useClinicTimeZone } from "../app/session-state.ts";
import { useStore } from "../app/store.ts";
import { createFormat, dayIn, type Format } from "./format.ts";
import { say } from "./intl.ts";
import { locale } from "./locale.ts";
import type { Messages, Values } from "./messages.ts";

export type { Format, PersonName } from "./format.ts";
export { locale, type Locale, LOCALES } from "./locale.ts";
export { defineMessages, type Messages, type Values } from "./messages.ts";

export type Say<K extends string> = (key: K, values?: Values) => string;

/** `t(key, values)` in the language of the page. */
export function useText<K extends string>(messages: Messages<K>): Say<K> {
  const [language, timeZone] = [useStore(locale), useClinicTimeZone()];
  return useCallback((key, values) => say(messages, key, language, timeZone, values), [messages, language, timeZone]);
}

/** The clinic's own calendar day when the screen was first shown, `YYYY-MM-DD`. */
export function useToday(): string {
  const timeZone = useClinicTimeZone();
  const [nowMs] = useState(() => Date.now());
  return dayIn(timeZone, nowMs);
}

/** Days, times, ages, names and numbers in the language of the page and the clinic's time zone. */
export function useFormat(): Format {
  const [language, timeZone] = [useStore(locale), useClinicTimeZone()];
  return useMemo(() => createFormat(language, timeZone), [language, timeZone]);
}
