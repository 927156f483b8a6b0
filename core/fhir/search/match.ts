import { impliesSystem } from "../binding.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { parseReference } from "../references.ts";
import type { FhirResource } from "../validate.ts";
import { storedDateRange } from "./dates.ts";
import { storedNumberRange, unitOf } from "./numbers.ts";
import type { Criterion, Modifier, SearchQuery, SearchValue } from "./query.ts";
import { compareRanges } from "./range.ts";
import { type Selected, selectorOf } from "./select.ts";
import { displaysOf, fold, textsOf } from "./texts.ts";

export interface MatchOptions {
  /** Milliseconds since the epoch: `ap` allows a tenth of the time between a date and now. */
  readonly nowMs: number;
}

type Test = (stored: Selected) => boolean;
type Value<K extends SearchValue["kind"]> = Extract<SearchValue, { kind: K }>;

interface StoredToken {
  readonly system: unknown;
  readonly code: string | undefined;
}

/** Codes are strings; booleans are searched as `true` and `false`. */
const codeText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? `${value}` : undefined;

const asObjects = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** FHIR R4 search.html#token: which parts of each type match. */
function tokensOf({ type, value }: Selected): readonly StoredToken[] {
  if (!isJsonObject(value)) return [{ system: undefined, code: codeText(value) }];
  if (type === "CodeableConcept") {
    return asObjects(value["coding"]).map(({ system, code }) => ({ system, code: codeText(code) }));
  }
  return [{ system: value["system"], code: codeText(type === "Coding" ? value["code"] : value["value"]) }];
}

/**
 * Codes match whatever their case: "When in doubt, servers SHOULD treat tokens in a case-insensitive manner, on the
 * grounds that including undesired data has less safety implications than excluding desired behavior". Ids do not.
 * A code element has no system of its own: its required value set implies one.
 */
function tokenTest({ system, code }: Value<"token">): Test {
  const folded = code?.toLowerCase();
  return (stored) => {
    const isSystem = (of: unknown): boolean => {
      if (system === undefined || of === system) return true;
      if (system === "") return of === undefined;
      return of === undefined && impliesSystem(stored.element?.binding, system);
    };
    const isCode = (of: string | undefined): boolean =>
      code === undefined || (stored.type === "id" ? of === code : of?.toLowerCase() === folded);
    return tokensOf(stored).some((token) => isSystem(token.system) && isCode(token.code));
  };
}

function ofTypeTest({ system, code, value }: Value<"of-type">): Test {
  return ({ value: stored }) => {
    if (!isJsonObject(stored) || stored["value"] !== value || !isJsonObject(stored["type"])) return false;
    return asObjects(stored["type"]["coding"]).some((coding) => coding["system"] === system && coding["code"] === code);
  };
}

function textTest({ text }: Value<"text">, modifier: Modifier | undefined): Test {
  if (modifier === "exact") return (stored) => textsOf(stored).includes(text);
  const folded = fold(text);
  if (modifier === "contains") return (stored) => textsOf(stored).some((own) => fold(own).includes(folded));
  const read = modifier === "text" ? displaysOf : textsOf;
  return (stored) => read(stored).some((own) => fold(own).startsWith(folded));
}

function dateTest({ prefix, range }: Value<"date">, nowMs: number): Test {
  const slack = Math.abs(nowMs - range.low) / 10;
  return (stored) => {
    const own = storedDateRange(stored);
    return own !== undefined && compareRanges(prefix, range, own, slack);
  };
}

function numberTest({ prefix, range }: Value<"number"> | Value<"quantity">): Test {
  const slack = Math.abs(range.low) / 10;
  return (stored) => {
    const own = storedNumberRange(stored);
    return own !== undefined && compareRanges(prefix, range, own, slack);
  };
}

/** Without a system the code may also be the unit as people write it. UCUM tells units apart by case, and so do we. */
function quantityTest(value: Value<"quantity">): Test {
  const isNumber = numberTest(value);
  const { system, code } = value;
  return (stored) => {
    const unit = unitOf(stored);
    if (system !== undefined && unit.system !== system) return false;
    const isCode = code === undefined || unit.code === code || (system === undefined && unit.unit === code);
    return isCode && isNumber(stored);
  };
}

function referenceTest({ types, id }: Value<"reference">): Test {
  return ({ value }) => {
    if (!isJsonObject(value) || typeof value["reference"] !== "string") return false;
    const target = parseReference(value["reference"]);
    return target.kind === "relative" && target.id === id && types.includes(target.type);
  };
}

/** URIs match exactly; a canonical also without its version. `:below` and `:above` go by path segments. */
function urlTest({ url }: Value<"url">, modifier: Modifier | undefined): Test {
  const isUnder = (inner: string, outer: string): boolean =>
    inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
  return ({ type, value }) => {
    const own = isJsonObject(value) ? value["reference"] : value;
    if (typeof own !== "string") return false;
    if (modifier === "below") return isUnder(own, url);
    if (modifier === "above") return isUnder(url, own);
    return own === url || (type === "canonical" && own.split("|")[0] === url);
  };
}

/** The parts have to match within one element of the base. */
function compositeTest({ parts }: Value<"composite">, criterion: Criterion, options: MatchOptions): Test {
  const tests = parts.map((part, index) => ({
    select: selectorOf(criterion.parameter.components[index]?.expression ?? ""),
    test: valueTest(part, criterion, options),
  }));
  return (base) => tests.every(({ select, test }) => select(base).some(test));
}

/** `reference:identifier` asks the Identifier inside of a Reference. */
const onIdentifier =
  (test: Test): Test =>
  (stored) =>
    isJsonObject(stored.value) && test({ type: "Identifier", value: stored.value["identifier"] ?? {} });

function valueTest(value: SearchValue, criterion: Criterion, options: MatchOptions): Test {
  const { modifier } = criterion;
  switch (value.kind) {
    case "token":
      return modifier === "identifier" ? onIdentifier(tokenTest(value)) : tokenTest(value);
    case "of-type":
      return ofTypeTest(value);
    case "text":
      return textTest(value, modifier);
    case "date":
      return dateTest(value, options.nowMs);
    case "number":
      return numberTest(value);
    case "quantity":
      return quantityTest(value);
    case "reference":
      return referenceTest(value);
    case "url":
      return urlTest(value, modifier);
    case "composite":
      return compositeTest(value, criterion, options);
  }
}

function criterionTest(criterion: Criterion, options: MatchOptions): (root: Selected) => boolean {
  const select = selectorOf(criterion.parameter.expression);
  const { modifier, isMissing, values } = criterion;
  if (modifier === "missing") return (root) => (select(root).length === 0) === isMissing;
  const tests = values.map((value) => valueTest(value, criterion, options));
  const isAny = (root: Selected): boolean => select(root).some((stored) => tests.some((test) => test(stored)));
  // `:not` also finds what has no value at all.
  return modifier === "not" ? (root) => !isAny(root) : isAny;
}

/**
 * A test for resources against a query: its type and every criterion (FHIR R4 search.html). Compile once, apply to many.
 * Includes, paging and sorting are not its matter.
 */
export function matcher(query: SearchQuery, options: MatchOptions): (resource: FhirResource) => boolean {
  const tests = query.criteria.map((criterion) => criterionTest(criterion, options));
  return (resource) => {
    const root: Selected = { type: resource.resourceType, value: resource };
    return resource.resourceType === query.type && tests.every((test) => test(root));
  };
}
