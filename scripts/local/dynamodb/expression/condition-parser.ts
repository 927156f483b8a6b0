import { compareValues, typeOf } from "../attribute-value.ts";
import type { Comparator, Condition, Operand, Path } from "./ast.ts";
import type { ExpressionNames } from "./names.ts";
import { ExpressionParser } from "./parser.ts";
import { pathText } from "./path.ts";

/** In the order in which AWS tells them. */
const FAULT = {
  parentheses: 0,
  unknownFunction: 1,
  misusedFunction: 2,
  reserved: 3,
  undefined: 4,
  operands: 5,
  distinct: 6,
  type: 7,
} as const;

const COMPARATORS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);
const FUNCTION_OPERANDS: ReadonlyMap<string, number> = new Map([
  ["attribute_exists", 1],
  ["attribute_not_exists", 1],
  ["attribute_type", 2],
  ["begins_with", 2],
  ["contains", 2],
  ["size", 1],
]);
const TYPE_NAMES: ReadonlySet<string> = new Set(["S", "N", "B", "NULL", "SS", "BOOL", "L", "BS", "NS", "M"]);
const MAX_IN_OPERANDS = 100;

/** Read in place of a faulty term; the parse ends in a throw, so it is never evaluated. */
const FAULTY_OPERAND: Operand = { kind: "value", value: { NULL: true } };
const FAULTY_CONDITION: Condition = { kind: "attribute_exists", path: [""] };

/** A parenthesis may hold either, and only what follows it tells which. */
type Term = Operand | Condition;

const isOperand = (term: Term): term is Operand =>
  term.kind === "path" || term.kind === "value" || term.kind === "size";

const samePath = (left: Operand, right: Operand): Path | undefined =>
  left.kind === "path" &&
  right.kind === "path" &&
  left.path.length === right.path.length &&
  left.path.every((element, index) => element === right.path[index])
    ? left.path
    : undefined;

/** The type of an operand that the expression itself fixes. */
const fixedType = (operand: Operand): string | undefined =>
  operand.kind === "value" ? typeOf(operand.value) : operand.kind === "size" ? "N" : undefined;

class ConditionParser extends ExpressionParser {
  #lastGroup = { start: -1, end: -1 };

  parse(): Condition {
    const condition = this.#asCondition(this.#or());
    this.finish();
    return condition;
  }

