import { describe, expect, it } from "vitest";
import {
  type FhirResource,
  isJsonObject,
  isResourceType,
  type JsonObject,
  matcher,
  parseJson,
  parseSearch,
  type ResourceType,
  searchParameter,
  validateResource,
} from "../../../../core/fhir/index.ts";
import { parseReference } from "../../../../core/fhir/references.ts";
import { type Selected, selectorOf } from "../../../../core/fhir/search/select.ts";
import { textsOf } from "../../../../core/fhir/search/texts.ts";
import { readTgz, resource, sharedFile, usCoreExamples } from "../fixtures.ts";

/*
 * US Core 8's CapabilityStatement lists the searches that a server offers: each parameter, and each combination. For each
 * we take an example that has a value for every parameter, search for those values, and for others that it has not.
 */

const file = sharedFile("us-core-8/package.tgz");

interface Search {
  readonly type: ResourceType;
  readonly codes: readonly string[];
}

interface Extension {
  readonly url: string;
  readonly valueString?: string;
  readonly extension?: readonly Extension[];
}

function searches(): Search[] {
  const found = [...readTgz(file ?? "")].find(({ name }) =>
    name.endsWith("package/CapabilityStatement-us-core-server.json"),
  );
  const parsed = found ? parseJson(found.bytes) : undefined;
  const statement = (parsed?.ok === true ? parsed.value : { rest: [] }) as {
    rest: { resource: { type: string; searchParam?: { name: string }[]; extension?: Extension[] }[] }[];
  };
  return statement.rest.flatMap(({ resource: resources }) =>
    resources.flatMap(({ type, searchParam = [], extension = [] }) => {
      if (!isResourceType(type)) return [];
      const combinations = extension.map(({ extension: parts = [] }) =>
        parts.filter(({ url }) => url === "required").map(({ valueString = "" }) => valueString),
      );
      return [...searchParam.map(({ name }) => [name]), ...combinations.filter((codes) => codes.length > 0)].map(
        (codes) => ({ type, codes }),
      );
    }),
  );
}

/** A search value that the stored value answers to, and one that it does not. */
function valuesFor(type: string, { type: of, value }: Selected): readonly [string, string] | undefined {
  if (type === "date") {
    const text = isJsonObject(value) ? value["start"] : value;
    return typeof text === "string" ? [of === "Period" ? `ge${text}` : text, "1899"] : undefined;
  }
  if (type === "string") {
    const [text] = textsOf({ type: of, value });
    return text === undefined ? undefined : [text.slice(0, 5).replace(/[\\,$|]/g, String.raw`\$&`), "qqqq"];
  }
  if (type === "reference") {
    if (typeof value === "string") return [value, "http://example.org/other"];
    const reference = isJsonObject(value) ? value["reference"] : undefined;
    const target = typeof reference === "string" ? parseReference(reference) : undefined;
    return target?.kind === "relative" ? [`${target.type}/${target.id}`, "no-such-id"] : undefined;
  }
  const coding: unknown = isJsonObject(value) && Array.isArray(value["coding"]) ? value["coding"][0] : value;
  if (!isJsonObject(coding)) return [`${String(coding)}`, "no-such-code"];
  const code = coding["code"] ?? coding["value"];
  if (typeof code !== "string") return undefined;
  return [typeof coding["system"] === "string" ? `${coding["system"]}|${code}` : code, "no-such-code"];
}

function pairOf(example: FhirResource, code: string): readonly [string, string] | undefined {
  const parameter = searchParameter(example.resourceType, code);
  if (!parameter) return undefined;
  const selected = selectorOf(parameter.expression)({ type: example.resourceType, value: example });
  for (const stored of selected) {
    const pair = valuesFor(parameter.type, stored);
    if (pair) return pair;
  }
  return undefined;
}

const finds = (type: ResourceType, pairs: readonly (readonly [string, string])[], example: FhirResource): boolean => {
  const parsed = parseSearch(type, new URLSearchParams(pairs.map(([code, value]): [string, string] => [code, value])));
  expect(parsed.ok ? [] : parsed.error.issues, JSON.stringify(pairs)).toEqual([]);
  return parsed.ok && matcher(parsed.value, { nowMs: 0 })(example);
};

describe.skipIf(file === undefined)("US Core 8 searches (skipped with this notice where ../shared is missing)", () => {
  const meta = { lastUpdated: "2025-03-01T10:00:00.000Z" };
  const examples = usCoreExamples().flatMap(({ resource: value }) => {
    const result = validateResource({ ...value, meta: { ...(value["meta"] as JsonObject | undefined), ...meta } });
    return result.ok ? [result.value] : [];
  });
  /** Elements that no example of US Core has, put beside our seeds. */
  const EXTRA: Partial<Record<ResourceType, Record<string, unknown>>> = {
    Condition: {
      extension: [
        { url: "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", valueDateTime: "2020-01-01" },
      ],
      encounter: { reference: "Encounter/1" },
      onsetAge: undefined,
      onsetDateTime: "2019-01-01",
    },
    Patient: {
      deceasedBoolean: undefined,
      deceasedDateTime: "2024-05-05",
      extension: ["race", "ethnicity"].map((name) => ({
        url: `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${name}`,
        extension: [{ url: "ombCategory", valueCoding: { system: "urn:oid:2.16.840.1.113883.6.238", code: "2106-3" } }],
      })),
    },
    Encounter: { meta, identifier: [{ system: "http://clinic.example/visit", value: "7" }] },
    MedicationDispense: {
      type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "FF" }] },
    },
    Procedure: { performedPeriod: undefined, performedDateTime: "2019-05-01" },
  };
  const all = searches();

  it("are all there: single parameters and combinations", () => {
    expect(all.filter(({ codes }) => codes.length === 1).length).toBeGreaterThanOrEqual(100);
    expect(all.filter(({ codes }) => codes.length > 1).length).toBeGreaterThanOrEqual(55);
  });

  it.each(all.map(({ type, codes }) => [type, codes.join("+"), codes] as const))("%s?%s", (type, _, codes) => {
    const candidates = [
      ...examples.filter(({ resourceType }) => resourceType === type),
      resource(type, { meta, ...EXTRA[type] }),
    ];
    const example = candidates.find((candidate) => codes.every((code) => pairOf(candidate, code) !== undefined));
    expect(example, "an example with a value for each").toBeDefined();
    if (!example) return;
    const pairs = codes.map((code) => [code, ...(pairOf(example, code) ?? ["", ""])] as const);
    expect(
      finds(
        type,
        pairs.map(([code, own]) => [code, own]),
        example,
      ),
    ).toBe(true);
    for (const wrong of codes) {
      expect(
        finds(
          type,
          pairs.map(([code, own, other]) => [code, code === wrong ? other : own]),
          example,
        ),
        wrong,
      ).toBe(false);
    }
  });
});
