import type { Snippet } from "../../../../core/contract/index.ts";
import type { Rewritten } from "../../ui/index.ts";

/** `.name` at the beginning or after white space, just finished by a space or a line break. */
const WORD = /(^|\s)\.([a-z][a-z0-9]*)(\s)/g;

/** The text with each finished `.name` replaced by its snippet. A word that is no snippet's name stays as it is. */
export function expand(text: string, snippets: readonly Snippet[]): Rewritten {
  const byName = new Map(snippets.map((snippet) => [snippet.name, snippet.text]));
  let caret: number | undefined;
  let shift = 0;
  const expanded = text.replace(WORD, (whole, before: string, name: string, after: string, at: number) => {
    const put = byName.get(name);
    if (put === undefined) return whole;
    const replaced = `${before}${put}${after}`;
    caret = at + shift + replaced.length;
    shift += replaced.length - whole.length;
    return replaced;
  });
  return caret === undefined ? { text } : { text: expanded, caret };
}
