import type { AttributeValue } from "../attribute-value.ts";
import { validation } from "../errors.ts";
import type { ServiceError } from "../../service.ts";
import type { Path } from "./ast.ts";
import type { Token, TokenKind } from "./lexer.ts";
import { tokenize } from "./lexer.ts";
import type { ExpressionNames } from "./names.ts";
import { RESERVED_WORDS } from "./reserved-words.ts";

const MAX_EXPRESSION_BYTES = 4096;
const MAX_OPERATORS = 300;
const MAX_PATH_DEPTH = 32;
/** Deeper than 300 operators allow in a useful expression, and far from the end of our own stack. */
const MAX_GROUPS = 300;
const MAX_LIST_INDEX = 2_147_483_647;

/** Stands in for a value that is not defined, so that the rest of the expression is still read. */
const UNDEFINED_VALUE: AttributeValue = { NULL: true };

/**
 * What every expression shares: tokens, paths, names, values. AWS reads an expression whole before it judges it, so a
 * syntax error is thrown at once, and other faults are noted and the gravest (lowest rank) is thrown by `finish`.
 */
export class ExpressionParser {
  readonly #kind: string;
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #operators = 0;
  #groups = 0;
  #fault: { rank: number; message: string } | undefined;
  protected readonly names: ExpressionNames;

  constructor(kind: string, source: string, names: ExpressionNames) {
    this.#kind = kind;
    this.#source = source;
    this.names = names;
    if (source.trim() === "") throw this.refusal("The expression can not be empty;");
    const sizeBytes = Buffer.byteLength(source);
    if (sizeBytes > MAX_EXPRESSION_BYTES) {
      throw this.refusal(
        `Expression size has exceeded the maximum allowed size; expression size: ${String(sizeBytes)}`,
      );
    }
    this.#tokens = tokenize(source);
  }

  protected refusal(message: string): ServiceError {
    return validation(`Invalid ${this.#kind}: ${message}`);
  }

  /** Notes a fault that is told only if the expression reads to its end and no graver one is met. */
  protected note(rank: number, message: string): void {
    if (this.#fault === undefined || rank < this.#fault.rank) this.#fault = { rank, message };
  }

  protected get position(): number {
    return this.#position;
  }

  protected peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)] as Token;
  }

  protected is(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  protected isKeyword(keyword: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "word" && token.text.length === keyword.length && token.text.toUpperCase() === keyword;
  }

  protected advance(): Token {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  /** Moves past a token of this kind, if it is the next. */
  protected accept(kind: TokenKind): boolean {
    const isNext = this.is(kind);
    if (isNext) this.#position += 1;
    return isNext;
  }

  protected expect(kind: TokenKind): Token {
    if (!this.is(kind)) throw this.syntaxError();
    return this.advance();
  }

  protected syntaxError(): ServiceError {
    const token = this.peek();
    const from = this.#tokens[this.#position - 1]?.start ?? token.start;
    const next = this.peek(1);
    const near = this.#source.slice(from, next.kind === "end" ? next.start : next.start + next.text.length).trim();
    return this.refusal(`Syntax error; token: "${token.text}", near: "${near}"`);
  }

  protected countOperator(): void {
    this.#operators += 1;
    if (this.#operators > MAX_OPERATORS) {
      throw this.refusal(`The expression contains too many operators; operator count: ${String(this.#operators)}`);
    }
  }

  /** Runs `read` one group deeper; bounds the recursion that the caller's text can cause. */
  protected nested<T>(read: () => T): T {
    this.#groups += 1;
    if (this.#groups > MAX_GROUPS) throw this.refusal("The expression is nested too deeply");
    const result = read();
    this.#groups -= 1;
    return result;
  }

  /** Throws what was noted, and a syntax error where text is left over. */
  protected finish(): void {
    if (!this.is("end")) throw this.syntaxError();
    if (this.#fault !== undefined) throw this.refusal(this.#fault.message);
  }

  #attributeName(reservedRank: number, undefinedRank: number): string {
    const token = this.peek();
    if (token.kind === "name") {
      this.#position += 1;
      const name = this.names.name(token.text);
      if (name === undefined) {
        this.note(
          undefinedRank,
          `An expression attribute name used in the document path is not defined; attribute name: ${token.text}`,
        );
        return "";
      }
      return name;
    }
    if (token.kind !== "word") throw this.syntaxError();
    this.#position += 1;
    if (RESERVED_WORDS.has(token.text.toUpperCase())) {
      this.note(reservedRank, `Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    }
    return token.text;
  }

  /** A document path such as `#a.b[0]`, names resolved. */
  protected path(reservedRank: number, undefinedRank: number, start?: Path): Path {
    const path: (string | number)[] = start ? [...start] : [this.#attributeName(reservedRank, undefinedRank)];
    for (;;) {
      if (this.accept(".")) {
        path.push(this.#attributeName(reservedRank, undefinedRank));
      } else if (this.accept("[")) {
        const digits = this.expect("index").text;
        const index = Number(digits);
        if (index > MAX_LIST_INDEX) {
          throw this.refusal(`List index is not within the allowable range; index: [${digits}]`);
        }
        path.push(index);
        this.expect("]");
      } else {
        break;
      }
    }
    if (path.length > MAX_PATH_DEPTH) {
      throw this.refusal(`The document path has too many nesting elements; nesting levels: ${String(path.length)}`);
    }
    this.names.attributes.add(path[0] as string);
    return path;
  }

  /** The value of the `:v` token that is next. */
  protected value(undefinedRank: number): AttributeValue {
    const token = this.expect("value");
    const value = this.names.value(token.text);
    if (value === undefined) {
      this.note(
        undefinedRank,
        `An expression attribute value used in expression is not defined; attribute value: ${token.text}`,
      );
    }
    return value ?? UNDEFINED_VALUE;
  }
}
