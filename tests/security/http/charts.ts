import { RESOURCE_TYPES, type ResourceType } from "../../../core/fhir/index.ts";
import { seed } from "../../core/fhir/fixtures.ts";
import type { Caller } from "../world.ts";

export interface StoredRecord {
  readonly type: ResourceType;
  readonly id: string;
  readonly etag: string;
}

/** One record of every type that is stored, referring to each other, with the canary in each. */
export async function fileEveryType(by: Caller, canary: string): Promise<ReadonlyMap<ResourceType, StoredRecord>> {
  const entry = RESOURCE_TYPES.map((type) => ({
    fullUrl: `https://seed.example/fhir/${type}/example`,
    resource: withCanary(type, canary),
    request: { method: "POST", url: type },
  }));
  const answer = await by.send("POST", "/fhir", { body: { resourceType: "Bundle", type: "transaction", entry } });
  if (answer.status !== 200) throw new Error(`the clinic's records were refused: ${answer.status} ${answer.text}`);
  return new Map(
    RESOURCE_TYPES.map((type, index) => {
      const response = answer.body["entry"]?.[index]?.["response"];
      const [named, id = ""] = String(response?.["location"]).split("/");
      if (named !== type) throw new Error("answers come in the order of the entries");
      return [type, { type, id, etag: String(response?.["etag"]) }] as const;
    }),
  );
}

const HARMLESS = {
  type: "permit",
  class: [{ system: "http://hl7.org/fhir/resource-types", code: "Patient" }],
};

/** Every reference of the seeds names an `example`; those to others are led there too. */
function withCanary(type: ResourceType, canary: string): Record<string, unknown> {
  const text = JSON.stringify(seed(type)).replaceAll(
    /"reference":"(Patient|Organization|DocumentReference)\/(?:older|parent|old)"/g,
    '"reference":"$1/example"',
  );
  const { id: _id, ...resource } = JSON.parse(text) as Record<string, unknown>;
  // One that is stored is enforced: this one permits what is permitted without it.
  if (type === "Consent") Object.assign(resource, { provision: HARMLESS });
  if (type === "Binary") return { ...resource, data: Buffer.from(canary).toString("base64") };
  const extension = [{ url: "urn:test:canary", valueString: canary }];
  const before = resource["extension"] as unknown[] | undefined;
  return { ...resource, extension: [...(before ?? []), ...extension] };
}
