/** The request context as conditions see it: lower-case key names, each with its values as text. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** One piece of a policy value: text matched as it is, a wildcard, or a variable filled in from the request. */
type Token =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "any" }
  | { readonly kind: "one" }
  | { readonly kind: "variable"; readonly key: string; readonly fallback: string | undefined };

export interface Template {
  readonly tokens: readonly Token[];
  readonly hasVariables: boolean;
}

const VARIABLE = /\$\{([^}]*)\}/g;
const DEFAULTED = /^([^,]*?)\s*,\s*'([^']*)'\s*$/;
const ESCAPES: ReadonlySet<string> = new Set(["*", "?", "$"]);

/**
 * Parts a policy value into literals, wildcards and variables. With `wildcards` false, `*` and `?` are ordinary text.
 * `${*}`, `${?}` and `${$}` are those characters themselves; `${key, 'text'}` has a default.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */
export function parseTemplate(text: string, options: { readonly wildcards: boolean }): Template {
  const tokens: Token[] = [];
  let hasVariables = false;
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    pushText(tokens, text.slice(end, match.index), options.wildcards);
    end = match.index + match[0].length;
    const inner = (match[1] ?? "").trim();
    if (ESCAPES.has(inner)) {
      tokens.push({ kind: "literal", text: inner });
      continue;
    }
    const defaulted = DEFAULTED.exec(inner);
    hasVariables = true;
    tokens.push({ kind: "variable", key: (defaulted?.[1] ?? inner).toLowerCase(), fallback: defaulted?.[2] });
  }
  pushText(tokens, text.slice(end), options.wildcards);
  return { tokens, hasVariables };
}

function pushText(tokens: Token[], text: string, wildcards: boolean): void {
  if (text === "") return;
  if (!wildcards) {
    tokens.push({ kind: "literal", text });
    return;
  }
  for (const part of text.split(/([*?])/)) {
    if (part === "*") tokens.push({ kind: "any" });
    else if (part === "?") tokens.push({ kind: "one" });
    else if (part !== "") tokens.push({ kind: "literal", text: part });
  }
}

/**
 * Fills the variables in. What a variable brings is literal, so that a tag value of `*` is a star and not a wildcard.
 * Undefined when a variable without a default has no value, or several: such a value matches nothing.
 */
export function resolveTemplate(template: Template, context: RequestContext): readonly Token[] | undefined {
  if (!template.hasVariables) return template.tokens;
  const resolved: Token[] = [];
  for (const token of template.tokens) {
    if (token.kind !== "variable") {
      resolved.push(token);
      continue;
    }
    const values = context.get(token.key);
    const text = values?.length === 1 ? values[0] : token.fallback;
    if (text === undefined) return undefined;
    resolved.push({ kind: "literal", text });
  }
  return resolved;
}

/** Whether `value` is the whole of what the tokens describe. Greedy with one point to go back to: no backtracking blow-up. */
export function matchTokens(tokens: readonly Token[], value: string): boolean {
  let at = 0;
  let index = 0;
  let starIndex = -1;
  let starAt = 0;
  for (;;) {
    const token = tokens[index];
    if (token === undefined && at === value.length) return true;
    if (token?.kind === "any") {
      if (index === tokens.length - 1) return true;
      starIndex = index;
      starAt = at;
      index += 1;
      continue;
    }
    if (token?.kind === "one" && at < value.length) {
      at += 1;
      index += 1;
      continue;
    }
    if (token?.kind === "literal" && value.startsWith(token.text, at)) {
      at += token.text.length;
      index += 1;
      continue;
    }
    if (starIndex < 0 || starAt >= value.length) return false;
    starAt += 1;
    at = starAt;
    index = starIndex + 1;
  }
}

/** `undefined` says that a variable had no value. */
export function matchTemplate(template: Template, value: string, context: RequestContext): boolean | undefined {
  const tokens = resolveTemplate(template, context);
  return tokens === undefined ? undefined : matchTokens(tokens, value);
}
