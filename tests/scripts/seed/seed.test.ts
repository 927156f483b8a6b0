import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { validateResource } from "../../../core/fhir/index.ts";
import { ID_PATTERN } from "../../../core/kernel/ids.ts";
import { localScanner } from "../../../core/document/scan/local-scanner.ts";
import { sniff } from "../../../core/document/sniff.ts";
import { chartDocuments } from "../../../scripts/seed/documents.ts";
import { generateClinic } from "../../../scripts/seed/index.ts";

const plan = { seed: "lakeside", today: "2026-11-22" };
const digest = (patients: number, seed = plan.seed): string => {
  const hash = createHash("sha256");
  for (const resources of generateClinic({ ...plan, seed }, patients)) hash.update(JSON.stringify(resources));
  return hash.digest("hex");
};

describe("generateClinic", () => {
  it("CLIN-19 gives the same bytes for the same seed, others for another, and a larger clinic begins like a smaller", () => {
    expect(digest(40)).toBe(digest(40));
    expect(digest(40, "riverside")).not.toBe(digest(40));
    const few = [...generateClinic(plan, 3)];
    expect([...generateClinic(plan, 9)].slice(0, 4)).toEqual(few);
  });

  it("every resource is valid, marked synthetic, has an id of ours, and refers only to what exists", () => {
    const resources = [...generateClinic(plan, 60)].flat();
    const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
    expect(known.size).toBe(resources.length);
    for (const resource of resources) {
      const result = validateResource(resource);
      expect(result.ok ? [] : result.error.issues, resource.resourceType).toEqual([]);
      expect(JSON.stringify(resource["meta"])).toContain("HTEST");
      for (const part of resource.id.split(".")) expect(part).toMatch(ID_PATTERN);
      for (const match of JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g))
        expect(known).toContain(match[1]);
    }
  });

  it("CLIN-19 the documents of a chart are the same bytes for the same facts, are what they say, and harm nobody", async () => {
    const whose = {
      name: "Matteo Greystone",
      birthDate: "1963-09-15",
      physician: "Dr. Odette Jarrow",
      clinic: "Lakeside Family Practice",
      today: plan.today,
    };
    const bytesOf = (facts: typeof whose): string =>
      chartDocuments(facts)
        .flatMap(({ contents }) => contents.map((each) => createHash("sha256").update(each).digest("hex")))
        .join();
    expect(bytesOf(whose)).toBe(bytesOf({ ...whose }));
    expect(bytesOf({ ...whose, name: "Somebody Else" })).not.toBe(bytesOf(whose));
    const documents = chartDocuments(whose);
    expect(new Set(documents.map(({ type }) => type)).size).toBe(documents.length);
    expect(documents.map(({ contents }) => contents.length)).toContain(2);
    for (const { mediaType, contents, date } of documents) {
      expect(date < plan.today).toBe(true);
      for (const bytes of contents) {
        expect(await sniff(bytes, true)).toBe(mediaType);
        expect(await localScanner.scan({ bytes, mediaType })).toEqual([]);
      }
    }
  });

  it("the first patient has a chart worth reading", () => {
    const [, first = []] = [...generateClinic(plan, 1)];
    const types = new Set(first.map(({ resourceType }) => resourceType));
    for (const type of ["Patient", "Condition", "MedicationRequest", "Observation", "Encounter", "DiagnosticReport"])
      expect(types).toContain(type);
    expect(first.length).toBeGreaterThan(40);
  });
});
