import { foldSearchValue } from "../crypto/index.ts";
import type { FhirResource } from "../fhir/index.ts";
import { objects, words } from "./demographics.ts";
import type { Term } from "./spoken.ts";

/** What a term is worth where it meets; a whole name counts more than its beginning, and a number more than a year. */
const WORTH = {
  recordNumber: 100,
  phone: 50,
  birthDate: 60,
  email: 60,
  name: 40,
  nameStart: 25,
  nameInside: 8,
  recordNumberStart: 20,
  phoneEnd: 30,
  year: 15,
} as const;
/** Fewer digits are in too many numbers. */
const MIN_PHONE_DIGITS = 4;
const MIN_INSIDE_LETTERS = 3;

/** A patient who is in the clinic comes before one who is not, and a chart before its duplicate. */
const INACTIVE = -10;

const digitsOf = (value: unknown): string => (typeof value === "string" ? value.replaceAll(/\D/g, "") : "");
const plain = (text: string): string => foldSearchValue(text).replaceAll(/['’`.-]/g, "");

/** The words of every name of hers, of family names each on its own too: `de la Cruz` is met by `cruz`. */
function nameWords(patient: FhirResource): readonly string[] {
  return objects(patient["name"]).flatMap(({ family, given }) => {
    const parts = [...(typeof family === "string" ? [family] : []), ...words(given)];
    return parts.flatMap((part) => [plain(part).replaceAll(" ", ""), ...plain(part).split(" ")]);
  });
}

function nameWorth(own: readonly string[], text: string): number {
  if (own.includes(text)) return WORTH.name;
  if (own.some((word) => word.startsWith(text))) return WORTH.nameStart;
  return text.length >= MIN_INSIDE_LETTERS && own.some((word) => word.includes(text)) ? WORTH.nameInside : 0;
}

/** A record number as somebody may type it: capitals, accents and what stands between its signs do not matter. */
const codeOf = (value: unknown): string =>
  typeof value === "string" ? foldSearchValue(value).replaceAll(/[^\p{L}\d]/gu, "") : "";

/** Record numbers of other systems have letters in them: `MRN-20417`, `A7`. */
function codeWorth(patient: FhirResource, text: string): number {
  const [code, codes] = [codeOf(text), objects(patient["identifier"]).map(({ value }) => codeOf(value))];
  if (code === "") return 0;
  if (codes.includes(code)) return WORTH.recordNumber;
  return /\d/.test(code) && codes.some((own) => own.startsWith(code)) ? WORTH.recordNumberStart : 0;
}

function numberWorth(patient: FhirResource, digits: string): number {
  const numbers = objects(patient["identifier"]).map(({ value }) => digitsOf(value));
  if (numbers.includes(digits)) return WORTH.recordNumber;
  const phones = objects(patient["telecom"]).map((point) =>
    point["system"] === "phone" ? digitsOf(point["value"]) : "",
  );
  const isLong = digits.length >= MIN_PHONE_DIGITS;
  if (isLong && phones.some((phone) => phone === digits || (digits.length >= 10 && phone.endsWith(digits.slice(-10)))))
    return WORTH.phone;
  if (isLong && phones.some((phone) => phone.endsWith(digits))) return WORTH.phoneEnd;
  return digits.length > 1 && numbers.some((number) => number.startsWith(digits)) ? WORTH.recordNumberStart : 0;
}

function worthOf(patient: FhirResource, own: readonly string[], term: Term): number {
  const birthDate = typeof patient["birthDate"] === "string" ? patient["birthDate"] : "";
  switch (term.kind) {
    case "name":
      return Math.max(nameWorth(own, term.text), codeWorth(patient, term.text));
    case "birth-date":
      return term.days.includes(birthDate) ? WORTH.birthDate : 0;
    case "year":
      return birthDate.startsWith(term.year) ? WORTH.year : numberWorth(patient, term.digits);
    case "number":
      return numberWorth(patient, term.digits);
    case "email": {
      const mails = objects(patient["telecom"]).map(({ value }) => (typeof value === "string" ? plainMail(value) : ""));
      return mails.some((mail) => mail.startsWith(term.text)) ? WORTH.email : 0;
    }
  }
}

const plainMail = (value: string): string => foldSearchValue(value);

/** How well a patient meets what was typed: 0 where a part of it does not. */
export function rankOf(patient: FhirResource, terms: readonly Term[]): number {
  const own = nameWords(patient);
  let rank = 0;
  for (const term of terms) {
    const worth = worthOf(patient, own, term);
    if (worth === 0) return 0;
    rank += worth;
  }
  if (rank === 0) return 0;
  return Math.max(1, rank + (patient["active"] === false ? INACTIVE : 0));
}
