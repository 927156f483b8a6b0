import { isMessageCategory, type MessageCategory } from "../kernel/message-category.ts";
import { isJsonObject } from "./json.ts";
import type { FhirResource } from "./validate.ts";

/** The system of `Communication.category`, and the url of the extension that says the same of a Task. */
export const MESSAGE_CATEGORY = "urn:keyward:message-category";

const objects = (value: unknown) => (Array.isArray(value) ? (value as unknown[]).filter(isJsonObject) : []);

/**
 * The category of a message or a task of ours; undefined for any other resource, and where it says more than one thing
 * of itself: what cannot be told apart is clinical.
 */
export function messageCategoryOf(resource: FhirResource): MessageCategory | undefined {
  if (resource.resourceType === "Task") {
    const said = objects(resource["extension"]).filter(({ url }) => url === MESSAGE_CATEGORY);
    const [only] = said;
    return said.length === 1 && isMessageCategory(only?.["valueCode"]) ? only["valueCode"] : undefined;
  }
  if (resource.resourceType !== "Communication") return undefined;
  const concepts = objects(resource["category"]);
  const codings = concepts.flatMap(({ coding }) => objects(coding));
  const [only] = codings;
  if (concepts.length !== 1 || codings.length !== 1 || only?.["system"] !== MESSAGE_CATEGORY) return undefined;
  return isMessageCategory(only["code"]) ? only["code"] : undefined;
}

/** True where the resource names our system at all: it claims to be a message or a task of ours. */
export function claimsMessageCategory(resource: FhirResource): boolean {
  if (resource.resourceType === "Task")
    return objects(resource["extension"]).some(({ url }) => url === MESSAGE_CATEGORY);
  return (
    resource.resourceType === "Communication" &&
    objects(resource["category"]).some(({ coding }) =>
      objects(coding).some(({ system }) => system === MESSAGE_CATEGORY),
    )
  );
}
