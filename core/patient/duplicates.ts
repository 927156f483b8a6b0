import type { Demographics, DuplicateRule } from "../contract/index.ts";
import { foldSearchValue } from "../crypto/index.ts";
import type { FhirResource } from "../fhir/index.ts";
import { objects, recordNumberSystem, words } from "./demographics.ts";

/** What two patients are compared by. */
export interface Likeness {
  readonly family: readonly string[];
  readonly given: readonly string[];
  readonly birthDate: string;
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  /** `system|value`, of those that others gave her. */
  readonly identifiers: readonly string[];
}

const plain = (text: string): string => foldSearchValue(text).replaceAll(/[^\p{L}\p{N}]/gu, "");
const lastTen = (text: string): string => text.replaceAll(/\D/g, "").slice(-10);
const known = (values: readonly string[]): readonly string[] => values.filter((value) => value !== "");

export const likenessOf = (form: Demographics): Likeness => ({
  family: known([plain(form.family)]),
  given: known([plain(form.given), ...(form.preferredName === undefined ? [] : [plain(form.preferredName)])]),
  birthDate: form.birthDate,
  phones: known(form.phones.map(({ number }) => lastTen(number))),
  emails: form.email === undefined ? [] : [foldSearchValue(form.email)],
  identifiers: [],
});

/** From a Patient, or her entry in the directory. */
export function likenessOfPatient(patient: FhirResource, tenantId: string): Likeness {
  const names = objects(patient["name"]);
  const points = (system: string): string[] =>
    objects(patient["telecom"]).flatMap((each) =>
      each["system"] === system && typeof each["value"] === "string" ? [each["value"]] : [],
    );
  return {
    family: known(names.flatMap(({ family }) => (typeof family === "string" ? [plain(family)] : []))),
    given: known(names.flatMap(({ given }) => words(given).slice(0, 1)).map(plain)),
    birthDate: typeof patient["birthDate"] === "string" ? patient["birthDate"] : "",
    phones: known(points("phone").map(lastTen)),
    emails: points("email").map(foldSearchValue),
    identifiers: objects(patient["identifier"]).flatMap(({ system, value }) =>
      typeof system === "string" && typeof value === "string" && system !== recordNumberSystem(tenantId)
        ? [`${system}|${value}`]
        : [],
    ),
  };
}

const share = (left: readonly string[], right: readonly string[]): boolean => left.some((each) => right.includes(each));

/** One letter more, less, another or swapped: what typing and hearing make of a name. Damerau-Levenshtein distance 1. */
function isTypo(left: string, right: string): boolean {
  if (left === right) return true;
  if (Math.abs(left.length - right.length) > 1 || Math.min(left.length, right.length) < 3) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  const [a, b] = [left.slice(start), right.slice(start)];
  if (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1)) return true;
  return a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
}

const isSimilarGiven = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((one) =>
    right.some(
      (other) =>
        isTypo(one, other) ||
        (Math.min(one.length, other.length) >= 2 && (one.startsWith(other) || other.startsWith(one))),
    ),
  );
const isSimilarFamily = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((one) => right.some((other) => isTypo(one, other)));

/** `1980-03-04` and `1980-04-03`. */
const isSwapped = (left: string, right: string): boolean => {
  const [year, month, day] = left.split("-");
  return left !== right && right === `${year}-${day}-${month}`;
};

interface Rule {
  readonly rule: DuplicateRule;
  /** 0 to 100: how sure it makes us, alone. */
  readonly score: number;
  readonly holds: (one: Likeness, other: Likeness) => boolean;
}

/** Strongest first. Somebody looks at what they give: it is better to ask once too often. */
export const RULES: readonly Rule[] = [
  { rule: "identifier", score: 95, holds: (one, other) => share(one.identifiers, other.identifiers) },
  {
    rule: "name-birth-date",
    score: 90,
    holds: (one, other) =>
      one.birthDate === other.birthDate && share(one.family, other.family) && share(one.given, other.given),
  },
  {
    rule: "birth-date-phone",
    score: 75,
    holds: (one, other) =>
      one.birthDate === other.birthDate && share(one.phones, other.phones) && isSimilarGiven(one.given, other.given),
  },
  {
    rule: "birth-date-email",
    score: 75,
    holds: (one, other) => one.birthDate === other.birthDate && share(one.emails, other.emails),
  },
  {
    rule: "similar-name-birth-date",
    score: 65,
    holds: (one, other) =>
      one.birthDate === other.birthDate &&
      ((isSimilarFamily(one.family, other.family) && isSimilarGiven(one.given, other.given)) ||
        // Entered the wrong way round.
        (share(one.family, other.given) && share(one.given, other.family))),
  },
  {
    rule: "name-swapped-date",
    score: 60,
    holds: (one, other) =>
      isSwapped(one.birthDate, other.birthDate) && share(one.family, other.family) && share(one.given, other.given),
  },
  {
    rule: "name-phone",
    score: 55,
    holds: (one, other) =>
      share(one.phones, other.phones) && share(one.family, other.family) && isSimilarGiven(one.given, other.given),
  },
];

/** How far two are alike: the strongest rule's score, and five for each further one, to 99. */
export function compare(
  one: Likeness,
  other: Likeness,
): { readonly score: number; readonly rules: readonly DuplicateRule[] } {
  const met = RULES.filter(({ holds }) => holds(one, other));
  const [strongest] = met;
  if (!strongest) return { score: 0, rules: [] };
  return { score: Math.min(99, strongest.score + 5 * (met.length - 1)), rules: met.map(({ rule }) => rule) };
}
