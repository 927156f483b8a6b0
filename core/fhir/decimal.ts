/*
 * FHIR decimals carry their precision: 1.50 is not 1.5 (FHIR R4 datatypes.html#decimal, json.html#primitive). A double
 * forgets it. So the parser keeps the text of a number beside the object that holds it, where the text differs from the
 * shortest form of the double, and `stringifyJson` writes it back while the number is still the same.
 * Copying the holder (`{ ...quantity }`) loses the text and no more than the text; copying what is around it does not.
 */

interface Lexeme {
  readonly value: number;
  readonly text: string;
}

const lexemes = new WeakMap<object, Map<string, Lexeme>>();

/** Remembers how a number was written at `holder[key]`. */
export function keepLexeme(holder: object, key: string | number, value: number, text: string): void {
  let map = lexemes.get(holder);
  if (!map) {
    map = new Map();
    lexemes.set(holder, map);
  }
  map.set(String(key), { value, text });
}

/** How the number at `holder[key]` was written, or undefined where it is as `String` writes it. */
export function lexemeOf(holder: object, key: string | number): string | undefined {
  const lexeme = lexemes.get(holder)?.get(String(key));
  return lexeme?.value === (holder as Record<string, unknown>)[key] ? lexeme?.text : undefined;
}

/** Gives `copy` the written forms of `original`'s own numbers. */
export function copyLexemes<T extends object>(original: object, copy: T): T {
  const map = lexemes.get(original);
  if (map) lexemes.set(copy, new Map(map));
  return copy;
}

/** ES2025 JSON.rawJSON, in V8 since 11.4; not in TypeScript's ES2024 library. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** JSON text in which numbers read by `parseJson` stand as they were written. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, function (this: object, key: string, inner: unknown) {
    if (typeof inner !== "number") return inner;
    const lexeme = lexemeOf(this, key);
    return lexeme === undefined ? inner : rawJSON(lexeme);
  });
}
