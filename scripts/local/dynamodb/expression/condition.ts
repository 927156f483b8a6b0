import type { AttributeValue, Item } from "../attribute-value.ts";
import { compareValues, sameValue, typeOf } from "../attribute-value.ts";
import type { Comparator, Condition, Operand } from "./ast.ts";
import { valueAt } from "./path.ts";

/** `size()` of a value: characters, bytes or members; undefined for types that have no size. */
function sizeOf(value: AttributeValue): number | undefined {
  if ("S" in value) return value.S.length;
  if ("B" in value) return Buffer.byteLength(value.B, "base64");
  if ("M" in value) return Object.keys(value.M).length;
  const members = "L" in value ? value.L : "SS" in value ? value.SS : "NS" in value ? value.NS : undefined;
  return (members ?? ("BS" in value ? value.BS : undefined))?.length;
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "path":
      return valueAt(item, operand.path);
    case "size": {
      const value = resolve(operand.of, item);
      const size = value && sizeOf(value);
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (comparator === "<>") return left === undefined || right === undefined || !sameValue(left, right);
  if (left === undefined || right === undefined) return false;
  if (comparator === "=") return sameValue(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value === undefined || prefix === undefined) return false;
  if ("S" in value) return "S" in prefix && value.S.startsWith(prefix.S);
  if (!("B" in value) || !("B" in prefix)) return false;
  const bytes = Buffer.from(prefix.B, "base64");
  return Buffer.from(value.B, "base64").subarray(0, bytes.length).equals(bytes);
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if ("S" in value) return "S" in part && value.S.includes(part.S);
  if ("B" in value) return "B" in part && Buffer.from(value.B, "base64").includes(Buffer.from(part.B, "base64"));
  if ("L" in value) return value.L.some((element) => sameValue(element, part));
  if ("SS" in value) return "S" in part && value.SS.includes(part.S);
  if ("NS" in value) return "N" in part && value.NS.includes(part.N);
  return "BS" in value && "B" in part && value.BS.includes(part.B);
}

/** Whether an item meets a condition; a missing item is `{}`. Operands of types that do not compare make it false. */
export function meets(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case "and":
      return condition.terms.every((term) => meets(term, item));
    case "or":
      return condition.terms.some((term) => meets(term, item));
    case "not":
      return !meets(condition.term, item);
    case "compare":
      return compares(condition.comparator, resolve(condition.left, item), resolve(condition.right, item));
    case "between": {
      const value = resolve(condition.operand, item);
      return (
        compares(">=", value, resolve(condition.low, item)) && compares("<=", value, resolve(condition.high, item))
      );
    }
    case "in": {
      const value = resolve(condition.operand, item);
      return condition.candidates.some((candidate) => compares("=", value, resolve(candidate, item)));
    }
    case "attribute_exists":
      return valueAt(item, condition.path) !== undefined;
    case "attribute_not_exists":
      return valueAt(item, condition.path) === undefined;
    case "attribute_type": {
      const value = resolve(condition.operand, item);
      return value !== undefined && typeOf(value) === condition.type;
    }
    case "begins_with":
      return beginsWith(resolve(condition.operand, item), resolve(condition.part, item));
    case "contains":
      return contains(resolve(condition.operand, item), resolve(condition.part, item));
  }
}

/** The top-level attributes that a condition reads. */
export function attributesIn(condition: Condition): Set<string> {
  const attributes = new Set<string>();
  const operands = (...list: readonly Operand[]): void => {
    for (const operand of list) {
      if (operand.kind === "path") attributes.add(operand.path[0] as string);
      else if (operand.kind === "size") operands(operand.of);
    }
  };
  const visit = (node: Condition): void => {
    switch (node.kind) {
      case "and":
      case "or":
        node.terms.forEach(visit);
        return;
      case "not":
        visit(node.term);
        return;
      case "compare":
        operands(node.left, node.right);
        return;
      case "between":
        operands(node.operand, node.low, node.high);
        return;
      case "in":
        operands(node.operand, ...node.candidates);
        return;
      case "attribute_exists":
      case "attribute_not_exists":
        attributes.add(node.path[0] as string);
        return;
      case "attribute_type":
        operands(node.operand);
        return;
      case "begins_with":
      case "contains":
        operands(node.operand, node.part);
    }
  };
  visit(condition);
  return attributes;
}
