import { isJsonObject, type JsonObject } from "../json.ts";
import type { Selected } from "./select.ts";

/** Without case, accents and doubled spaces: what FHIR R4 search.html#string compares by default. */
export const fold = (text: string): string =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

const strings = (values: readonly unknown[]): string[] =>
  values.flat().filter((value): value is string => typeof value === "string" && value !== "");

/** Each part of a name, and the name as it is spoken. */
function nameTexts({ text, family, given, prefix, suffix }: JsonObject): string[] {
  const parts = strings([family, given, prefix, suffix]);
  const spoken = strings([given, family]);
  return [...strings([text]), ...parts, ...(spoken.length > 1 ? [spoken.join(" ")] : [])];
}

const addressTexts = (address: JsonObject): string[] =>
  strings(["text", "line", "city", "district", "state", "country", "postalCode"].map((part) => address[part]));

/** The texts that a string parameter compares with. */
export function textsOf({ type, value }: Selected): string[] {
  if (typeof value === "string") return [value];
  if (!isJsonObject(value)) return [];
  if (type === "HumanName") return nameTexts(value);
  return type === "Address" ? addressTexts(value) : strings([value["text"]]);
}

/** The texts beside a code, for `:text`: CodeableConcept.text, Coding.display, Identifier.type.text. */
export function displaysOf({ type, value }: Selected): string[] {
  if (!isJsonObject(value)) return [];
  const { text, coding, display, type: identifierType } = value;
  if (type === "Coding") return strings([display]);
  if (type === "Identifier") return isJsonObject(identifierType) ? strings([identifierType["text"]]) : [];
  const codings = Array.isArray(coding) ? coding.filter(isJsonObject) : [];
  return strings([text, ...codings.map((inner) => inner["display"])]);
}
