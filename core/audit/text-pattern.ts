import * as z from "zod";

/** What a capture is: the inside of a JSON string, a number, or any JSON object, which its caller must check. */
type Capture = "string" | "number" | "open";

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly contentEncoding?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

/** Fifteen digits are a safe integer whatever they are; longer ones are left to the schema. */
const DIGITS = String.raw`[1-9]\d{0,14}`;
/** Characters that JSON never escapes and that our words are made of. Whether it is an object, its caller must check. */
const OPEN_OBJECT = String.raw`\{[\w":,\[\]{}.|/*+-]*\}`;

/** RFC 4648 4, with its padding. */
const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

function unsupported(where: string): never {
  throw new TypeError(`no pattern for the schema of ${where === "" ? "the whole" : where}`);
}

function integerPattern({ minimum = -Infinity, maximum = Infinity }: Schema, where: string): string {
  if (maximum < 999_999_999_999_999) unsupported(where);
  if (minimum === 1) return DIGITS;
  if (minimum === 0) return `(?:0|${DIGITS})`;
  return minimum <= -999_999_999_999_999 ? `(?:0|-?${DIGITS})` : unsupported(where);
}

/** The texts that `JSON.stringify` makes of the valid values of a schema, objects with sorted members. */
function sourceOf(schema: Schema, where: string, captures: Readonly<Record<string, Capture>>): string {
  const capture = captures[where];
  if (capture === "open") return `(${OPEN_OBJECT})`;
  const kept = (source: string): string => (capture === undefined ? `(?:${source})` : `(${source})`);
  if (schema.const !== undefined) return escaped(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return `(?:${schema.enum.map((value) => escaped(JSON.stringify(value))).join("|")})`;
  switch (schema.type) {
    case "string": {
      const inner = schema.contentEncoding === "base64" ? BASE64 : /^\^([^$^|]*)\$$/.exec(schema.pattern ?? "")?.[1];
      return `"${kept(inner ?? unsupported(where))}"`;
    }
    case "integer":
      return kept(integerPattern(schema, where));
    case "boolean":
      return "(?:true|false)";
    case "array":
      return arraySource(schema, where, captures);
    case "object":
      return objectSource(schema, where, captures);
    case undefined:
    default:
      return unsupported(where);
  }
}

function arraySource(schema: Schema, where: string, captures: Readonly<Record<string, Capture>>): string {
  const item = sourceOf(schema.items ?? unsupported(where), `${where}[]`, captures);
  const most = schema.maxItems === undefined ? "" : String(schema.maxItems - 1);
  const filled = `${item}(?:,${item}){0,${most}}`;
  if ((schema.minItems ?? 0) === 0) return String.raw`\[(?:${filled})?\]`;
  return schema.minItems === 1 ? String.raw`\[${filled}\]` : unsupported(where);
}

function objectSource(schema: Schema, where: string, captures: Readonly<Record<string, Capture>>): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const names = Object.keys(properties).sort();
  const first = names.findIndex((name) => required.includes(name));
  if (first === -1 || additionalProperties !== false) unsupported(where);
  const members = names.map((name, index) => {
    const value = sourceOf(properties[name] ?? {}, where === "" ? name : `${where}.${name}`, captures);
    const member = `"${escaped(name)}":${value}`;
    if (index < first) return `(?:${member},)?`;
    if (index === first) return member;
    return required.includes(name) ? `,${member}` : `(?:,${member})?`;
  });
  return String.raw`\{${members.join("")}\}`;
}

/**
 * One expression for the canonical texts of a schema's values, so that a text is checked without parsing it. Sound and
 * not complete: what matches is canonical and valid, and an integer of more than fifteen digits does not match.
 * @param captures Paths of what the expression captures, `writer.id`. Captures are numbered in the order of the text.
 * Throws TypeError for a schema with something in it that has no such expression.
 */
export const patternOf = (schema: z.ZodType, captures: Readonly<Record<string, Capture>>): RegExp =>
  new RegExp(`^${sourceOf(z.toJSONSchema(schema, { io: "input" }) as Schema, "", captures)}$`);
