import { searchParameter, searchParameterCodes } from "./search/parameters.ts";
import { RESOURCE_TYPES, type ResourceType } from "./supported-types.ts";

export interface CapabilityInput {
  /** The FHIR base without a slash at its end. */
  readonly url: string;
  readonly version: string;
  /** FHIR dateTime of this statement. */
  readonly date: string;
  /** Interactions that a stage does not offer (yet), by R4's code. */
  readonly without?: readonly Interaction[];
}

export type Interaction = (typeof INTERACTIONS)[number] | (typeof SYSTEM_INTERACTIONS)[number];

const INTERACTIONS = ["read", "vread", "update", "delete", "history-instance", "create", "search-type"] as const;
const SYSTEM_INTERACTIONS = ["transaction", "batch"] as const;

function resourceStatement(type: ResourceType, without: readonly string[]): object {
  const parameters = searchParameterCodes(type).flatMap((code) => searchParameter(type, code) ?? []);
  const references = parameters.filter(({ type: of }) => of === "reference");
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: INTERACTIONS.filter((code) => !without.includes(code)).map((code) => ({ code })),
    versioning: "versioned",
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalUpdate: true,
    conditionalDelete: "single",
    referencePolicy: ["literal", "local"],
    ...(references.length === 0 ? {} : { searchInclude: references.map(({ code }) => `${type}:${code}`) }),
    searchRevInclude: ["Provenance:target"],
    searchParam: parameters.map(({ code, type: of }) => ({ name: code, type: of })),
  };
}

/** What this server can do, made from the types and parameters that it knows. FHIR R4 capabilitystatement.html. */
export function capabilityStatement({ url, version, date, without = [] }: CapabilityInput): object {
  return {
    resourceType: "CapabilityStatement",
    url: `${url}/metadata`,
    version,
    name: "Keyward",
    title: "Keyward FHIR API",
    status: "active",
    date,
    kind: "instance",
    software: { name: "Keyward", version },
    implementation: { description: "Keyward electronic health record", url },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    rest: [
      {
        mode: "server",
        security: {
          cors: false,
          service: [
            {
              coding: [
                {
                  system: "http://terminology.hl7.org/CodeSystem/restful-security-service",
                  code: "SMART-on-FHIR",
                },
              ],
            },
          ],
        },
        resource: RESOURCE_TYPES.map((type) => resourceStatement(type, without)),
        interaction: SYSTEM_INTERACTIONS.filter((code) => !without.includes(code)).map((code) => ({ code })),
      },
    ],
  };
}
