import type { ResultFlag, ResultReview, ResultValue } from "../contract/index.ts";
import { RESULT_FLAGS } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject, stringifyJson } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { RESULT_REVIEW } from "../record/index.ts";
import { listOf, objectOf, textOf } from "./elements.ts";
import { idIn, type Me, meReference, partyOf } from "./parties.ts";

/** The words of a CodeableConcept: its own, or those of the first coding that has any. */
export function wordsOf(concept: unknown): string {
  const { text, coding } = objectOf(concept);
  const display = listOf(coding).map((each) => textOf(each["display"]) || textOf(each["code"]));
  return textOf(text) || (display.find((each) => each !== "") ?? "");
}

/** A result, read from its DiagnosticReport. */
export interface Report {
  readonly id: string;
  readonly version: number;
  readonly patientId: string;
  readonly title: string;
  readonly status: string;
  readonly issuedAt?: string;
  readonly conclusion?: string;
  /** Ids of its Observations and of the orders that it answers. */
  readonly values: readonly string[];
  readonly orders: readonly string[];
  readonly isReviewed: boolean;
  readonly resource: FhirResource;
  /** Of values that came without a report: what is signed in its place. `resource` is the first of them. */
  readonly members?: readonly FhirResource[];
}

const ids = (value: unknown, type: string): readonly string[] =>
  listOf(value).flatMap((each) => idIn(each, type) ?? []);

export function reportIn(resource: FhirResource): Report | undefined {
  const { id, meta } = resource;
  const patientId = idIn(resource["subject"], "Patient");
  if (resource.resourceType !== "DiagnosticReport" || id === undefined || patientId === undefined) return undefined;
  const issued = textOf(resource["issued"]) || textOf(resource["effectiveDateTime"]);
  const conclusion = textOf(resource["conclusion"]);
  return {
    id,
    version: Number(meta?.["versionId"]),
    patientId,
    title: wordsOf(resource["code"]),
    status: textOf(resource["status"]),
    ...(issued !== "" && { issuedAt: issued }),
    ...(conclusion !== "" && { conclusion }),
    values: ids(resource["result"], "Observation"),
    orders: ids(resource["basedOn"], "ServiceRequest"),
    isReviewed: reviewPart(resource) !== undefined,
    resource,
  };
}

/**
 * http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation. What is not in it says nothing here: a flag that is
 * guessed is worse than none.
 */
const FLAGS: Readonly<Record<string, ResultFlag>> = {
  N: "normal",
  NEG: "normal",
  ND: "normal",
  L: "low",
  LU: "low",
  "<": "low",
  H: "high",
  HU: "high",
  ">": "high",
  A: "abnormal",
  POS: "abnormal",
  DET: "abnormal",
  R: "abnormal",
  LL: "critical-low",
  HH: "critical-high",
  AA: "critical",
};

/** The graver, the further on. */
const weight = (flag: ResultFlag): number => RESULT_FLAGS.indexOf(flag);
export const gravest = (flags: readonly (ResultFlag | undefined)[]): ResultFlag | undefined =>
  flags.flatMap((flag) => flag ?? []).toSorted((left, right) => weight(right) - weight(left))[0];

/** The flag of a value: the laboratory's own comes before what its range says. */
function flagOf(observation: JsonObject): ResultFlag | undefined {
  const codes = listOf(observation["interpretation"]).flatMap(({ coding }) => listOf(coding));
  const said = gravest(codes.map(({ code }) => FLAGS[textOf(code)]));
  if (said !== undefined) return said;
  const value = numberIn(observation["valueQuantity"]);
  const [range] = listOf(observation["referenceRange"]);
  const [low, high] = [numberIn(range?.["low"]), numberIn(range?.["high"])];
  if (value === undefined || (low === undefined && high === undefined)) return undefined;
  if (low !== undefined && value < low) return "low";
  return high !== undefined && value > high ? "high" : "normal";
}

