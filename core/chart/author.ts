import { isJsonObject, type JsonObject } from "../fhir/index.ts";
import type { Stamp } from "../contract/chart.ts";

/** The member who writes, as the registry knows her. */
export interface Author {
  readonly userId: string;
  readonly practitionerId?: string;
  readonly displayName: string;
}

const USER_SYSTEM = "urn:keyward:user";

/** A Reference to who writes: the Practitioner that the membership names, else the member herself by her id. */
export const referenceTo = ({ userId, practitionerId, displayName }: Author): JsonObject => ({
  ...(practitionerId === undefined
    ? { type: "Practitioner", identifier: { system: USER_SYSTEM, value: userId } }
    : { reference: `Practitioner/${practitionerId}` }),
  display: displayName,
});

/**
 * Extension of a record: who wrote this version of it, when, and why. FHIR says of most records who made them and of none
 * who changed them last; the audit trail does, and a chart should not have to ask it.
 */
const CHANGE = "urn:keyward:extension:change";

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** The record as changed by this author now; what was said of the change before is in the version before. */
export function withChange(record: JsonObject, author: Author, at: string, reason?: string): JsonObject {
  const others = listOf(record["extension"]).filter(({ url }) => url !== CHANGE);
  const change = {
    url: CHANGE,
    extension: [
      { url: "by", valueReference: referenceTo(author) },
      { url: "at", valueDateTime: at },
      ...(reason === undefined ? [] : [{ url: "reason", valueString: reason }]),
    ],
  };
  return { ...record, extension: [...others, change] };
}

const displayOf = (reference: unknown): string | undefined => {
  const [first] = Array.isArray(reference) ? listOf(reference) : [reference];
  if (!isJsonObject(first)) return undefined;
  return textOf(first["display"]) ?? displayOf(first["actor"]);
};

/** Who changed this version; undefined for a version that was made anew or came from elsewhere. */
export function changeOf(record: JsonObject): Stamp | undefined {
  const change = listOf(record["extension"]).find(({ url }) => url === CHANGE);
  if (change === undefined) return undefined;
  const part = (name: string): JsonObject | undefined => listOf(change["extension"]).find(({ url }) => url === name);
  const by = displayOf(part("by")?.["valueReference"]);
  const at = textOf(part("at")?.["valueDateTime"]);
  const reason = textOf(part("reason")?.["valueString"]);
  return {
    ...(by !== undefined && { by }),
    ...(at !== undefined && { at }),
    ...(reason !== undefined && { reason }),
  };
}

/** Elements that say who made a record and when, the more telling first. */
const MAKERS = ["recorder", "asserter", "requester", "informationSource", "performer"] as const;
const DATES = ["recordedDate", "recorded", "dateAsserted", "authoredOn", "issued", "effectiveDateTime"] as const;

/** Who made the record, and when. */
export function recordingOf(record: JsonObject): Stamp {
  const by = MAKERS.map((name) => displayOf(record[name])).find((text) => text !== undefined);
  const at = DATES.map((name) => textOf(record[name])).find((text) => text !== undefined);
  return { ...(by !== undefined && { by }), ...(at !== undefined && { at }) };
}
