import type { FilterPattern } from "./mapping.ts";

/**
 * Whether a record passes a mapping's filters: one pattern that matches is enough, and no pattern lets all through.
 * Source: Lambda Developer Guide, "Control which events Lambda sends to your function".
 * Comparisons: equals, prefix, suffix, anything-but, exists, numeric. Any other throws, so that no filter is ignored.
 */
export function passesFilters(record: unknown, filters: readonly FilterPattern[]): boolean {
  return filters.length === 0 || filters.some((filter) => matches(record, filter));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function matches(value: unknown, pattern: FilterPattern): boolean {
  const object = isObject(value) ? value : {};
  return Object.entries(pattern).every(([key, expected]) => {
    const member = object[key];
    return isPattern(expected) ? matches(member, expected) : expected.some((rule) => matchesRule(member, rule));
  });
}

const isPattern = (expected: FilterPattern | readonly unknown[]): expected is FilterPattern => !Array.isArray(expected);

function matchesRule(value: unknown, rule: unknown): boolean {
  if (!isObject(rule)) return value === rule;
  const [comparison, operand] = Object.entries(rule)[0] ?? [];
  switch (comparison) {
    case "exists":
      return (value !== undefined) === operand;
    case "prefix":
      return typeof value === "string" && value.startsWith(String(operand));
    case "suffix":
      return typeof value === "string" && value.endsWith(String(operand));
    case "anything-but":
      return value !== undefined && !(Array.isArray(operand) ? operand : [operand]).includes(value);
    case "numeric":
      return matchesNumbers(value, operand as readonly unknown[]);
    default:
      throw new Error(`filter comparison ${String(comparison)} is not supported`);
  }
}

function matchesNumbers(value: unknown, operand: readonly unknown[]): boolean {
  // DynamoDB gives numbers as text.
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
  for (let index = 0; index < operand.length; index += 2) {
    const limit = Number(operand[index + 1]);
    switch (operand[index]) {
      case "=":
        if (number !== limit) return false;
        break;
      case ">":
        if (!(number > limit)) return false;
        break;
      case ">=":
        if (!(number >= limit)) return false;
        break;
      case "<":
        if (!(number < limit)) return false;
        break;
      case "<=":
        if (!(number <= limit)) return false;
        break;
      default:
        throw new Error("filter comparison numeric takes =, <, <=, > and >=");
    }
  }
  return !Number.isNaN(number);
}
