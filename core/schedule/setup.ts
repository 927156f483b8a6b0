import {
  type Place,
  type PlaceView,
  type ProviderView,
  TONES,
  type VisitType,
  type VisitTypeView,
} from "../contract/index.ts";
import { copyLexemes, type FhirResource, isJsonObject, type JsonObject, parseReference } from "../fhir/index.ts";

/** Sites and rooms as FHIR Location, visit types as HealthcareService: the only place that knows their FHIR form. */

const PHYSICAL_TYPE = "http://terminology.hl7.org/CodeSystem/location-physical-type";
const KIND_CODES = { site: "si", room: "ro" } as const;
const MINUTES_EXTENSION = "urn:keyward:visit-minutes";
const TONE_EXTENSION = "urn:keyward:visit-tone";
const DEFAULT_MINUTES = 20;

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isJsonObject) : [];

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** `before` with what is said now; what it says beside is kept. */
const over = (before: FhirResource | undefined, now: Readonly<Record<string, unknown>>): FhirResource =>
  copyLexemes(before ?? {}, {
    ...Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => !(name in now))),
    ...Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined)),
  }) as unknown as FhirResource;

export const locationOf = ({ name, kind, partOf, isActive }: Place, before?: FhirResource): FhirResource =>
  over(before, {
    resourceType: "Location",
    status: isActive ? "active" : "inactive",
    name,
    mode: "instance",
    physicalType: { coding: [{ system: PHYSICAL_TYPE, code: KIND_CODES[kind] }] },
    partOf: partOf === undefined ? undefined : { reference: `Location/${partOf}` },
  });

export function placeOf(location: FhirResource, version: number): PlaceView {
  const { physicalType, partOf } = location;
  const codes = objects(isJsonObject(physicalType) ? physicalType["coding"] : undefined).map(({ code }) => code);
  const within = isJsonObject(partOf) ? parseReference(String(partOf["reference"])) : undefined;
  return {
    id: location.id ?? "",
    version,
    name: textOf(location["name"]),
    kind: codes.includes(KIND_CODES.room) || codes.includes("bd") ? "room" : "site",
    isActive: location["status"] !== "inactive" && location["status"] !== "suspended",
    ...(within?.kind === "relative" && within.type === "Location" && { partOf: within.id }),
  };
}

export function serviceOf({ name, minutes, tone, isActive }: VisitType, before?: FhirResource): FhirResource {
  const others = objects(before?.["extension"]).filter(
    ({ url }) => url !== MINUTES_EXTENSION && url !== TONE_EXTENSION,
  );
  return over(before, {
    resourceType: "HealthcareService",
    extension: [
      ...others,
      { url: MINUTES_EXTENSION, valuePositiveInt: minutes },
      { url: TONE_EXTENSION, valueCode: tone },
    ],
    active: isActive,
    name,
  });
}

export function visitTypeOf(service: FhirResource, version: number): VisitTypeView {
  const extensions = objects(service["extension"]);
  const minutes = Number(extensions.find(({ url }) => url === MINUTES_EXTENSION)?.["valuePositiveInt"]);
  const tone = extensions.find(({ url }) => url === TONE_EXTENSION)?.["valueCode"];
  return {
    id: service.id ?? "",
    version,
    name: textOf(service["name"]),
    minutes: Number.isInteger(minutes) ? minutes : DEFAULT_MINUTES,
    tone: TONES.find((known) => known === tone) ?? "gray",
    isActive: service["active"] !== false,
  };
}

/** A practitioner of the clinic as the board names her; undefined for one who has left. */
export function providerOf(practitioner: FhirResource, me: string | undefined): ProviderView | undefined {
  if (practitioner["active"] === false) return undefined;
  const names = objects(practitioner["name"]);
  const name = names.find(({ use }) => use === "official") ?? names[0];
  const part = (value: unknown): readonly string[] =>
    Array.isArray(value) ? (value as unknown[]).filter((each) => typeof each === "string") : [];
  const { given, family, text, suffix } = name ?? {};
  const parts = [...part(given), ...(typeof family === "string" ? [family] : [])];
  const written = parts.length > 0 ? parts.join(" ") : typeof text === "string" ? text : "";
  const titled = [written, ...part(suffix)].join(", ");
  return { id: practitioner.id ?? "", name: titled, isMe: practitioner.id === me };
}
