import * as z from "zod";
import { CONSENT_FORMS, ConsentSignature, REVOCATION_REASONS } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { ID_PATTERN } from "../kernel/ids.ts";

/**
 * What a form knows and a Consent has no element for, in two extensions of ours. They say how a word was given and taken
 * back; what it permits stands in the provisions alone.
 */
const FORM_URL = "urn:keyward:consent-form";
const REVOCATION_URL = "urn:keyward:consent-revocation";

const id = z.string().regex(ID_PATTERN);

export const FormMark = z.strictObject({
  form: z.enum(CONSENT_FORMS),
  signature: ConsentSignature,
  recordedBy: id,
  recordedAt: z.iso.datetime(),
  study: z.string().optional(),
  discloser: z.string().optional(),
  description: z.string().optional(),
  expiry: z.string().optional(),
});
export type FormMark = z.infer<typeof FormMark>;

export const RevocationMark = z.strictObject({
  reason: z.enum(REVOCATION_REASONS),
  text: z.string().optional(),
  by: id,
  at: z.iso.datetime(),
});
export type RevocationMark = z.infer<typeof RevocationMark>;

const text = (url: string, value: string): JsonObject => ({ url, valueString: value });

/** One extension with a part for each fact, so that FHIR tools show it. */
export function formExtension({ signature, ...mark }: FormMark): JsonObject {
  const { representative } = signature;
  return {
    url: FORM_URL,
    extension: [
      { url: "form", valueCode: mark.form },
      { url: "signature-kind", valueCode: signature.kind },
      { url: "signed-on", valueDate: signature.signedOn },
      { url: "signed-by", valueCode: signature.by },
      ...(representative === undefined
        ? []
        : [text("representative", representative.name), text("authority", representative.authority)]),
      { url: "recorded-by", valueId: mark.recordedBy },
      { url: "recorded-at", valueInstant: mark.recordedAt },
      ...(["study", "discloser", "description", "expiry"] as const).flatMap((name) => {
        const value = mark[name];
        return value === undefined ? [] : [text(name, value)];
      }),
    ],
  };
}

export const revocationExtension = ({ reason, by, at, text: words }: RevocationMark): JsonObject => ({
  url: REVOCATION_URL,
  extension: [
    { url: "reason", valueCode: reason },
    { url: "by", valueId: by },
    { url: "at", valueInstant: at },
    ...(words === undefined || words === "" ? [] : [text("text", words)]),
  ],
});

/** The parts of one of our extensions, by name; undefined where the resource has none. */
function partsOf(resource: FhirResource, url: string): Readonly<Record<string, unknown>> | undefined {
  const extensions: unknown = resource["extension"];
  const found = (Array.isArray(extensions) ? (extensions as unknown[]) : [])
    .filter(isJsonObject)
    .find((each) => each["url"] === url);
  const parts: unknown = found?.["extension"];
  if (!Array.isArray(parts)) return undefined;
  return Object.fromEntries(
    (parts as unknown[]).filter(isJsonObject).flatMap((part) => {
      const value = Object.entries(part).find(([name]) => name.startsWith("value"))?.[1];
      return typeof part["url"] === "string" ? [[part["url"], value]] : [];
    }),
  );
}

/** How the consent was recorded; undefined for one that came by another way, or that says it in words we do not know. */
export function readFormMark(resource: FhirResource): FormMark | undefined {
  const parts = partsOf(resource, FORM_URL);
  if (parts === undefined) return undefined;
  const { representative, authority } = parts;
  const read = FormMark.safeParse({
    form: parts["form"],
    signature: {
      kind: parts["signature-kind"],
      signedOn: parts["signed-on"],
      by: parts["signed-by"],
      ...(representative !== undefined && { representative: { name: representative, authority } }),
    },
    recordedBy: parts["recorded-by"],
    recordedAt: parts["recorded-at"],
    study: parts["study"],
    discloser: parts["discloser"],
    description: parts["description"],
    expiry: parts["expiry"],
  });
  return read.success ? read.data : undefined;
}

export function readRevocationMark(resource: FhirResource): RevocationMark | undefined {
  const parts = partsOf(resource, REVOCATION_URL);
  if (parts === undefined) return undefined;
  const read = RevocationMark.safeParse({
    reason: parts["reason"],
    by: parts["by"],
    at: parts["at"],
    text: parts["text"],
  });
  return read.success ? read.data : undefined;
}
