import { err, ok, type Result } from "../kernel/result.ts";
import { checkInvariants } from "./invariants.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { issue, type ValidationIssue } from "./issue.ts";
import { checkStructure } from "./structure.ts";
import { isResourceType, type ResourceType } from "./supported-types.ts";

declare const valid: unique symbol;

/** A resource that `validateResource` accepted. Its elements are known to have the types of FHIR R4. */
export type FhirResource = JsonObject & {
  readonly resourceType: ResourceType;
  readonly id?: string;
  readonly meta?: JsonObject;
  readonly [valid]: true;
};

/** `kind` is the FHIR issue type; at least one issue. */
export interface InvalidResource {
  readonly kind: "structure" | "not-supported" | "invalid";
  readonly issues: readonly ValidationIssue[];
}

const refuse = (kind: InvalidResource["kind"], issues: readonly ValidationIssue[]): Result<never, InvalidResource> =>
  err({ kind, issues });

/**
 * Judges one resource as FHIR R4 (4.0.1) defines it: structure, formats, required bindings, references, narrative,
 * contained resources, and the error constraints of R4 in FHIRPath. Profiles and terminology servers are not asked.
 * Takes the value that `parseJson` gave; gives it back as FhirResource, unchanged. `structure`: no JSON object;
 * `not-supported`: no resource type that Keyward stores; `invalid`: every issue found, at most 50 of structure, or where
 * the structure is sound those of the constraints.
 */
export function validateResource(value: unknown): Result<FhirResource, InvalidResource> {
  if (!isJsonObject(value)) return refuse("structure", [issue("Resource", "resource-shape")]);
  if (!isResourceType(value["resourceType"])) return refuse("not-supported", [issue("Resource", "resource-type")]);
  const { issues, judged } = checkStructure(value);
  // FHIRPath is asked about sound structures only: what the engine meets is then what its definitions say.
  if (issues.length > 0) return refuse("invalid", issues);
  const broken = checkInvariants(value, judged);
  return broken.length > 0 ? refuse("invalid", broken) : ok(value as FhirResource);
}
