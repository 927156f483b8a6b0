import { ServiceError } from "../service.ts";

/** Whether a message matches. */
export type MessageTest = (message: string) => boolean;

const JSON_FIELD = /^\$\.([A-Za-z_][\w.]*)\s*(=|!=)\s*(?:"([^"]*)"|([\w.*-]+))$/;
const TERM = /([?-]?)(?:"([^"]*)"|([\w.:/@#-]+))/y;

/**
 * The subset of CloudWatch's filter syntax that is built: terms (all must be there), `?term` (one of these), `-term`
 * (none of these), quoted phrases, and `{ $.field = "value" && ... || ... }` over JSON messages, `*` matching any end.
 * Source: CloudWatch Logs User Guide, "Filter pattern syntax". Throws InvalidParameterException for the rest.
 */
export function parsePattern(pattern: string): MessageTest {
  const text = pattern.trim();
  if (text === "") return () => true;
  return text.startsWith("{") ? jsonTest(text) : termTest(text);
}

const invalid = (): ServiceError => new ServiceError("InvalidParameterException", "Invalid filter pattern", 400);

function termTest(text: string): MessageTest {
  const all: string[] = [];
  const some: string[] = [];
  const none: string[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    TERM.lastIndex = at;
    const [whole, mark, quoted, bare] = TERM.exec(text) ?? [];
    if (whole === undefined) throw invalid();
    (mark === "?" ? some : mark === "-" ? none : all).push(quoted ?? bare ?? "");
    at += whole.length;
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    (some.length === 0 || some.some((term) => message.includes(term))) &&
    !none.some((term) => message.includes(term));
}

function jsonTest(text: string): MessageTest {
  if (!text.endsWith("}")) throw invalid();
  const testsOf = (all: string) =>
    all.split("&&").map((part) => {
      const [, path = "", operator, quoted, bare] = JSON_FIELD.exec(part.trim()) ?? [];
      if (operator === undefined) throw invalid();
      const wanted = quoted ?? bare ?? "";
      const matches = (value: string): boolean =>
        wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
      return (parsed: unknown): boolean => {
        const found = at(parsed, path.split("."));
        return found !== undefined && matches(found) === (operator === "=");
      };
    });
  // `&&` binds closer than `||`.
  const alternatives = text.slice(1, -1).split("||").map(testsOf);
  return (message) => {
    const parsed = parseJson(message);
    return parsed !== undefined && alternatives.some((tests) => tests.every((test) => test(parsed)));
  };
}

function parseJson(message: string): unknown {
  if (!message.startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function at(value: unknown, path: readonly string[]): string | undefined {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[step];
  }
  return ["string", "number", "boolean"].includes(typeof here) ? String(here) : undefined;
}
