import { typeDefinition } from "../definitions.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { issue, type Rule, type ValidationIssue } from "../issue.ts";
import { isResourceType, type ResourceType } from "../supported-types.ts";
import { type SearchParameter, searchParameter, type SearchParameterType } from "./parameters.ts";
import type { Criterion, Include, Modifier, SearchQuery, SearchValue, SortKey, Summary } from "./query.ts";
import { parseValue, splitEscaped } from "./values.ts";

export interface InvalidSearch {
  readonly kind: "invalid";
  readonly issues: readonly ValidationIssue[];
}

export interface SearchOptions {
  /** This server's FHIR base with a slash at its end; absolute references under it are read as relative ones. */
  readonly base?: string;
  /** `Prefer: handling=lenient`: parameters we do not know are left out instead of refused. FHIR R4 search.html#errors. */
  readonly isLenient?: boolean;
}

const MODIFIERS: Readonly<Record<SearchParameterType, readonly Modifier[]>> = {
  token: ["missing", "not", "text", "of-type"],
  string: ["missing", "exact", "contains"],
  date: ["missing"],
  number: ["missing"],
  quantity: ["missing"],
  reference: ["missing", "identifier"],
  uri: ["missing", "above", "below"],
  composite: ["missing"],
};

const MAX_PARAMETERS = 40;
const MAX_VALUES = 100;
const MAX_LENGTH = 10_000;
export const MAX_COUNT = 1_000;

class SearchParser {
  readonly issues: ValidationIssue[] = [];
  private readonly criteria: Criterion[] = [];
  private readonly sort: SortKey[] = [];
  private readonly includes: Include[] = [];
  private readonly revIncludes: Include[] = [];
  private readonly results: {
    count?: number;
    total?: SearchQuery["total"];
    summary?: Summary;
    elements?: readonly string[];
  } = {};
  private readonly type: ResourceType;
  private readonly options: SearchOptions;

  constructor(type: ResourceType, options: SearchOptions) {
    this.type = type;
    this.options = options;
  }

  /** `code` is one that we know; the name of an unknown parameter is the caller's text and stays out. */
  private report(rule: Extract<Rule, `search-${string}`>, code?: string): void {
    this.issues.push(issue(code === undefined ? this.type : `http.${code}`, rule));
  }

  parameter(name: string, value: string): void {
    switch (name) {
      case "_sort":
        return this.sortBy(value);
      case "_count":
        return this.count(value);
      case "_total":
        return this.choose(name, value, ["none", "estimate", "accurate"] as const, (total) => ({ total }));
      case "_summary":
        return this.choose(name, value, ["true", "text", "data", "count", "false"] as const, (summary) => ({
          summary,
        }));
      case "_elements":
        return this.elements(value);
      // How the answer is written is negotiated elsewhere.
      case "_format":
      case "_pretty":
        return;
      default:
        return /^_(?:rev)?include(?::|$)/.test(name) ? this.include(name, value) : this.criterion(name, value);
    }
  }

  private criterion(name: string, text: string): void {
    const [code = "", modifierText, ...more] = name.split(":");
    if (code.includes(".") || code === "_has" || modifierText?.includes(".") === true)
      return this.report("search-chain");
    const parameter = searchParameter(this.type, code);
    if (!parameter) return this.unknown();
    if (more.length > 0) return this.report("search-modifier", code);
    const isNarrowed =
      parameter.type === "reference" && isResourceType(modifierText) && parameter.targets.includes(modifierText);
    const modifier =
      MODIFIERS[parameter.type].find((known) => known === modifierText) ?? (isNarrowed ? "type" : undefined);
    if (modifierText !== undefined && modifier === undefined) return this.report("search-modifier", code);
    if (modifier === "missing") return this.missing(parameter, text);
    return this.values(parameter, modifier, text, isNarrowed ? modifierText : undefined);
  }

  private unknown(): void {
    if (this.options.isLenient !== true) this.report("search-unknown");
  }

  private missing(parameter: SearchParameter, text: string): void {
    if (text !== "true" && text !== "false") return this.report("search-value", parameter.code);
    this.criteria.push({ parameter, modifier: "missing", isMissing: text === "true", values: [] });
  }

