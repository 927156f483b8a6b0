/**
 * The number that somebody typed: undefined where nothing was, null where it cannot be told. `1.5` and `1,5` are the
 * same; `1,500` is not guessed at, because it is two very different doses.
 */
export function readNumber(text: string): number | undefined | null {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (!/^[+-]?(\d+([.]\d*)?|[.]\d+|\d+,\d{1,2})$/.test(trimmed)) return null;
  return Number(trimmed.replace(",", "."));
}
