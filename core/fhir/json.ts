import { err, ok, type Result } from "../kernel/result.ts";
import { keepLexeme } from "./decimal.ts";

/** A JSON object of which nothing more is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export interface JsonLimits {
  /** UTF-8 bytes; for a string, its UTF-16 length is checked instead. */
  readonly maxBytes: number;
  /** Arrays and objects inside each other. */
  readonly maxDepth: number;
  /** Values of any kind, in the whole text. */
  readonly maxValues: number;
}

/** 6 MB is what a Lambda invocation may carry; no FHIR element nests anywhere near 64 deep outside of an attack. */
export const DEFAULT_JSON_LIMITS: JsonLimits = { maxBytes: 6 * 1024 * 1024, maxDepth: 64, maxValues: 500_000 };

/** Without position and content: what a body holds is never echoed. */
export type JsonRule =
  | "json-size"
  | "json-depth"
  | "json-values"
  | "json-utf8"
  | "json-bom"
  | "json-surrogate"
  | "json-syntax"
  | "json-number"
  | "json-duplicate-key"
  | "json-forbidden-key";

/** `kind` is the FHIR issue type: https://hl7.org/fhir/R4/valueset-issue-type.html */
export interface JsonError {
  readonly kind: "structure" | "too-long" | "too-costly";
  readonly rule: JsonRule;
}

/** FHIR's widest object has some sixty elements. */
const MAX_KEYS = 1_000;
const MAX_NUMBER_LENGTH = 40;
/** Names that every object inherits: `__proto__`, `constructor`, `valueOf`... None is a FHIR element. */
const FORBIDDEN_KEYS = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

class JsonFault extends Error {
  readonly rule: JsonRule;
  constructor(rule: JsonRule) {
    super(rule);
    this.rule = rule;
  }
}