  private values(
    parameter: SearchParameter,
    modifier: Modifier | undefined,
    text: string,
    narrowed: ResourceType | undefined,
  ): void {
    const texts = splitEscaped(text, ",");
    if (texts.length > MAX_VALUES) return this.report("search-size", parameter.code);
    const values: SearchValue[] = [];
    for (const part of texts) {
      const value = parseValue(parameter, modifier, part, { base: this.options.base, narrowed });
      if (value) values.push(value);
    }
    if (values.length < texts.length) return this.report("search-value", parameter.code);
    this.criteria.push({ parameter, values, ...(modifier === undefined ? {} : { modifier }) });
  }

  private sortBy(text: string): void {
    if (this.sort.length > 0) return this.report("search-repeated", "_sort");
    for (const part of text.split(",")) {
      const isDescending = part.startsWith("-");
      const parameter = searchParameter(this.type, isDescending ? part.slice(1) : part);
      if (!parameter || parameter.type === "composite") return this.report("search-value", "_sort");
      this.sort.push({ parameter, isDescending });
    }
  }

  private count(text: string): void {
    if (this.results.count !== undefined) return this.report("search-repeated", "_count");
    if (!/^\d{1,9}$/.test(text)) return this.report("search-value", "_count");
    this.results.count = Math.min(Number(text), MAX_COUNT);
  }

  private choose<T extends string>(
    name: "_total" | "_summary",
    text: string,
    choices: readonly T[],
    result: (choice: T) => { total?: SearchQuery["total"]; summary?: Summary },
  ): void {
    const choice = choices.find((known) => known === text);
    if (choice === undefined) return this.report("search-value", name);
    if (this.results[name === "_total" ? "total" : "summary"] !== undefined)
      return this.report("search-repeated", name);
    Object.assign(this.results, result(choice));
  }

  private elements(text: string): void {
    const names = text.split(",");
    const known = typeDefinition(this.type)?.elements.map(({ name }) => name.replace("[x]", "")) ?? [];
    if (!names.every((name) => known.includes(name))) return this.report("search-value", "_elements");
    this.results.elements = [...(this.results.elements ?? []), ...names];
  }

  /** `Type:parameter`, `Type:parameter:Target`; `:iterate` on the name. FHIR R4 search.html#revinclude. */
  private include(name: string, text: string): void {
    const [keyword = "", modifier, ...more] = name.split(":");
    if (more.length > 0 || (modifier !== undefined && modifier !== "iterate"))
      return this.report("search-modifier", keyword);
    const [source, code = "", target, ...rest] = text.split(":");
    const isReverse = keyword === "_revinclude";
    const parameter = isResourceType(source) ? searchParameter(source, code) : undefined;
    const isKnownTarget =
      target === undefined || (isResourceType(target) && parameter?.targets.includes(target) === true);
    const isOfType = isReverse || modifier === "iterate" || source === this.type;
    if (!isResourceType(source) || parameter?.type !== "reference" || !isKnownTarget || !isOfType || rest.length > 0) {
      return this.report("search-value", keyword);
    }
    const include: Include = {
      source,
      parameter,
      isIterated: modifier === "iterate",
      ...(isResourceType(target) ? { target } : {}),
    };
    (isReverse ? this.revIncludes : this.includes).push(include);
  }

  query(): SearchQuery {
    const { type, criteria, sort, includes, revIncludes } = this;
    return { type, criteria, sort, includes, revIncludes, ...this.results } as SearchQuery;
  }
}

/**
 * Reads a FHIR search on one type from its query string or form body. Strict: a parameter, modifier or value that we do
 * not know is an issue and never a silent "everything matches" (FHIR R4 search.html#errors). Chained parameters and
 * `_has` are refused by name. Issues name known parameters only.
 */
export function parseSearch(
  type: ResourceType,
  query: string | URLSearchParams,
  options: SearchOptions = {},
): Result<SearchQuery, InvalidSearch> {
  const parser = new SearchParser(type, options);
  const pairs = typeof query === "string" ? new URLSearchParams(query) : query;
  if (pairs.toString().length > MAX_LENGTH || [...pairs.keys()].length > MAX_PARAMETERS) {
    return err({ kind: "invalid", issues: [issue(type, "search-size")] });
  }
  for (const [name, value] of pairs) parser.parameter(name, value);
  return parser.issues.length > 0 ? err({ kind: "invalid", issues: parser.issues }) : ok(parser.query());
}
