import { describe, expect, it } from "vitest";
import {
  type FhirResource,
  includedReferences,
  paginate,
  parseSearch,
  type SearchQuery,
  shapeResource,
  sortResources,
} from "../../../../core/fhir/index.ts";
import { resource } from "../fixtures.ts";

const query = (type: "Patient" | "Observation" | "MedicationRequest", text: string): SearchQuery => {
  const result = parseSearch(type, text);
  if (!result.ok) throw new Error(JSON.stringify(result.error.issues));
  return result.value;
};
const ids = (resources: readonly FhirResource[]): string => resources.map(({ id }) => id).join(" ");

describe("sortResources", () => {
  const on = (id: string, effectiveDateTime: string | undefined, value = 1): FhirResource =>
    resource("Observation", { id, effectiveDateTime, component: undefined, valueQuantity: { value } });
  const list = [
    on("b", "2020"),
    on("a", "2021-05"),
    on("d", undefined),
    on("c", "2019-01-01T00:00:00Z"),
    on("e", "2021-05", 0.5),
  ];

  it.each([
    ["date", "c b a e d"],
    ["-date", "a e b c d"],
    ["date,value-quantity", "c b e a d"],
    ["-date,-value-quantity", "a e b c d"],
    ["-value-quantity,date", "c b a d e"],
    ["_id", "a b c d e"],
    ["-_id", "e d c b a"],
  ])("orders by %s, what has no value last, equals by id", (keys, expected) => {
    expect(ids(sortResources(list, query("Observation", `_sort=${keys}`).sort))).toBe(expected);
    expect(ids(sortResources(list.toReversed(), query("Observation", `_sort=${keys}`).sort))).toBe(expected);
  });

  it("orders names without regard to case and accents", () => {
    const named = (id: string, family: string): FhirResource => resource("Patient", { id, name: [{ family }] });
    const patients = [named("1", "Øst"), named("2", "adam"), named("3", "Ábel"), named("4", "Zoe")];
    expect(ids(sortResources(patients, query("Patient", "_sort=family").sort))).toBe("3 2 4 1");
  });

  it("leaves its input alone", () => {
    const before = [...list];
    sortResources(list, query("Observation", "_sort=date").sort);
    expect(list).toEqual(before);
  });
});

describe("paginate", () => {
  const items = Array.from({ length: 7 }, (_, index) => ({ id: `r${index}` }));
  const page = (
    list: readonly { id: string }[],
    count: number,
    cursor?: string,
  ): { ids: string; next: string | undefined } => {
    const result = paginate(list, count, cursor);
    return result.ok
      ? { ids: result.value.items.map(({ id }) => id).join(" "), next: result.value.next }
      : { ids: "refused", next: undefined };
  };

  it("gives every item once, page by page", () => {
    const first = page(items, 3);
    const second = page(items, 3, first.next);
    const third = page(items, 3, second.next);
    expect([first.ids, second.ids, third.ids]).toEqual(["r0 r1 r2", "r3 r4 r5", "r6"]);
    expect(third.next).toBeUndefined();
  });

  it("goes on after the last item where others came or went", () => {
    const { next } = page(items, 3);
    expect(page([{ id: "new" }, ...items], 3, next).ids).toBe("r3 r4 r5");
    expect(
      page(
        items.filter(({ id }) => id !== "r1"),
        3,
        next,
      ).ids,
    ).toBe("r3 r4 r5");
    expect(
      page(
        items.filter(({ id }) => id !== "r2"),
        3,
        next,
      ).ids,
    ).toBe("r4 r5 r6");
  });

  it.each(["", "x", "1", "1.", "-1.r0", "1.r 0", "9999999999.r0", "1.r0.%2e"])("refuses the cursor %j", (cursor) => {
    expect(page(items, 3, cursor).ids).toBe("refused");
  });

  it("ends without a next page where the count fits exactly", () => {
    expect(page(items, 7).next).toBeUndefined();
    expect(page([], 7)).toEqual({ ids: "", next: undefined });
  });
});

describe("shapeResource", () => {
  const patient = resource("Patient");
  const keys = (text: string): string[] => Object.keys(shapeResource(patient, query("Patient", text)));

  it("gives the resource itself where nothing was asked for", () => {
    expect(shapeResource(patient, query("Patient", "_summary=false"))).toBe(patient);
    expect(shapeResource(patient, query("Patient", "_summary=count"))).toBe(patient);
  });

  it("keeps the elements asked for, the mandatory ones and the siblings of primitives", () => {
    expect(keys("_elements=birthDate,deceased")).toEqual([
      "resourceType",
      "id",
      "birthDate",
      "_birthDate",
      "deceasedBoolean",
      "meta",
    ]);
    const observation = resource("Observation");
    expect(Object.keys(shapeResource(observation, query("Observation", "_elements=subject")))).toEqual([
      "resourceType",
      "id",
      "status",
      "code",
      "subject",
      "meta",
    ]);
  });

  it("gives summary, text and data", () => {
    expect(keys("_summary=true")).toContain("name");
    expect(keys("_summary=true")).not.toContain("contact");
    expect(keys("_summary=text")).toEqual(["resourceType", "id", "text", "meta"]);
    expect(keys("_summary=data")).not.toContain("text");
    expect(keys("_summary=data")).toContain("contact");
  });

  it("tags what it cut, and leaves the original alone", () => {
    const cut = shapeResource(patient, query("Patient", "_elements=name"));
    expect(cut.meta?.["tag"]).toEqual([
      { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "SUBSETTED" },
    ]);
    expect(patient.meta?.["tag"]).toBeUndefined();
  });
});

describe("includedReferences", () => {
  const found = (type: "MedicationRequest" | "Observation", text: string, changes = {}): string[] => {
    const [include] = query(type, text).includes;
    return include ? includedReferences(resource(type, changes), include).map(({ type: of, id }) => `${of}/${id}`) : [];
  };

  it("follows relative references, each once, narrowed to the target type", () => {
    const performer = ["Practitioner/1", "Organization/2", "Practitioner/1"].map((reference) => ({ reference }));
    expect(found("Observation", "_include=Observation:performer", { performer })).toEqual([
      "Practitioner/1",
      "Organization/2",
    ]);
    expect(found("Observation", "_include=Observation:performer:Organization", { performer })).toEqual([
      "Organization/2",
    ]);
    expect(found("MedicationRequest", "_include=MedicationRequest:medication")).toEqual([]);
    expect(
      found("MedicationRequest", "_include=MedicationRequest:medication", {
        contained: undefined,
        medicationReference: { reference: "Medication/1" },
      }),
    ).toEqual(["Medication/1"]);
  });

  it("follows nothing from a resource of another type", () => {
    const [include] = query("Observation", "_include=Observation:subject").includes;
    expect(include && includedReferences(resource("Condition"), include)).toEqual([]);
  });
});