/** Everything from U+0020 on but the quote and the backslash. */
const PLAIN_STRING = /[ !#-[\]-\uffff]*/y;
const ESCAPED_STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = 0x20;
const QUOTE = 0x22;

/** One pass over the text, RFC 8259, with the refusals of `parseJson`. Recursion is bounded by `maxDepth`. */
class Parser {
  private offset = 0;
  private values = 0;
  private readonly text: string;
  private readonly limits: JsonLimits;

  constructor(text: string, limits: JsonLimits) {
    this.text = text;
    this.limits = limits;
  }

  parse(): unknown {
    const value = this.readValue(1, undefined, "");
    if (this.skipSpace() !== -1) throw new JsonFault("json-syntax");
    return value;
  }

  /** The next significant character's code, -1 at the end. */
  private skipSpace(): number {
    for (; this.offset < this.text.length; this.offset += 1) {
      const code = this.text.charCodeAt(this.offset);
      if (code > SPACE || (code !== SPACE && code !== 9 && code !== 10 && code !== 13)) return code;
    }
    return -1;
  }

  private readValue(depth: number, holder: object | undefined, key: string | number): unknown {
    this.values += 1;
    if (this.values > this.limits.maxValues) throw new JsonFault("json-values");
    switch (this.skipSpace()) {
      case 0x7b:
        return this.readObject(depth);
      case 0x5b:
        return this.readArray(depth);
      case QUOTE:
        return this.readString();
      case 0x74:
        return this.readWord("true", true);
      case 0x66:
        return this.readWord("false", false);
      case 0x6e:
        return this.readWord("null", null);
      default:
        return this.readNumber(holder, key);
    }
  }

  private enter(depth: number): void {
    if (depth > this.limits.maxDepth) throw new JsonFault("json-depth");
    this.offset += 1;
  }

  private readObject(depth: number): object {
    this.enter(depth);
    const object: Record<string, unknown> = {};
    let count = 0;
    if (this.skipSpace() === 0x7d) return this.leave(object);
    for (;;) {
      if (this.skipSpace() !== QUOTE) throw new JsonFault("json-syntax");
      const key = this.readString();
      if (FORBIDDEN_KEYS.has(key)) throw new JsonFault("json-forbidden-key");
      if (Object.hasOwn(object, key)) throw new JsonFault("json-duplicate-key");
      count += 1;
      if (count > MAX_KEYS) throw new JsonFault("json-values");
      if (this.skipSpace() !== 0x3a) throw new JsonFault("json-syntax");
      this.offset += 1;
      object[key] = this.readValue(depth + 1, object, key);
      if (this.isLast(0x7d)) return object;
    }
  }

  private readArray(depth: number): unknown[] {
    this.enter(depth);
    const array: unknown[] = [];
    if (this.skipSpace() === 0x5d) return this.leave(array);
    for (;;) {
      array.push(this.readValue(depth + 1, array, array.length));
      if (this.isLast(0x5d)) return array;
    }
  }

  private leave<T>(value: T): T {
    this.offset += 1;
    return value;
  }

  /** Moves over `,` or the closing bracket; true when it was the bracket. */
  private isLast(close: number): boolean {
    const code = this.skipSpace();
    if (code !== close && code !== 0x2c) throw new JsonFault("json-syntax");
    this.offset += 1;
    return code === close;
  }

  private readString(): string {
    const start = this.offset + 1;
    PLAIN_STRING.lastIndex = start;
    PLAIN_STRING.test(this.text);
    const end = PLAIN_STRING.lastIndex;
    if (this.text.charCodeAt(end) === QUOTE) {
      this.offset = end + 1;
      return this.text.slice(start, end);
    }
    return this.readEscaped();
  }

  private readEscaped(): string {
    ESCAPED_STRING.lastIndex = this.offset;
    if (!ESCAPED_STRING.test(this.text)) throw new JsonFault("json-syntax");
    const end = ESCAPED_STRING.lastIndex;
    const value = JSON.parse(this.text.slice(this.offset, end)) as string;
    if (!value.isWellFormed()) throw new JsonFault("json-surrogate");
    this.offset = end;
    return value;
  }

  private readWord<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.offset)) throw new JsonFault("json-syntax");
    this.offset += word.length;
    return value;
  }

  /** A double must neither overflow nor vanish; what it can not hold exactly is kept beside it as text (decimal.ts). */
  private readNumber(holder: object | undefined, key: string | number): number {
    NUMBER.lastIndex = this.offset;
    if (!NUMBER.test(this.text)) throw new JsonFault("json-syntax");
    const lexeme = this.text.slice(this.offset, NUMBER.lastIndex);
    const value = Number(lexeme);
    const vanished = value === 0 && /[1-9]/.test(lexeme.replace(/[eE].*$/, ""));
    if (lexeme.length > MAX_NUMBER_LENGTH || !Number.isFinite(value) || vanished) throw new JsonFault("json-number");
    if (holder && lexeme !== String(value)) keepLexeme(holder, key, value, lexeme);
    this.offset = NUMBER.lastIndex;
    return value;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const fault = (kind: JsonError["kind"], rule: JsonRule): Result<never, JsonError> => err({ kind, rule });

/**
 * Reads a JSON body that may be hostile. Refused besides what RFC 8259 refuses: more bytes, depth or values than
 * `limits`, invalid UTF-8, a byte order mark, lone surrogates (raw or escaped), duplicate keys, keys that every object
 * inherits, and numbers that a double would turn into infinity or zero. Linear in the length read; no deeper recursion
 * than `maxDepth`. Numbers keep their text for `stringifyJson`, so that 1.50 stays 1.50 (FHIR R4 datatypes.html#decimal).
 */
export function parseJson(
  body: string | Uint8Array,
  limits: JsonLimits = DEFAULT_JSON_LIMITS,
): Result<unknown, JsonError> {
  if (body.length > limits.maxBytes) return fault("too-long", "json-size");
  const text = typeof body === "string" ? body : decode(body);
  if (text === undefined) return fault("structure", "json-utf8");
  if (text.charCodeAt(0) === 0xfeff) return fault("structure", "json-bom");
  if (typeof body === "string" && !text.isWellFormed()) return fault("structure", "json-surrogate");
  try {
    return ok(new Parser(text, limits).parse());
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    return fault(cause.rule === "json-depth" || cause.rule === "json-values" ? "too-costly" : "structure", cause.rule);
  }
}
