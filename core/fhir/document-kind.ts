import { isJsonObject, type JsonObject } from "./json.ts";
import type { FhirResource } from "./validate.ts";

/** The extension of a DocumentReference whose content lies with us; core/record lets core/document alone write it. */
export const DOCUMENT_CONTENT = "urn:keyward:document-content";

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isJsonObject) : [];

/** The extensions by which a record says that its content lies with us: one, in what we write. */
export const documentContents = (resource: FhirResource): readonly JsonObject[] =>
  resource.resourceType === "DocumentReference"
    ? objects(resource["extension"]).filter(({ url }) => url === DOCUMENT_CONTENT)
    : [];

/** Whether a document is the office's: an insurance card, a form. What does not say so in one way is clinical. */
export function isOfficeDocument(resource: FhirResource): boolean {
  const [content, ...others] = documentContents(resource);
  if (content === undefined || others.length > 0) return false;
  const kinds = objects(content["extension"]).filter(({ url }) => url === "kind");
  return kinds.length === 1 && kinds[0]?.["valueCode"] === "administrative";
}
