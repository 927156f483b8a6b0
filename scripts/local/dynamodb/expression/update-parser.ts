import type { AttributeValue } from "../attribute-value.ts";
import { typeOf } from "../attribute-value.ts";
import type { Expression, Path, Update } from "./ast.ts";
import type { ExpressionNames } from "./names.ts";
import { ExpressionParser } from "./parser.ts";
import { pathClash } from "./path.ts";

/** In the order in which AWS tells them. */
const FAULT = {
  reserved: 0,
  unknownFunction: 1,
  section: 2,
  undefinedName: 3,
  undefinedValue: 4,
  overlap: 5,
  operand: 6,
  type: 7,
} as const;

const SECTIONS = ["SET", "REMOVE", "ADD", "DELETE"] as const;
const LONG_TYPE_NAMES: Readonly<Record<string, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  NULL: "NULL",
  BOOL: "BOOLEAN",
  L: "LIST",
  M: "MAP",
};
/** Read in place of a faulty term; the parse ends in a throw, so it is never evaluated. */
const FAULTY: Expression = { kind: "value", value: { NULL: true } };

class UpdateParser extends ExpressionParser {
  readonly #paths: Path[] = [];
  readonly #set: { path: Path; value: Expression }[] = [];
  readonly #remove: Path[] = [];
  readonly #add: { path: Path; value: AttributeValue }[] = [];
  readonly #delete: { path: Path; value: AttributeValue }[] = [];

  parse(): Update {
    const seen = new Set<string>();
    while (!this.is("end")) {
      const section = SECTIONS.find((keyword) => this.isKeyword(keyword));
      if (section === undefined) throw this.syntaxError();
      this.advance();
      if (seen.has(section)) {
        this.note(FAULT.section, `The "${section}" section can only be used once in an update expression;`);
      }
      seen.add(section);
      do this.#clause(section);
      while (this.accept(","));
    }
    this.finish();
    return { set: this.#set, remove: this.#remove, add: this.#add, delete: this.#delete, paths: this.#paths };
  }

  #clause(section: (typeof SECTIONS)[number]): void {
    const path = this.path(FAULT.reserved, FAULT.undefinedName);
    for (const other of this.#paths) {
      const clash = pathClash(other, path);
      if (clash !== undefined) this.note(FAULT.overlap, clash);
    }
    this.#paths.push(path);
    this.countOperator();
    switch (section) {
      case "SET":
        this.expect("=");
        this.#set.push({ path, value: this.#sum() });
        return;
      case "REMOVE":
        this.#remove.push(path);
        return;
      case "ADD":
      case "DELETE": {
        const value = this.value(FAULT.undefinedValue);
        const type = typeOf(value);
        const isSet = type === "SS" || type === "NS" || type === "BS";
        if (!isSet && !(section === "ADD" && type === "N")) {
          this.note(
            FAULT.operand,
            `Incorrect operand type for operator or function; operator: ${section}, operand type: ${LONG_TYPE_NAMES[type] ?? type}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
          );
        }
        (section === "ADD" ? this.#add : this.#delete).push({ path, value });
      }
    }
  }

  #sum(): Expression {
    const left = this.#term();
    const operator = this.peek().kind;
    if (operator !== "+" && operator !== "-") return left;
    this.advance();
    this.countOperator();
    const right = this.#term();
    this.#checkTypes(operator, [left, right], "N");
    return { kind: operator, left, right };
  }

  #term(): Expression {
    if (this.accept("(")) {
      const inner = this.nested(() => this.#sum());
      this.expect(")");
      return inner;
    }
    if (this.is("value")) return { kind: "value", value: this.value(FAULT.undefinedValue) };
    if (this.peek().kind === "word" && this.peek(1).kind === "(") return this.nested(() => this.#function());
    return { kind: "path", path: this.path(FAULT.reserved, FAULT.undefinedName) };
  }

  #function(): Expression {
    const name = this.advance().text;
    this.countOperator();
    this.expect("(");
    const operands: Expression[] = [];
    do operands.push(this.#sum());
    while (this.accept(","));
    this.expect(")");
    if (name !== "if_not_exists" && name !== "list_append") {
      this.note(FAULT.unknownFunction, `Invalid function name; function: ${name}`);
      return FAULTY;
    }
    const [first, second] = operands;
    if (first === undefined || second === undefined || operands.length !== 2) {
      this.note(
        FAULT.operand,
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${String(operands.length)}`,
      );
      return FAULTY;
    }
    if (name === "list_append") {
      this.#checkTypes(name, operands, "L");
      return { kind: name, first, second };
    }
    if (first.kind !== "path") {
      this.note(FAULT.type, `Operator or function requires a document path; operator or function: ${name}`);
      return FAULTY;
    }
    return { kind: name, path: first.path, otherwise: second };
  }

  #checkTypes(operator: string, operands: readonly Expression[], wanted: string): void {
    for (const operand of operands) {
      if (operand.kind !== "value" || typeOf(operand.value) === wanted) continue;
      this.note(
        FAULT.type,
        `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
      );
    }
  }
}

/** Parses an UpdateExpression; throws ValidationException in AWS's words. */
export const parseUpdate = (source: string, names: ExpressionNames): Update =>
  new UpdateParser("UpdateExpression", source, names).parse();
