import { OPERATORS } from "./operators.ts";
import type { RequestContext } from "./template.ts";

type Block = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Whether a condition block holds. `whenUnclear` is the answer for what AWS would refuse to store or does not document
 * (an unknown operator, a single-valued operator on several values): false in an Allow and true in a Deny, so that
 * doubt never permits.
 */
export type ConditionTest = (context: RequestContext, whenUnclear: boolean) => boolean;

interface OperatorName {
  readonly set: "ForAllValues" | "ForAnyValue" | undefined;
  readonly base: string;
  readonly ifExists: boolean;
}

const OPERATOR_NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** Parts `ForAllValues:StringLikeIfExists`; undefined when it is no operator of IAM's. */
export function parseOperator(name: string): OperatorName | undefined {
  const [, set, base, ifExists] = OPERATOR_NAME.exec(name) ?? [];
  if (base === undefined) return undefined;
  if (base === "Null") return set === undefined && ifExists === undefined ? { set, base, ifExists: false } : undefined;
  if (!Object.hasOwn(OPERATORS, base)) return undefined;
  return { set: set as OperatorName["set"], base, ifExists: ifExists !== undefined };
}

export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Prepares a block once. All operators and all keys must hold. Source: IAM User Guide, "Condition". */
export function compileCondition(block: Block | undefined): ConditionTest {
  const tests: ConditionTest[] = [];
  for (const [operator, keys] of Object.entries(block ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) tests.push(compileKey(operator, key, asList(wanted)));
  }
  return (context, whenUnclear) => tests.every((test) => test(context, whenUnclear));
}

function compileKey(operator: string, key: string, wanted: readonly string[]): ConditionTest {
  const name = parseOperator(operator);
  if (name === undefined) return (_context, whenUnclear) => whenUnclear;
  const contextKey = key.toLowerCase();
  if (name.base === "Null") return compileNull(contextKey, wanted);
  const { negated, prepare } = OPERATORS[name.base] ?? { negated: false, prepare: () => () => undefined };
  // Stored policies say true and 10 as well as "true" and "10".
  const tests = wanted.map((value) => prepare(String(value)));
  // A variable without a value makes its policy value match nothing, which a negated operator takes as a match.
  const matches = (value: string, context: RequestContext): boolean =>
    tests.some((test) => test(value, context) === true);
  const holds = (value: string, context: RequestContext): boolean => matches(value, context) !== negated;
  return (context, whenUnclear) => {
    const values = context.get(contextKey);
    if (values === undefined)
      return name.set === "ForAllValues" || name.ifExists || (negated && name.set === undefined);
    if (name.set === "ForAllValues") return values.every((value) => holds(value, context));
    if (name.set === "ForAnyValue") return values.some((value) => holds(value, context));
    const [only] = values;
    return values.length === 1 && only !== undefined ? holds(only, context) : whenUnclear;
  };
}

function compileNull(contextKey: string, wanted: readonly string[]): ConditionTest {
  const flags = wanted.map((flag) => String(flag).toLowerCase());
  const isClear = flags.length > 0 && flags.every((flag) => flag === "true" || flag === "false");
  return (context, whenUnclear) => {
    if (!isClear) return whenUnclear;
    return flags.includes(context.has(contextKey) ? "false" : "true");
  };
}
