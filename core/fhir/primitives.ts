import type { Rule } from "./issue.ts";
import { checkNarrative } from "./narrative.ts";

/* Formats: https://hl7.org/fhir/R4/datatypes.html#primitive, stricter where R4's own regex lets nonsense pass. */

const YEAR = "(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)";
const DATE = `${YEAR}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?`;
const DAY = `${YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])`;
const TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]{1,9})?";
const ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))";

const patterns: Readonly<Record<string, RegExp>> = {
  canonical: /^\S+$/,
  code: /^\S+(?: \S+)*$/,
  date: new RegExp(`^${DATE}$`),
  // A time without a zone is no instant: "If hours and minutes are specified, a time zone SHALL be populated".
  dateTime: new RegExp(`^(?:${DATE}|${DAY}T${TIME}${ZONE})$`),
  id: /^[A-Za-z0-9\-.]{1,64}$/,
  instant: new RegExp(`^${DAY}T${TIME}${ZONE}$`),
  oid: /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/,
  time: new RegExp(`^${TIME}$`),
  uri: /^\S+$/,
  url: /^\S+$/,
  uuid: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
};

const TEXT = /^[\t\n\r\u0020-\uffff]+$/;
const MAX_STRING = 1024 * 1024;
const MAX_INT = 2_147_483_647;

/** R4 regex `(\s*([0-9a-zA-Z\+\/=]){4}\s*)+`: white space is allowed; padding only at the end. */
function isBase64(text: string): boolean {
  const packed = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  return packed.length > 0 && packed.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(packed);
}

/** The day exists in its month. The text has the form of a date already. */
function isCalendarDay(text: string): boolean {
  if (text.length < 10) return true;
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number);
  const end = new Date(0);
  end.setUTCFullYear(year ?? 0, month ?? 0, 0);
  return (day ?? 0) <= end.getUTCDate();
}

function checkString(type: string, value: string): Rule | undefined {
  if (value === "") return "ele-1";
  if (type === "base64Binary") return isBase64(value) ? undefined : "format";
  if (value.length > MAX_STRING) return "too-long";
  if (value.trim() === "") return "ele-1";
  if (type === "xhtml") return checkNarrative(value);
  if (!TEXT.test(value)) return "format";
  if (patterns[type]?.test(value) === false) return "format";
  if ((type === "date" || type === "dateTime" || type === "instant") && !isCalendarDay(value)) return "format";
  if ((type === "uri" || type === "url" || type === "canonical") && /^(?:javascript|vbscript):/i.test(value))
    return "uri-scheme";
  return undefined;
}

function checkNumber(type: string, value: number): Rule | undefined {
  if (!Number.isFinite(value)) return "format";
  if (type === "decimal") return undefined;
  const least = type === "positiveInt" ? 1 : type === "unsignedInt" ? 0 : -MAX_INT - 1;
  return Number.isInteger(value) && value >= least && value <= MAX_INT ? undefined : "format";
}

const NUMBERS = new Set(["decimal", "integer", "positiveInt", "unsignedInt"]);
const STRINGS = new Set([...Object.keys(patterns), "string", "markdown", "base64Binary", "xhtml"]);

export const isPrimitiveType = (type: string): boolean => type === "boolean" || NUMBERS.has(type) || STRINGS.has(type);

/** The rule that a primitive JSON value breaks as this FHIR type, or undefined. */
export function checkPrimitive(type: string, value: unknown): Rule | undefined {
  if (type === "boolean") return typeof value === "boolean" ? undefined : "json-type";
  if (NUMBERS.has(type)) return typeof value === "number" ? checkNumber(type, value) : "json-type";
  return typeof value === "string" ? checkString(type, value) : "json-type";
}
