import { createStore } from "../app/store.ts";

export const LOCALES = ["en", "es"] as const;
export type Locale = (typeof LOCALES)[number];

/** What Intl is asked for: both are written as people in the United States write them. */
export const LOCALE_TAGS: Readonly<Record<Locale, string>> = { en: "en-US", es: "es-US" };

export const toLocale = (tag: string | undefined): Locale => (tag?.toLowerCase().startsWith("es") ? "es" : "en");

const preferred = typeof navigator === "undefined" ? "en" : navigator.language;

/** The language of the page. It is kept for as long as the page, and nowhere else. */
export const locale = createStore<Locale>(toLocale(preferred));
