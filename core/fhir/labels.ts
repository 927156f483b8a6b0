import { copyLexemes } from "./decimal.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { parseReference } from "./references.ts";
import type { FhirResource } from "./validate.ts";

/**
 * Labels of special categories: substance use (42 CFR Part 2), mental health and psychotherapy notes (45 CFR 164.501),
 * sexual and reproductive health, violence, HIV and other sexually transmitted diseases, genetics. Codes of
 * http://terminology.hl7.org/CodeSystem/v3-ActCode, ActInformationSensitivityPolicy.
 */
const SENSITIVITY_CODES: ReadonlySet<string> = new Set(
  "42CFRPart2 BH COGN DVD EMOTDIS ETH ETHUD GDIS HIV MH MST OPIOIDUD PSY PSYTHPN SCA SDV SEX SICKLE SPI STD SUD TBOO VIO".split(
    " ",
  ),
);
const CONFIDENTIALITY_CODES: ReadonlySet<string> = new Set(["R", "V"]);
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/**
 * DS4P inline security label: on any element, a Coding that says what kind of secret it holds.
 * http://hl7.org/fhir/uv/security-label-ds4p/STU1/StructureDefinition-extension-inline-sec-label.html
 */
export const INLINE_LABEL = "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";

/** A label without its system is taken at its word: hiding too much is mended sooner than showing too much. */
function isSpecialLabel(label: unknown): label is JsonObject & { readonly code: string } {
  if (!isJsonObject(label)) return false;
  const { system, code } = label;
  if (typeof code !== "string") return false;
  return (
    ((system === undefined || system === ACT_CODE) && SENSITIVITY_CODES.has(code)) ||
    ((system === undefined || system === CONFIDENTIALITY) && CONFIDENTIALITY_CODES.has(code))
  );
}

export const sensitivityCodes = (): ReadonlySet<string> => SENSITIVITY_CODES;

const securityOf = ({ meta }: FhirResource): readonly unknown[] => {
  const security: unknown = meta?.["security"];
  return Array.isArray(security) ? (security as unknown[]) : [];
};

/** The Codings of special categories that the resource as a whole carries, as they were written. */
export const specialLabels = (resource: FhirResource): readonly (JsonObject & { readonly code: string })[] =>
  securityOf(resource).filter(isSpecialLabel);

/** Their codes, each once. */
export const labelsOf = (resource: FhirResource): readonly string[] => [
  ...new Set(specialLabels(resource).map(({ code }) => code)),
];

/** True where the resource says anything of its labels: then what it says is meant to replace what was there. */
export const statesLabels = (resource: FhirResource): boolean => securityOf(resource).length > 0;

/** The codes of special categories that single elements carry, each once. */
export function inlineLabelsOf(resource: FhirResource): readonly string[] {
  const codes = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return (value as unknown[]).forEach(walk);
    if (!isJsonObject(value)) return;
    const label = value["url"] === INLINE_LABEL ? value["valueCoding"] : undefined;
    if (isSpecialLabel(label)) codes.add(label.code);
    Object.values(value).forEach(walk);
  };
  walk(resource);
  return [...codes];
}

/** True where the resource or one of its elements is of a special category. */
export const isSegmented = (resource: FhirResource): boolean =>
  securityOf(resource).some(isSpecialLabel) || inlineLabelsOf(resource).length > 0;

/** The resource with these labels beside its own; itself where it has them all. */
export function withLabels(resource: FhirResource, labels: readonly JsonObject[]): FhirResource {
  const own = new Set(labelsOf(resource));
  const more = new Map(labels.filter(isSpecialLabel).map((label) => [label.code, label]));
  const added = [...more].filter(([code]) => !own.has(code)).map(([, label]) => label);
  if (added.length === 0) return resource;
  const meta = { ...resource.meta, security: [...securityOf(resource), ...added] };
  return copyLexemes(resource, { ...resource, meta } as unknown as FhirResource);
}

/** Where a record names who wrote it, the more telling first. */
const AUTHORS = ["author", "recorder", "asserter", "informationSource", "performer", "sender", "requester"] as const;

/** The Practitioner who wrote the record, where it names exactly one: 45 CFR 164.508(a)(2) knows an originator. */
export function authorOf(resource: FhirResource): string | undefined {
  for (const name of AUTHORS) {
    const value = resource[name];
    const found = (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((each) => practitionerOf(each) ?? []);
    const [only, ...others] = new Set(found);
    if (only !== undefined) return others.length === 0 ? only : undefined;
  }
  return undefined;
}

/** Of a Reference, or of the `actor` of one who performed. */
function practitionerOf(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const reference = value["reference"];
  if (typeof reference !== "string") return practitionerOf(value["actor"]);
  const target = parseReference(reference);
  return target.kind === "relative" && target.type === "Practitioner" ? target.id : undefined;
}
