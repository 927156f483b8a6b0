import { foldSearchValue } from "../crypto/index.ts";

/** One word of a search, as it may be meant. */
export type Term =
  | { readonly kind: "name"; readonly text: string }
  /** Every day that the spelling can mean: `3/4/1980` is two. `yyyy-mm-dd`. */
  | { readonly kind: "birth-date"; readonly days: readonly string[] }
  | { readonly kind: "year"; readonly year: string; readonly digits: string }
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "email"; readonly text: string };

const NUMERIC_DATE = /^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})$/;
/** Digits with what people write between those of a phone. */
const PHONE = /\+?\(?\d[\d\s().\-/]{5,}\d/g;
/** Letters and digits in one: a record number, and no phone in the middle of it. An extension behind a phone is none. */
const CODE = /(?<=^|\s)(?=\S*\d)(?=\S*\p{L})[\p{L}\d][\p{L}\d./_-]*(?=\s|$)/gu;
const EXTENSION = /^[\d.\-/]{5,}x[\d]{1,6}$/i;
const WRITTEN_DATE =
  /(?:^|\s)(?:(\d{1,2})\.?\s+(?:de\s+)?)?(\p{L}{3,})\.?\s+(?:de\s+)?(?:(\d{1,2}),?\s+)?(\d{4})(?=\s|$)/u;

const MONTHS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ["jan", "ene"],
    ["feb"],
    ["mar"],
    ["apr", "abr"],
    ["may"],
    ["jun"],
    ["jul"],
    ["aug", "ago"],
    ["sep"],
    ["oct"],
    ["nov"],
    ["dec", "dic"],
  ].flatMap((names, index) => names.map((name) => [name, index + 1])),
);
const MONTH_NAMES = new Set(
  "january february march april may june july august september october november december enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(
    " ",
  ),
);

function day(year: number, month: number, date: number): string[] {
  const made = new Date(Date.UTC(year, month - 1, date));
  const isReal = made.getUTCMonth() === month - 1 && made.getUTCDate() === date && year >= 1880 && year <= 2200;
  return isReal ? [made.toISOString().slice(0, 10)] : [];
}

/** A year of two digits is one of the past hundred years; nobody is born in the future. */
function fullYear(text: string, nowYear: number): number {
  const year = Number(text);
  if (text.length > 2) return year;
  const century = Math.floor(nowYear / 100) * 100;
  return century + year > nowYear ? century - 100 + year : century + year;
}

function numericDate(text: string, nowYear: number): readonly string[] {
  const [, first = "", second = "", third = ""] = NUMERIC_DATE.exec(text) ?? [];
  if (first === "") return [];
  if (first.length === 4) return third.length <= 2 ? day(Number(first), Number(second), Number(third)) : [];
  if (first.length > 2 || third.length === 3 || third.length === 1) return [];
  const year = fullYear(third, nowYear);
  // As the United States and as everybody else writes it.
  return [...new Set([...day(year, Number(first), Number(second)), ...day(year, Number(second), Number(first))])];
}

/** `19800229`. */
const compactDate = (text: string): readonly string[] =>
  /^\d{8}$/.test(text) ? day(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6))) : [];

function writtenDate(text: string): { readonly days: readonly string[]; readonly rest: string } | undefined {
  const match = WRITTEN_DATE.exec(text);
  if (!match) return undefined;
  const [whole, before, name = "", after, year = ""] = match;
  const folded = foldSearchValue(name);
  const month = MONTHS[folded.slice(0, 3)];
  const date = Number(before ?? after);
  if (month === undefined || (folded.length > 4 && !MONTH_NAMES.has(folded)) || Number.isNaN(date)) return undefined;
  const days = day(Number(year), month, date);
  return days.length === 0 ? undefined : { days, rest: text.replace(whole, " ") };
}

/**
 * What somebody typed to find a patient: name parts without accents and case, a birth date as people write it in English
 * or Spanish, digits of a phone or record number, a record number with letters in it, an e-mail address; in any order.
 * @param nowYear For years of two digits.
 */
export function readSpoken(text: string, nowYear: number): readonly Term[] {
  const terms: Term[] = [];
  let rest = text.replaceAll(/[,;]/g, " ");
  const written = writtenDate(text) ?? writtenDate(rest);
  if (written) {
    terms.push({ kind: "birth-date", days: written.days });
    rest = written.rest.replaceAll(/[,;]/g, " ");
  }
  rest = rest.replaceAll(CODE, (match) => {
    if (EXTENSION.test(match)) return match;
    terms.push(nameTerm(match));
    return " ";
  });
  rest = rest.replaceAll(PHONE, (match) => {
    const digits = match.replaceAll(/\D/g, "");
    const parts = match.trim().split(/\s+/);
    if (
      digits.length < 7 ||
      compactDate(match).length > 0 ||
      parts.some((part) => numericDate(part, nowYear).length > 0)
    )
      return match;
    terms.push({ kind: "number", digits });
    return " ";
  });
  for (const word of rest.split(/\s+/).filter((each) => each !== "")) terms.push(termOf(word, nowYear));
  return terms;
}

/** What may be a part of a name. Where digits are in it, it may be a record number as well. */
const nameTerm = (word: string): Term => ({ kind: "name", text: foldSearchValue(word).replaceAll(/['’`.-]/g, "") });

function termOf(word: string, nowYear: number): Term {
  if (word.includes("@")) return { kind: "email", text: foldSearchValue(word) };
  const days = numericDate(word, nowYear);
  if (days.length > 0) return { kind: "birth-date", days };
  const compact = compactDate(word);
  if (compact.length > 0) return { kind: "birth-date", days: compact };
  const digits = word.replaceAll(/\D/g, "");
  if (/^(?:18|19|20)\d{2}$/.test(word)) return { kind: "year", year: word, digits };
  if (digits !== "" && !/\p{L}/u.test(word)) return { kind: "number", digits };
  return nameTerm(word);
}
