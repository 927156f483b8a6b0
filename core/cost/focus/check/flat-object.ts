const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\]:,]))/y;

/**
 * What makes the text of a JSON object no flat one, or undefined. `JSON.parse` keeps the last of two equal keys and says
 * nothing, so the text itself is read. The text is a JSON object that parses.
 */
export function flatObjectFault(text: string): string | undefined {
  const keys = new Set<string>();
  let [depth, isKey] = [0, true];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, string, , sign] = match;
    if (sign === "{" || sign === "[") depth += 1;
    if (depth > 1) return "a value is a list or an object";
    if (sign === "}" || sign === "]") depth -= 1;
    if (sign === ":") isKey = false;
    if (sign === ",") isKey = true;
    if (string === undefined || !isKey) continue;
    const key = JSON.parse(string) as string;
    if (keys.has(key)) return `the key ${JSON.stringify(key.slice(0, 40))} stands twice`;
    keys.add(key);
  }
  return undefined;
}
