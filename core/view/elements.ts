import * as z from "zod";
import { isJsonObject, type JsonObject } from "../fhir/index.ts";

/** Elements of FHIR resources as a view shows them. Whatever does not have the form that R4 gives it is left out. */

export const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? value : [value]).filter(isJsonObject);

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A list that holds something, or nothing at all: an empty list is an absent field. */
export const someOf = <T>(values: readonly (T | undefined)[]): T[] | undefined => {
  const known = values.filter((value): value is T => value !== undefined);
  return known.length === 0 ? undefined : known;
};

export const Coded = z.strictObject({ text: z.string(), code: z.string().optional(), system: z.string().optional() });
export type Coded = z.infer<typeof Coded>;

/** A CodeableConcept: its text or the display of its first coding, with that coding. */
export function codedOf(value: unknown): Coded | undefined {
  if (!isJsonObject(value)) return undefined;
  const [coding] = listOf(value["coding"]);
  const code = textOf(coding?.["code"]);
  const system = textOf(coding?.["system"]);
  const text = textOf(value["text"]) ?? textOf(coding?.["display"]) ?? code;
  if (text === undefined) return undefined;
  return { text, ...(code !== undefined && { code }), ...(system !== undefined && { system }) };
}
export const codedList = (value: unknown): Coded[] | undefined => someOf(listOf(value).map(codedOf));

/** The code of a CodeableConcept's first coding: what a status is. */
export const codeOf = (value: unknown): string | undefined =>
  isJsonObject(value) ? textOf(listOf(value["coding"])[0]?.["code"]) : undefined;

export const Period = z.strictObject({ start: z.string().optional(), end: z.string().optional() });
export type Period = z.infer<typeof Period>;

export function periodOf(value: unknown): Period | undefined {
  if (!isJsonObject(value)) return undefined;
  const start = textOf(value["start"]);
  const end = textOf(value["end"]);
  return start === undefined && end === undefined
    ? undefined
    : { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

/** The name of what a Reference points at, or where it points. */
export const namedBy = (value: unknown): string | undefined =>
  isJsonObject(value) ? (textOf(value["display"]) ?? textOf(value["reference"])) : undefined;

export const referenceOf = (value: unknown): string | undefined =>
  isJsonObject(value) ? textOf(value["reference"]) : undefined;

/** Annotations, one after the other. */
export const notesOf = (value: unknown): string[] | undefined => someOf(listOf(value).map(({ text }) => textOf(text)));

/** `Family, Given Middle`, of the official name where there is one. FHIR R4 datatypes.html#HumanName. */
export function nameOf(value: unknown): string | undefined {
  const names = listOf(value);
  const name = names.find(({ use }) => use === "official") ?? names[0];
  if (name === undefined) return undefined;
  const given = (Array.isArray(name["given"]) ? name["given"] : []).filter((part) => typeof part === "string");
  const parts = [textOf(name["family"]), given.length === 0 ? undefined : given.join(" ")];
  return textOf(parts.filter((part) => part !== undefined).join(", ")) ?? textOf(name["text"]);
}

export const Telecom = z.strictObject({ system: z.string(), value: z.string() });
export type Telecom = z.infer<typeof Telecom>;

export const telecomOf = (value: unknown): Telecom[] | undefined =>
  someOf(
    listOf(value).map(({ system, value: contact }) => {
      const text = textOf(contact);
      return text === undefined ? undefined : { system: textOf(system) ?? "other", value: text };
    }),
  );

export const Address = z.strictObject({
  line: z.array(z.string()).optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  postalCode: z.string().optional(),
});
export type Address = z.infer<typeof Address>;

export function addressOf(value: unknown): Address | undefined {
  const [address] = listOf(value);
  if (address === undefined) return undefined;
  const line = someOf((Array.isArray(address["line"]) ? address["line"] : []).map(textOf));
  const named = { city: textOf(address["city"]), state: textOf(address["state"]) };
  const postalCode = textOf(address["postalCode"]);
  return {
    ...(line !== undefined && { line }),
    ...(named.city !== undefined && { city: named.city }),
    ...(named.state !== undefined && { state: named.state }),
    ...(postalCode !== undefined && { postalCode }),
  };
}

export const Quantity = z.strictObject({ text: z.string(), unit: z.string().optional() });
export type Quantity = z.infer<typeof Quantity>;

/** `value[x]` of an Observation; components one after the other, as a blood pressure is read. */
export function measuredOf(observation: JsonObject): Quantity | undefined {
  const quantity = observation["valueQuantity"];
  if (isJsonObject(quantity) && quantity["value"] !== undefined) {
    const unit = textOf(quantity["unit"]) ?? textOf(quantity["code"]);
    return { text: String(quantity["value"] as number), ...(unit !== undefined && { unit }) };
  }
  const components = someOf(listOf(observation["component"]).map((part) => measuredOf(part)?.text));
  if (components !== undefined) return { text: components.join(" / ") };
  const text =
    textOf(observation["valueString"]) ??
    codedOf(observation["valueCodeableConcept"])?.text ??
    textOf(observation["valueDateTime"]);
  return text === undefined ? undefined : { text };
}

/** The text of an attachment that carries it inline as plain text. */
export function inlineText(attachment: unknown): string | undefined {
  if (!isJsonObject(attachment)) return undefined;
  const data = textOf(attachment["data"]);
  const isPlain = textOf(attachment["contentType"])?.startsWith("text/plain") === true;
  return data === undefined || !isPlain ? undefined : textOf(Buffer.from(data, "base64").toString("utf8"));
}

export const Money = z.strictObject({ value: z.string(), currency: z.string().optional() });

export function moneyOf(value: unknown): z.infer<typeof Money> | undefined {
  if (!isJsonObject(value) || value["value"] === undefined) return undefined;
  const currency = textOf(value["currency"]);
  return { value: String(value["value"] as number), ...(currency !== undefined && { currency }) };
}

/** The last four characters, and nothing that tells how many there were before. */
export const lastFour = (text: string): string => (text.length <= 4 ? "••••" : `••••${text.slice(-4)}`);
