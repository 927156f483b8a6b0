import { createIntl, createIntlCache, type IntlShape } from "react-intl";
import { type Locale, LOCALE_TAGS } from "./locale.ts";
import type { Messages, Values } from "./messages.ts";

const cache = createIntlCache();
const known = new WeakMap<Messages, Map<string, IntlShape>>();

/** The engine for one area's sentences in one language and time zone. */
function intlOf(messages: Messages, locale: Locale, timeZone: string): IntlShape {
  const byKey = known.get(messages) ?? new Map<string, IntlShape>();
  known.set(messages, byKey);
  const key = `${locale} ${timeZone}`;
  const existing = byKey.get(key);
  if (existing !== undefined) return existing;
  const made = createIntl(
    { locale: LOCALE_TAGS[locale], timeZone, messages: messages[locale], onError: () => undefined },
    cache,
  );
  byKey.set(key, made);
  return made;
}

/** One sentence. Days and times in it are those of `timeZone`. */
export const say = <K extends string>(
  messages: Messages<K>,
  key: K,
  locale: Locale,
  timeZone: string,
  values?: Values,
): string => intlOf(messages, locale, timeZone).formatMessage({ id: key }, values);
