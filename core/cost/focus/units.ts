const SIZES = new Set(
  ["", "K", "M", "G", "T", "P", "E"].flatMap((prefix) => [
    `${prefix}b`,
    `${prefix}B`,
    ...(prefix === "" ? [] : [`${prefix}ib`, `${prefix}iB`]),
  ]),
);
const TIMES = ["Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond", "Microsecond"];
const SINGULAR_TIMES = new Set(TIMES);
const PLURAL_TIMES = new Set(TIMES.map((time) => `${time}s`));
/** Long names of sizes and short names of times: FOCUS has a listed spelling for what they mean. */
const UNLISTED =
  /^(?:(?:kilo|mega|giga|tera|peta|exa|kibi|mebi|gibi|tebi|pebi|exbi)?(?:bit|byte)s?|[kmgtpe]i?bs|hrs?|secs?|mins?|mos?|yrs?)$/i;
const SIZES_BY_CASE = new Set([...SIZES].map((size) => size.toLowerCase()));
const TIMES_BY_CASE = new Set([...TIMES, ...PLURAL_TIMES].map((time) => time.toLowerCase()));

/** What is wrong with one base unit, or undefined. */
function baseFault(base: string): string | undefined {
  if (SIZES.has(base) || SINGULAR_TIMES.has(base) || PLURAL_TIMES.has(base)) return undefined;
  const lower = base.toLowerCase();
  if (SIZES_BY_CASE.has(lower) || TIMES_BY_CASE.has(lower)) return `${base} is not the listed capitalization`;
  if (UNLISTED.test(base)) return `${base} has a listed unit in its place`;
  return /^[A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)*$/.test(base) ? undefined : `${base} is not a capitalized noun`;
}

function numeratorFault(text: string): string | undefined {
  const bases = text.split("-");
  const fault = bases.map(baseFault).find((found) => found !== undefined);
  if (fault !== undefined) return fault;
  const last = bases.at(-1) ?? "";
  if (SINGULAR_TIMES.has(last)) return `${last} is plural at the end`;
  const early = bases.slice(0, -1).find((base) => PLURAL_TIMES.has(base));
  return early === undefined ? undefined : `${early} is singular before the hyphen`;
}

function denominatorFault(text: string): string | undefined {
  const [, interval, time = ""] = /^(?:([1-9]\d*) )?(.+)$/.exec(text) ?? [];
  const isTime = SINGULAR_TIMES.has(time) || PLURAL_TIMES.has(time);
  if (!isTime) return baseFault(time);
  const names = interval === undefined ? SINGULAR_TIMES : PLURAL_TIMES;
  return names.has(time) ? undefined : `${time} is ${interval === undefined ? "singular" : "plural"} here`;
}

/**
 * What makes a text no unit of FOCUS (attribute UnitFormat), or undefined where it is one: `GB`, `GB-Hours`, `GB/Hour`,
 * `1000 Requests`, `Units/3 Months`. A noun that FOCUS does not list counts things and only needs its capital.
 */
export function unitFault(text: string): string | undefined {
  const [, rest = text] = /^[1-9]\d* (.+)$/.exec(text) ?? [];
  const [numerator = "", denominator, ...more] = rest.split("/");
  if (more.length > 0) return `${text} has more than one slash`;
  return numeratorFault(numerator) ?? (denominator === undefined ? undefined : denominatorFault(denominator));
}
