import { parseReference } from "../references.ts";
import { isResourceType, type ResourceType } from "../supported-types.ts";
import { dateRange } from "./dates.ts";
import { searchedNumberRange } from "./numbers.ts";
import type { SearchParameter, SearchParameterType } from "./parameters.ts";
import type { Modifier, SearchValue } from "./query.ts";
import { splitPrefix } from "./range.ts";

/** Splits at a separator that no backslash escapes; escapes stay, for a later split. FHIR R4 search.html#escaping. */
export function splitEscaped(text: string, separator: "," | "$" | "|"): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const unescape = (text: string): string => text.replace(/\\([\\,$|])/g, "$1");

function parseToken(text: string): SearchValue | undefined {
  const [first = "", second, ...more] = splitEscaped(text, "|").map(unescape);
  if (more.length > 0) return undefined;
  if (second === undefined) return { kind: "token", code: first };
  if (second === "") return first === "" ? undefined : { kind: "token", system: first };
  return { kind: "token", system: first, code: second };
}

function parseOfType(text: string): SearchValue | undefined {
  const [system = "", code = "", value = "", ...more] = splitEscaped(text, "|").map(unescape);
  return system === "" || code === "" || value === "" || more.length > 0
    ? undefined
    : { kind: "of-type", system, code, value };
}

function parseDate(text: string): SearchValue | undefined {
  const { prefix, rest } = splitPrefix(text);
  // A plus that was not percent-encoded arrives as a space.
  const range = dateRange(rest.replace(" ", "+"));
  return range && { kind: "date", prefix, range };
}

function parseNumber(text: string): SearchValue | undefined {
  const { prefix, rest } = splitPrefix(text);
  const range = searchedNumberRange(rest, prefix);
  return range && { kind: "number", prefix, range };
}

function parseQuantity(text: string): SearchValue | undefined {
  const [number = "", system, code, ...more] = splitEscaped(text, "|").map(unescape);
  const { prefix, rest } = splitPrefix(number);
  const range = searchedNumberRange(rest, prefix);
  if (!range || more.length > 0) return undefined;
  return {
    kind: "quantity",
    prefix,
    range,
    ...(system === undefined || system === "" ? {} : { system }),
    ...(code === undefined || code === "" ? {} : { code }),
  };
}

/** `base` is this server's own URL with a slash at its end: what it prefixes is a relative reference. */
function parseReferenceValue(
  text: string,
  targets: readonly string[],
  base: string | undefined,
): SearchValue | undefined {
  const own = base !== undefined && text.startsWith(base) ? text.slice(base.length) : text;
  const target = parseReference(own);
  if (target.kind === "relative") {
    return targets.includes(target.type) ? { kind: "reference", types: [target.type], id: target.id } : undefined;
  }
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(own)) return { kind: "reference", types: targets, id: own };
  return target.kind === "absolute" || target.kind === "urn" ? { kind: "url", url: text } : undefined;
}

/** A canonical is searched by its URL, with or without a version. */
const parseUri = (text: string): SearchValue | undefined =>
  text === "" ? undefined : { kind: "url", url: unescape(text) };

function parseComposite(
  text: string,
  { components }: SearchParameter,
  base: string | undefined,
): SearchValue | undefined {
  const texts = splitEscaped(text, "$");
  const parts = components.flatMap(({ type }, index) => parseByType(type, texts[index] ?? "", [], base) ?? []);
  return parts.length === components.length && texts.length === parts.length ? { kind: "composite", parts } : undefined;
}

function parseByType(
  type: SearchParameterType,
  text: string,
  targets: readonly string[],
  base: string | undefined,
): SearchValue | undefined {
  if (text === "") return undefined;
  switch (type) {
    case "token":
      return parseToken(text);
    case "string":
      return { kind: "text", text: unescape(text) };
    case "date":
      return parseDate(text);
    case "number":
      return parseNumber(text);
    case "quantity":
      return parseQuantity(text);
    case "reference":
      return parseReferenceValue(unescape(text), targets, base);
    case "uri":
      return parseUri(text);
    case "composite":
      return undefined;
  }
}

/**
 * One value (already split at its commas) of a parameter under a modifier, or undefined where it has not the form that
 * the parameter's type wants. `narrowed` is the type of a `:Patient` modifier.
 */
export function parseValue(
  parameter: SearchParameter,
  modifier: Modifier | undefined,
  text: string,
  { base, narrowed }: { readonly base: string | undefined; readonly narrowed: ResourceType | undefined },
): SearchValue | undefined {
  if (modifier === "text") return text === "" ? undefined : { kind: "text", text: unescape(text) };
  if (modifier === "of-type") return parseOfType(text);
  if (modifier === "identifier") return text === "" ? undefined : parseToken(text);
  if (parameter.type === "composite") return parseComposite(text, parameter, base);
  const isCanonical =
    parameter.type === "reference" && parameter.targets.length === 1 && parameter.targets[0] === "Questionnaire";
  if (isCanonical && /^(?:https?|urn):/.test(text)) return parseUri(text);
  const targets = narrowed === undefined ? parameter.targets : [narrowed];
  return parseByType(parameter.type, text, targets.filter(isResourceType), base);
}
