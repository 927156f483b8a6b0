import { BlockList, isIP } from "node:net";
import { matchTemplate, parseTemplate, type RequestContext } from "./template.ts";

/** Tests one value of the request against one value of the policy. `undefined`: a variable had no value. */
export type ValueTest = (value: string, context: RequestContext) => boolean | undefined;

interface Operator {
  /** True for the `Not` forms: they hold when none of the policy's values matches. */
  readonly negated: boolean;
  /** Prepares a policy value once; what is no number, date or address makes a test that never matches. */
  readonly prepare: (wanted: string) => ValueTest;
}

const lower = (text: string): string => text.toLowerCase();
const lowerContext = (context: RequestContext): RequestContext =>
  new Map([...context].map(([key, values]) => [key, values.map(lower)]));

const stringEquals = (wanted: string): ValueTest => {
  const template = parseTemplate(wanted, { wildcards: false });
  if (!template.hasVariables) {
    const text = template.tokens.map((token) => (token.kind === "literal" ? token.text : "")).join("");
    return (value) => value === text;
  }
  return (value, context) => matchTemplate(template, value, context);
};

const stringEqualsIgnoreCase = (wanted: string): ValueTest => {
  const template = parseTemplate(lower(wanted), { wildcards: false });
  return (value, context) => matchTemplate(template, lower(value), lowerContext(context));
};

const stringLike = (wanted: string): ValueTest => {
  const template = parseTemplate(wanted, { wildcards: true });
  return (value, context) => matchTemplate(template, value, context);
};

const ARN_PARTS = 6;
/** The parts between the first five colons; a colon inside `${...}` does not part. */
function splitArn(pattern: string): string[] {
  const parts: string[] = [];
  let part = "";
  let inVariable = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index] ?? "";
    if (pattern.startsWith("${", index)) inVariable = true;
    if (char === "}") inVariable = false;
    if (char === ":" && !inVariable && parts.length < ARN_PARTS - 1) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  return [...parts, part];
}

/** Each of the six parts of an ARN is compared by itself, so a `*` does not reach over a colon. */
const arnLike = (wanted: string): ValueTest => {
  if (wanted === "*") return () => true;
  const templates = splitArn(wanted).map((part) => parseTemplate(part, { wildcards: true }));
  return (value, context) => {
    const parts = value.split(":");
    if (templates.length !== ARN_PARTS || parts.length < ARN_PARTS) return false;
    const six = [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
    let holds = true;
    for (const [index, template] of templates.entries()) {
      const match = matchTemplate(template, six[index] ?? "", context);
      if (match === undefined) return undefined;
      holds &&= match;
    }
    return holds;
  };
};

const toNumber = (text: string): number => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);

const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
/** Milliseconds since the epoch from an ISO 8601 date or from seconds since the epoch; NaN for what is neither. */
const toTime = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return ISO_DATE.test(text) ? Date.parse(text) : Number.NaN;
};

const ordered =
  (parse: (text: string) => number, compare: (value: number, wanted: number) => boolean) =>
  (wanted: string): ValueTest => {
    const bound = parse(wanted);
    return (value) => compare(parse(value), bound);
  };

const bool = (wanted: string): ValueTest => {
  const text = lower(wanted);
  return (value) => (text === "true" || text === "false") && lower(value) === text;
};

const ipAddress = (wanted: string): ValueTest => {
  const [address = "", prefix] = wanted.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : toNumber(prefix);
  if (version === 0 || !(Number.isInteger(length) && length >= 0 && length <= bits)) return () => false;
  const family = version === 6 ? "ipv6" : "ipv4";
  const range = new BlockList();
  range.addSubnet(address, length, family);
  return (value) => isIP(value) === version && range.check(value, family);
};

const EQUAL = (value: number, wanted: number): boolean => value === wanted;
const LESS = (value: number, wanted: number): boolean => value < wanted;
const LESS_OR_EQUAL = (value: number, wanted: number): boolean => value <= wanted;
const GREATER = (value: number, wanted: number): boolean => value > wanted;
const GREATER_OR_EQUAL = (value: number, wanted: number): boolean => value >= wanted;

const is = (prepare: (wanted: string) => ValueTest): Operator => ({ negated: false, prepare });
const isNot = (prepare: (wanted: string) => ValueTest): Operator => ({ negated: true, prepare });

/** Every operator but `Null`, which asks about the key and not its value. Source: IAM User Guide, "Condition operators". */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: is(stringEquals),
  StringNotEquals: isNot(stringEquals),
  StringEqualsIgnoreCase: is(stringEqualsIgnoreCase),
  StringNotEqualsIgnoreCase: isNot(stringEqualsIgnoreCase),
  StringLike: is(stringLike),
  StringNotLike: isNot(stringLike),
  NumericEquals: is(ordered(toNumber, EQUAL)),
  NumericNotEquals: isNot(ordered(toNumber, EQUAL)),
  NumericLessThan: is(ordered(toNumber, LESS)),
  NumericLessThanEquals: is(ordered(toNumber, LESS_OR_EQUAL)),
  NumericGreaterThan: is(ordered(toNumber, GREATER)),
  NumericGreaterThanEquals: is(ordered(toNumber, GREATER_OR_EQUAL)),
  DateEquals: is(ordered(toTime, EQUAL)),
  DateNotEquals: isNot(ordered(toTime, EQUAL)),
  DateLessThan: is(ordered(toTime, LESS)),
  DateLessThanEquals: is(ordered(toTime, LESS_OR_EQUAL)),
  DateGreaterThan: is(ordered(toTime, GREATER)),
  DateGreaterThanEquals: is(ordered(toTime, GREATER_OR_EQUAL)),
  Bool: is(bool),
  BinaryEquals: is((wanted) => (value) => value === wanted),
  IpAddress: is(ipAddress),
  NotIpAddress: isNot(ipAddress),
  ArnEquals: is(arnLike),
  ArnLike: is(arnLike),
  ArnNotEquals: isNot(arnLike),
  ArnNotLike: isNot(arnLike),
};
