import type { FhirResource, JsonObject } from "../../fhir/index.ts";
import { authorOf, classOf, copyLexemes, INLINE_LABEL, isJsonObject } from "../../fhir/index.ts";
import type { ConsentRuling } from "./inquiry.ts";

const ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
/** FHIR R4 extension-data-absent-reason.html: there is a value, and it is not shown for reasons of privacy. */
const MASKED: readonly JsonObject[] = [{ url: ABSENT_REASON, valueCode: "masked" }];
/** FHIR R4 resource.html#simple-tags; DS4P "Redacted". */
const SUBSETTED: JsonObject = { system: OBSERVATION_VALUE, code: "SUBSETTED" };
const REDACTED: JsonObject = { system: OBSERVATION_VALUE, code: "REDACTED" };

type IsHidden = (label: string) => boolean;

/**
 * The resource without the elements whose inline security label (HL7 DS4P, `extension-inline-sec-label`) consent does not
 * let through. In place of each stands data-absent-reason `masked`; its label goes with it, because it tells what was
 * there; the narrative goes too, because it may repeat it. The resource is tagged SUBSETTED and labelled REDACTED. Itself,
 * unchanged, where nothing is hidden.
 */
export function redactLabelled(resource: FhirResource, ruling: ConsentRuling): FhirResource {
  const author = authorOf(resource);
  const known = new Map<string, boolean>();
  const isHidden: IsHidden = (label) => {
    const hidden = known.get(label) ?? !ruling.permits(factsOf(resource, label, author));
    known.set(label, hidden);
    return hidden;
  };
  const redacted = redactObject(resource, isHidden);
  if (redacted === resource) return resource;
  const { text: _text, ...rest } = redacted;
  const meta = {
    ...resource.meta,
    security: [...listOf(resource.meta?.["security"]), REDACTED],
    tag: [...listOf(resource.meta?.["tag"]), SUBSETTED],
  };
  return copyLexemes(redacted, { ...rest, meta }) as unknown as FhirResource;
}

const factsOf = (resource: FhirResource, label: string, author: string | undefined) => ({
  type: resource.resourceType,
  id: resource.id ?? "",
  dataClass: classOf(resource),
  labels: [label],
  ...(author !== undefined && { authorPractitionerId: author }),
});

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** True where the element's own extensions carry a hidden label. */
const carriesHidden = (element: unknown, isHidden: IsHidden): boolean =>
  isJsonObject(element) &&
  listOf(element["extension"]).some((each) => {
    const label = isJsonObject(each) && each["url"] === INLINE_LABEL ? each["valueCoding"] : undefined;
    const code = isJsonObject(label) ? label["code"] : undefined;
    return typeof code === "string" && isHidden(code);
  });

/** A modifier that may not be shown changes the meaning of all that stands beside it. */
const isHiddenWhole = (element: unknown, isHidden: IsHidden): boolean =>
  isJsonObject(element) &&
  (carriesHidden(element, isHidden) ||
    listOf(element["modifierExtension"]).some((each) => carriesHidden(each, isHidden)));

/** Shares what does not change. */
function redactObject(source: JsonObject, isHidden: IsHidden): JsonObject {
  const copy: Record<string, unknown> = {};
  let isChanged = false;
  for (const [name, value] of Object.entries(source)) {
    const sibling = name.startsWith("_") ? undefined : source[`_${name}`];
    const redacted = redactValue(name, value, sibling, isHidden);
    isChanged ||= redacted !== value;
    if (redacted !== undefined) copy[name] = redacted;
  }
  return isChanged ? copyLexemes(source, copy) : source;
}

/** `sibling` is `_name`, which holds the extensions of a primitive `name`. */
function redactValue(name: string, value: unknown, sibling: unknown, isHidden: IsHidden): unknown {
  if (Array.isArray(value)) return redactArray(name, value as unknown[], listOf(sibling), isHidden);
  if (!isJsonObject(value)) return carriesHidden(sibling, isHidden) ? undefined : value;
  return isHiddenWhole(value, isHidden) ? { extension: MASKED } : redactObject(value, isHidden);
}

function redactArray(
  name: string,
  values: readonly unknown[],
  siblings: readonly unknown[],
  isHidden: IsHidden,
): readonly unknown[] {
  const isExtension = name === "extension" || name === "modifierExtension";
  // An extension is nothing without its url, and its url tells what it was.
  const kept = isExtension ? values.filter((each) => !isHiddenWhole(each, isHidden)) : values;
  const redacted = kept.map((each, index) => {
    if (!isJsonObject(each)) return carriesHidden(siblings[index], isHidden) ? null : each;
    return isHiddenWhole(each, isHidden) ? { extension: MASKED } : redactObject(each, isHidden);
  });
  const isSame = redacted.length === values.length && redacted.every((each, index) => each === values[index]);
  return isSame ? values : copyLexemes(values as object, redacted);
}