function numberIn(quantity: unknown): number | undefined {
  const { value } = objectOf(quantity);
  const number = typeof value === "number" ? value : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** A number as it was sent, to its last digit. */
const digits = (quantity: JsonObject): string => {
  const sent = /"value":([^,}]+)/.exec(stringifyJson(quantity))?.[1];
  return sent ?? "";
};

function valueText(observation: JsonObject): { readonly value: string; readonly unit?: string } {
  const quantity = observation["valueQuantity"];
  if (isJsonObject(quantity)) {
    const unit = textOf(quantity["unit"]) || textOf(quantity["code"]);
    return { value: `${textOf(quantity["comparator"])}${digits(quantity)}`, ...(unit !== "" && { unit }) };
  }
  const { valueString, valueBoolean, valueInteger } = observation;
  const plain = [valueString, valueBoolean, valueInteger].find((each) => each !== undefined);
  if (plain !== undefined) return { value: String(plain as string | boolean | number) };
  return { value: wordsOf(observation["valueCodeableConcept"]) || wordsOf(observation["dataAbsentReason"]) };
}

function rangeText(observation: JsonObject): string {
  const [range] = listOf(observation["referenceRange"]);
  if (range === undefined) return "";
  if (textOf(range["text"]) !== "") return textOf(range["text"]);
  const [low, high] = [range["low"], range["high"]].map((each) => (isJsonObject(each) ? digits(each) : ""));
  return low !== "" && high !== ""
    ? `${low ?? ""}–${high ?? ""}`
    : low === ""
      ? high
        ? `≤ ${high}`
        : ""
      : `≥ ${low ?? ""}`;
}

/** A value of a result, as its Observation says it: one line, or one for each component. */
export function valuesOf(observation: FhirResource): readonly ResultValue[] {
  const parts = listOf(observation["component"]);
  const own = hasValue(observation) || parts.length === 0 ? [observation as JsonObject] : [];
  return [...own, ...parts].map((part) => {
    const range = rangeText(part);
    const flag = flagOf(part);
    const note = listOf(part["note"])
      .map(({ text }) => textOf(text))
      .join(" ");
    return {
      name: wordsOf(part["code"]),
      ...valueText(part),
      ...(range !== "" && { range }),
      ...(flag !== undefined && { flag }),
      ...(note !== "" && { note }),
    };
  });
}

const hasValue = (observation: JsonObject): boolean =>
  Object.keys(observation).some((name) => name.startsWith("value") || name === "dataAbsentReason");

const reviewPart = (resource: FhirResource): readonly JsonObject[] | undefined => {
  const review = listOf(resource["extension"]).find(({ url }) => url === RESULT_REVIEW);
  return review && listOf(review["extension"]);
};

/** Who has signed the result off; undefined where it waits. */
export function reviewOf(resource: FhirResource, me: Me): ResultReview | undefined {
  const parts = reviewPart(resource);
  if (parts === undefined) return undefined;
  const part = (name: string): JsonObject => parts.find(({ url }) => url === name) ?? {};
  const comment = textOf(part("comment")["valueString"]);
  return {
    by: partyOf(part("by")["valueReference"], me),
    at: textOf(part("at")["valueInstant"]),
    ...(comment !== "" && { comment }),
  };
}

/** The account that signed it off. */
export const reviewerIn = (resource: FhirResource): unknown =>
  reviewPart(resource)?.find(({ url }) => url === "by")?.["valueReference"];

/** The next version of a report, or of a value without one, that was signed off: its own words stay as they are. */
export function reviewedVersion(
  resource: FhirResource,
  me: Me,
  nowMs: number,
  comment: string | undefined,
): JsonObject {
  const review = {
    url: RESULT_REVIEW,
    extension: [
      { url: "by", valueReference: meReference(me) },
      { url: "at", valueInstant: toInstant(nowMs) },
      ...(comment === undefined ? [] : [{ url: "comment", valueString: comment }]),
    ],
  };
  return { ...resource, extension: [...listOf(resource["extension"]), review] } as JsonObject;
}