  #asCondition(term: Term): Condition {
    if (!isOperand(term)) return term;
    if (term.kind !== "size") throw this.syntaxError();
    this.#noteMisused("size");
    return FAULTY_CONDITION;
  }

  #noteMisused(name: string): void {
    this.note(
      FAULT.misusedFunction,
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  #asOperand(term: Term): Operand {
    if (isOperand(term)) return term;
    const isFunction = FUNCTION_OPERANDS.has(term.kind);
    if (!isFunction) throw this.syntaxError();
    this.#noteMisused(term.kind);
    return FAULTY_OPERAND;
  }

  #or(): Term {
    return this.#chain("OR", "or", () => this.#chain("AND", "and", () => this.#not()));
  }

  #chain(keyword: string, kind: "and" | "or", read: () => Term): Term {
    const first = read();
    if (!this.isKeyword(keyword)) return first;
    const terms = [this.#asCondition(first)];
    while (this.isKeyword(keyword)) {
      this.advance();
      this.countOperator();
      terms.push(this.#asCondition(read()));
    }
    return { kind, terms };
  }

  #not(): Term {
    if (!this.isKeyword("NOT")) return this.#comparison();
    this.advance();
    this.countOperator();
    return { kind: "not", term: this.nested(() => this.#asCondition(this.#not())) };
  }

  #comparison(): Term {
    const term = this.#primary();
    if (COMPARATORS.has(this.peek().kind)) {
      const left = this.#asOperand(term);
      const comparator = this.advance().kind as Comparator;
      this.countOperator();
      const right = this.#asOperand(this.#primary());
      this.#checkDistinct(comparator, left, right);
      if (comparator !== "=" && comparator !== "<>") this.#checkOrdered(comparator, [left, right]);
      return { kind: "compare", comparator, left, right };
    }
    if (this.isKeyword("BETWEEN")) return this.#between(this.#asOperand(term));
    if (this.isKeyword("IN")) return this.#in(this.#asOperand(term));
    return term;
  }

  #between(operand: Operand): Condition {
    this.advance();
    this.countOperator();
    const low = this.#asOperand(this.#primary());
    if (!this.isKeyword("AND")) throw this.syntaxError();
    this.advance();
    const high = this.#asOperand(this.#primary());
    this.#checkOrdered("BETWEEN", [operand, low, high]);
    if (low.kind === "value" && high.kind === "value") {
      if (typeOf(low.value) !== typeOf(high.value)) {
        this.note(FAULT.type, "The BETWEEN operator requires same data type for lower and upper bounds");
      } else if ((compareValues(low.value, high.value) ?? 0) > 0) {
        this.note(FAULT.type, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound");
      }
    }
    return { kind: "between", operand, low, high };
  }

  #in(operand: Operand): Condition {
    this.advance();
    this.countOperator();
    const candidates = this.#operandList();
    if (candidates.length > MAX_IN_OPERANDS) {
      throw this.refusal(
        `The IN operator is provided with too many operands; number of operands: ${String(candidates.length)}`,
      );
    }
    return { kind: "in", operand, candidates };
  }

  #operandList(): Operand[] {
    this.expect("(");
    const operands: Operand[] = [];
    do operands.push(this.#asOperand(this.#primary()));
    while (this.accept(","));
    this.expect(")");
    return operands;
  }

  #primary(): Term {
    if (this.is("(")) return this.#group();
    if (this.is("value")) return { kind: "value", value: this.value(FAULT.undefined) };
    if (this.peek().kind === "word" && this.peek(1).kind === "(" && !this.isKeyword("IN")) return this.#function();
    if (["AND", "OR", "NOT", "BETWEEN", "IN"].some((keyword) => this.isKeyword(keyword))) throw this.syntaxError();
    return { kind: "path", path: this.path(FAULT.reserved, FAULT.undefined) };
  }

  #group(): Term {
    const start = this.position;
    this.advance();
    const term = this.nested(() => this.#or());
    this.expect(")");
    const end = this.position;
    if (this.#lastGroup.start === start + 1 && this.#lastGroup.end === end - 1) {
      this.note(FAULT.parentheses, "The expression has redundant parentheses;");
    }
    this.#lastGroup = { start, end };
    if (term.kind === "path" && (this.is(".") || this.is("["))) {
      return { kind: "path", path: this.path(FAULT.reserved, FAULT.undefined, term.path) };
    }
    return term;
  }

  #function(): Term {
    const name = this.advance().text;
    this.countOperator();
    const operands = this.nested(() => this.#operandList());
    const expected = FUNCTION_OPERANDS.get(name);
    if (expected === undefined) {
      this.note(FAULT.unknownFunction, `Invalid function name; function: ${name}`);
      return FAULTY_CONDITION;
    }
    const [first, second] = operands;
    if (first === undefined || operands.length !== expected) {
      this.note(
        FAULT.operands,
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${String(operands.length)}`,
      );
      return name === "size" ? FAULTY_OPERAND : FAULTY_CONDITION;
    }
    if (second !== undefined) this.#checkDistinct(name, first, second);
    switch (name) {
      case "size": {
        const type = fixedType(first);
        if (type === "N" || type === "BOOL" || type === "NULL") this.#noteType(name, type);
        return { kind: "size", of: first };
      }
      case "attribute_exists":
      case "attribute_not_exists":
        if (first.kind === "path") return { kind: name, path: first.path };
        this.note(FAULT.type, `Operator or function requires a document path; operator or function: ${name}`);
        return FAULTY_CONDITION;
      case "attribute_type":
        return this.#attributeType(first, second ?? FAULTY_OPERAND);
      case "begins_with":
        for (const operand of operands) {
          const type = fixedType(operand);
          if (type !== undefined && type !== "S" && type !== "B") this.#noteType(name, type);
        }
        return { kind: name, operand: first, part: second ?? FAULTY_OPERAND };
      default:
        return { kind: "contains", operand: first, part: second ?? FAULTY_OPERAND };
    }
  }

  #attributeType(operand: Operand, wanted: Operand): Condition {
    if (wanted.kind !== "value" || !("S" in wanted.value)) {
      this.#noteType("attribute_type", fixedType(wanted) ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      return FAULTY_CONDITION;
    }
    if (!TYPE_NAMES.has(wanted.value.S)) {
      this.note(FAULT.type, "Invalid attribute type name found; valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    }
    return { kind: "attribute_type", operand, type: wanted.value.S };
  }

  #noteType(operator: string, type: string): void {
    this.note(
      FAULT.type,
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    );
  }

  #checkOrdered(operator: string, operands: readonly Operand[]): void {
    for (const operand of operands) {
      const type = fixedType(operand);
      if (type !== undefined && type !== "S" && type !== "N" && type !== "B") this.#noteType(operator, type);
    }
  }

  #checkDistinct(operator: string, left: Operand, right: Operand): void {
    const path = samePath(left, right);
    if (path === undefined) return;
    this.note(
      FAULT.distinct,
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${pathText(path)}`,
    );
  }
}

export type ConditionKind = "ConditionExpression" | "FilterExpression" | "KeyConditionExpression";

/** Parses a condition; throws ValidationException in AWS's words. */
export const parseCondition = (kind: ConditionKind, source: string, names: ExpressionNames): Condition =>
  new ConditionParser(kind, source, names).parse();
