/** Sentences in ICU syntax by key, in both languages. */
export interface Messages<K extends string = string> {
  readonly en: Readonly<Record<K, string>>;
  readonly es: Readonly<Record<K, string>>;
}

export type Values = Readonly<Record<string, string | number | Date | null | undefined>>;

/**
 * Declares what an area says, in English and in Spanish. A key that one of them lacks does not compile; a placeholder
 * that one of them lacks fails `tests/web/i18n/messages.test.ts`.
 */
export const defineMessages = <K extends string>(messages: {
  readonly en: Readonly<Record<K, string>>;
  readonly es: Readonly<Record<NoInfer<K>, string>>;
}): Messages<K> => messages;
