import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BundleOperation,
  type FhirResource,
  planBundle,
  readBundle,
  references,
} from "../../../../core/fhir/index.ts";
import { seed } from "../fixtures.ts";

const urn = (number: number): string => `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const ANNA = "01jdq3v8s0000000000000000a";

interface EntryInput {
  readonly fullUrl?: string;
  readonly resource?: Record<string, unknown>;
  readonly request?: unknown;
}
const post = (type: string, fullUrl: string, changes: Record<string, unknown> = {}): EntryInput => ({
  fullUrl,
  resource: { ...seed(type), ...changes },
  request: { method: "POST", url: type },
});
const bundle = (entry: readonly unknown[], type = "transaction"): unknown => ({ resourceType: "Bundle", type, entry });

const issuesOf = (value: unknown, options = {}): string[] => {
  const result = readBundle(value, options);
  return result.ok ? [] : result.error.issues.map(({ path, rule }) => `${path} ${rule}`);
};

/** Ids are `new1`, `new2`... under their patient; conditions match what `matches` says. */
function plan(
  value: unknown,
  matches: Record<string, string[]> = {},
  options = {},
): { operations: readonly BundleOperation[]; issues: string[]; refused: string[] } {
  const envelope = readBundle(value, options);
  if (!envelope.ok) throw new Error(JSON.stringify(envelope.error.issues));
  let next = 0;
  const planned = planBundle(envelope.value, {
    matches: new Map(Object.entries(matches)),
    assignId: (_, patientId) => {
      next += 1;
      const own = `01jdq3v8s${String(next).padStart(17, "0")}`;
      return patientId === undefined ? own : `${patientId}.${own}`;
    },
  });
  if (!planned.ok)
    return { operations: [], issues: planned.error.map(({ path, rule }) => `${path} ${rule}`), refused: [] };
  const refused = planned.value.refused.flatMap(({ issues }) => issues.map(({ path, rule }) => `${path} ${rule}`));
  return { operations: planned.value.operations, issues: [], refused };
}
const story = (operations: readonly BundleOperation[]): string[] =>
  operations.map((operation) => `${operation.kind} ${operation.index}`);
const resourceOf = (operations: readonly BundleOperation[], index: number): FhirResource | undefined => {
  const operation = operations.find((candidate) => candidate.index === index);
  return operation && "resource" in operation ? operation.resource : undefined;
};

describe("readBundle", () => {
  it.each([
    ["no object", [], "Bundle bundle-shape"],
    ["another resource", seed("Patient"), "Bundle bundle-shape"],
    ["a collection", { resourceType: "Bundle", type: "collection", entry: [] }, "Bundle.type bundle-type"],
    ["no type", { resourceType: "Bundle" }, "Bundle.type bundle-type"],
    ["entries that are no array", { resourceType: "Bundle", type: "batch", entry: {} }, "Bundle bundle-shape"],
    ["an unknown property", { resourceType: "Bundle", type: "batch", colour: "red" }, "Bundle bundle-shape"],
    ["an entry that is no object", bundle(["x"]), "Bundle.entry[0] json-type"],
    [
      "an entry with an unknown property",
      bundle([{ ...post("Patient", urn(1)), colour: "red" }]),
      "Bundle.entry[0] unknown-property",
    ],
    ["no request", bundle([{ resource: seed("Patient") }]), "Bundle.entry[0].request required"],
    [
      "no method",
      bundle([{ resource: seed("Patient"), request: { url: "Patient" } }]),
      "Bundle.entry[0].request.method required",
    ],
    [
      "PATCH",
      bundle([{ resource: seed("Binary"), request: { method: "PATCH", url: "Patient/1" } }]),
      "Bundle.entry[0].request.method bundle-method",
    ],
    [
      "no url",
      bundle([{ resource: seed("Patient"), request: { method: "POST" } }]),
      "Bundle.entry[0].request.url required",
    ],
    [
      "a type that is not stored",
      bundle([{ request: { method: "GET", url: "Group/1" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "an operation",
      bundle([{ request: { method: "GET", url: "Patient/1/$everything" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "another server",
      bundle([{ request: { method: "GET", url: "https://other.example/fhir/Patient/1" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "a path that climbs",
      bundle([{ request: { method: "GET", url: "Patient/../Group/1" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "POST to an instance",
      bundle([{ resource: seed("Patient"), request: { method: "POST", url: "Patient/1" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "PUT to a type",
      bundle([{ resource: seed("Patient"), request: { method: "PUT", url: "Patient" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "POST without a resource",
      bundle([{ request: { method: "POST", url: "Patient" } }]),
      "Bundle.entry[0].resource bundle-resource",
    ],
    [
      "GET with a resource",
      bundle([{ resource: seed("Patient"), request: { method: "GET", url: "Patient/1" } }]),
      "Bundle.entry[0].resource bundle-resource",
    ],
    [
      "another type than the url",
      bundle([{ resource: seed("Patient"), request: { method: "POST", url: "Group" } }]),
      "Bundle.entry[0].request.url bundle-request",
    ],
    [
      "another stored type than the url",
      bundle([{ resource: seed("Patient"), request: { method: "POST", url: "Slot" } }]),
      "Bundle.entry[0].resource bundle-id",
    ],
    [
      "another id than the url",
      bundle([{ resource: seed("Patient"), request: { method: "PUT", url: "Patient/other" } }]),
      "Bundle.entry[0].resource bundle-id",
    ],
    ["a fullUrl that is no URL", bundle([post("Patient", "Patient/1")]), "Bundle.entry[0].fullUrl format"],
    [
      "a fullUrl with a version",
      bundle([post("Patient", "https://a.example/Patient/1/_history/1")]),
      "Bundle.entry[0].fullUrl bdl-8",
    ],
    [
      "an If-Match that is no ETag",
      bundle([{ request: { method: "DELETE", url: "Patient/1", ifMatch: "3" } }]),
      "Bundle.entry[0].request.ifMatch format",
    ],
    [
      "an If-None-Exist that is no search",
      bundle([{ ...post("Patient", urn(1)), request: { method: "POST", url: "Patient", ifNoneExist: "colour=red" } }]),
      "Bundle.entry[0].request.ifNoneExist condition",
    ],
    [
      "an If-None-Exist that finds everything",
      bundle([{ ...post("Patient", urn(1)), request: { method: "POST", url: "Patient", ifNoneExist: "_count=1" } }]),
      "Bundle.entry[0].request.ifNoneExist condition",
    ],
    [
      "a conditional reference that is no search",
      bundle([post("Observation", urn(1), { subject: { reference: "Patient?colour=red" } })]),
      "Bundle.entry[0].resource.subject condition",
    ],
    [
      "a search that is none",
      bundle([{ request: { method: "GET", url: "Patient?colour=red" } }]),
      "Patient search-unknown",
    ],
    [
      "an invalid resource",
      bundle([post("Patient", urn(1), { gender: "x" })]),
      "Bundle.entry[0].resource.gender binding",
    ],
    [
      "an invalid resource at its root",
      bundle([post("Organization", urn(1), { name: undefined, identifier: undefined })]),
      "Bundle.entry[0].resource org-1",
    ],
  ])("refuses %s", (_, value, expected) => {
    expect(issuesOf(value)).toEqual([expected]);
  });

  it("refuses more entries than allowed", () => {
    expect(issuesOf(bundle([post("Patient", urn(1)), post("Patient", urn(2))]), { maxEntries: 1 })).toEqual([
      "Bundle.entry bundle-size",
    ]);
  });

  it("refuses a transaction for one bad entry, and names every one", () => {
    const entries = [
      post("Patient", urn(1)),
      post("Patient", urn(2), { gender: "x" }),
      post("Slot", urn(3), { status: undefined }),
    ];
    expect(issuesOf(bundle(entries))).toEqual([
      "Bundle.entry[1].resource.gender binding",
      "Bundle.entry[2].resource.status required",
    ]);
  });

  it("carries the bad entries of a batch along", () => {
    const result = readBundle(bundle([post("Patient", urn(1)), post("Patient", urn(2), { gender: "x" })], "batch"));
    expect(result.ok && result.value.entries.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it("accepts a bundle without entries", () => {
    expect(issuesOf({ resourceType: "Bundle", type: "transaction" })).toEqual([]);
  });

  it("lists each condition once, those of references, If-None-Exist, PUT and DELETE; a GET asks by itself", () => {
    const condition = "Practitioner?identifier=http://a|1";
    const result = readBundle(
      bundle([
        post("Observation", urn(1), { performer: [{ reference: condition }, { reference: condition }] }),
        {
          ...post("Patient", urn(2)),
          request: { method: "POST", url: "Patient", ifNoneExist: "identifier=http://a|2" },
        },
        { resource: seed("Slot"), request: { method: "PUT", url: "Slot?identifier=http://a|3" } },
        { request: { method: "DELETE", url: "Slot?identifier=http://a|4" } },
        { request: { method: "GET", url: "Slot?identifier=http://a|5" } },
      ]),
    );
    expect(result.ok && result.value.conditions.map(({ key }) => key)).toEqual([
      condition,
      "Patient?identifier=http://a|2",
      "Slot?identifier=http://a|3",
      "Slot?identifier=http://a|4",
    ]);
  });

  it("reads urls under its own base as relative ones", () => {
    const base = "https://clinic.example/fhir/";
    const { operations } = plan(bundle([{ request: { method: "GET", url: `${base}Patient/1` } }]), {}, { base });
    expect(operations).toEqual([{ kind: "read", index: 0, type: "Patient", id: "1" }]);
  });
});

describe("planBundle", () => {
  it("orders DELETE, POST, PUT, GET, whatever the order of the entries", () => {
    const entries = [
      { request: { method: "GET", url: "Patient/1" } },
      { resource: { ...seed("Slot"), id: "s" }, request: { method: "PUT", url: "Slot/s" } },
      post("Patient", urn(1)),
      { request: { method: "DELETE", url: "Slot/old", ifMatch: `W/"4"` } },
      { request: { method: "GET", url: "Patient/1/_history/2" } },
      { request: { method: "GET", url: "Patient/1/_history" } },
      { request: { method: "GET", url: "Slot?status=free" } },
      { request: { method: "GET", url: "Slot" } },
    ];
    const { operations } = plan(bundle(entries));
    expect(story(operations)).toEqual([
      "delete 3",
      "create 2",
      "update 1",
      "read 0",
      "vread 4",
      "history 5",
      "search 6",
      "search 7",
    ]);
    expect(operations[0]).toMatchObject({ type: "Slot", id: "old", ifMatch: "4" });
    expect(operations[4]).toMatchObject({ type: "Patient", id: "1", version: "2" });
  });

  it("gives new records ids under their patient, though the patient comes last, and what is about records goes where they go", () => {
    const entries = [
      post("Provenance", urn(4), { target: [{ reference: urn(3) }] }),
      post("Observation", urn(3), { subject: { reference: urn(1) }, encounter: { reference: urn(2) } }),
      post("Encounter", urn(2), { subject: { reference: urn(1) } }),
      post("Practitioner", urn(5)),
      post("Condition", urn(6), { subject: { reference: `Patient/${ANNA}` } }),
      post("Patient", urn(1)),
    ];
    const { operations } = plan(bundle(entries));
    const patient = resourceOf(operations, 5)?.id ?? "";
    const observation = resourceOf(operations, 1);
    expect(patient).toHaveLength(26);
    expect(observation?.id?.startsWith(`${patient}.`)).toBe(true);
    expect(resourceOf(operations, 0)?.id?.startsWith(`${patient}.`)).toBe(true);
    expect(resourceOf(operations, 3)?.id).toHaveLength(26);
    expect(resourceOf(operations, 4)?.id?.startsWith(`${ANNA}.`)).toBe(true);
    expect(observation).toMatchObject({
      subject: { reference: `Patient/${patient}` },
      encounter: { reference: `Encounter/${resourceOf(operations, 2)?.id ?? ""}` },
    });
  });

  it("resolves a relative reference against the base of its own entry", () => {
    const from = "https://other.example/fhir/";
    const entries = [
      post("Observation", `${from}Observation/o`, { subject: { reference: "Patient/p" } }),
      post("Patient", `${from}Patient/p`),
      post("Observation", urn(9), { subject: { reference: "Patient/p" } }),
    ];
    const { operations } = plan(bundle(entries));
    const patient = `Patient/${resourceOf(operations, 1)?.id ?? ""}`;
    expect(resourceOf(operations, 0)).toMatchObject({ subject: { reference: patient } });
    expect(resourceOf(operations, 2)).toMatchObject({ subject: { reference: "Patient/p" } });
  });

  it("points at an updated record by its own id", () => {
    const entries = [
      post("Observation", urn(1), { subject: { reference: urn(2) } }),
      {
        fullUrl: urn(2),
        resource: { ...seed("Patient"), id: ANNA },
        request: { method: "PUT", url: `Patient/${ANNA}`, ifMatch: `W/"7"` },
      },
    ];
    const { operations } = plan(bundle(entries));
    expect(resourceOf(operations, 0)).toMatchObject({ subject: { reference: `Patient/${ANNA}` } });
    expect(operations[1]).toMatchObject({ kind: "update", id: ANNA, ifMatch: "7" });
  });

  it.each([
    [
      "a urn that is no entry",
      [post("Observation", urn(1), { subject: { reference: urn(2) } })],
      ["Bundle.entry[0].resource.subject bundle-reference"],
    ],
    ["the same fullUrl twice", [post("Patient", urn(1)), post("Patient", urn(1))], ["Bundle.entry[1].fullUrl bdl-7"]],
    [
      "a record that is both deleted and updated",
      [
        { request: { method: "DELETE", url: "Slot/s" } },
        { resource: { ...seed("Slot"), id: "s" }, request: { method: "PUT", url: "Slot/s" } },
      ],
      ["Bundle.entry[1] bundle-identity"],
    ],
    [
      "an Appointment of two patients",
      [
        post("Appointment", urn(1), {
          participant: ["a", "b"].map((id) => ({ actor: { reference: `Patient/${id}` }, status: "accepted" })),
        }),
      ],
      ["Bundle.entry[0].resource one-patient"],
    ],
  ])("refuses %s", (_, entries, expected) => {
    expect(plan(bundle(entries)).issues).toEqual(expected);
  });

  describe("conditions", () => {
    const key = "Patient?identifier=http://a|1";
    const create = (number: number): EntryInput => ({
      ...post("Patient", urn(number)),
      request: { method: "POST", url: "Patient", ifNoneExist: "identifier=http://a|1" },
    });
    const put: EntryInput = {
      fullUrl: urn(1),
      resource: { ...seed("Patient"), id: undefined },
      request: { method: "PUT", url: key },
    };
    const observed = post("Observation", urn(8), { subject: { reference: urn(1) } });

    it("create where nothing matches, and link to what is there where one does", () => {
      expect(story(plan(bundle([create(1)]), { [key]: [] }).operations)).toEqual(["create 0"]);
      const { operations } = plan(bundle([create(1), observed]), { [key]: [ANNA] });
      expect(story(operations)).toEqual(["existing 0", "create 1"]);
      expect(resourceOf(operations, 1)).toMatchObject({ subject: { reference: `Patient/${ANNA}` } });
      expect(resourceOf(operations, 1)?.id?.startsWith(`${ANNA}.`)).toBe(true);
    });

    it("fail where several match", () => {
      expect(plan(bundle([create(1)]), { [key]: ["a", "b"] }).issues).toEqual([
        "Bundle.entry[0].request condition-several",
      ]);
      expect(plan(bundle([put]), { [key]: ["a", "b"] }).issues).toEqual(["Bundle.entry[0].request condition-several"]);
    });

    it("do not create one record twice", () => {
      expect(plan(bundle([create(1), create(2)]), { [key]: [] }).issues).toEqual([
        "Bundle.entry[1].request bundle-identity",
      ]);
      expect(story(plan(bundle([create(1), create(2)]), { [key]: [ANNA] }).operations)).toEqual([
        "existing 0",
        "existing 1",
      ]);
    });

    it("update the one that matches, or create", () => {
      expect(plan(bundle([put]), { [key]: [ANNA] }).operations[0]).toMatchObject({
        kind: "update",
        id: ANNA,
        resource: { id: ANNA },
      });
      expect(plan(bundle([put]), { [key]: [] }).operations[0]).toMatchObject({
        kind: "update",
        id: "01jdq3v8s00000000000000001",
      });
      const named = { ...put, resource: { ...seed("Patient"), id: "chosen" } };
      expect(plan(bundle([named]), { [key]: [] }).operations[0]).toMatchObject({ kind: "update", id: "chosen" });
    });

    it("delete the one that matches, or nothing", () => {
      const entries = [{ request: { method: "DELETE", url: key } }];
      expect(plan(bundle(entries), { [key]: [ANNA] }).operations).toEqual([
        { kind: "delete", index: 0, type: "Patient", id: ANNA },
      ]);
      expect(plan(bundle(entries), { [key]: [] }).operations).toEqual([{ kind: "nothing", index: 0 }]);
    });

    it("stand in references, and want exactly one", () => {
      const entries = [post("Observation", urn(1), { subject: { reference: key } })];
      expect(resourceOf(plan(bundle(entries), { [key]: [ANNA] }).operations, 0)).toMatchObject({
        subject: { reference: `Patient/${ANNA}` },
      });
      expect(plan(bundle(entries), { [key]: [] }).issues).toEqual(["Bundle.entry[0].resource condition-none"]);
      expect(plan(bundle(entries), { [key]: ["a", "b"] }).issues).toEqual([
        "Bundle.entry[0].resource condition-several",
      ]);
    });
  });

  it("plans the entries of a batch one by one: a bad one does not touch the others, and none sees another", () => {
    const entries = [
      post("Patient", urn(1)),
      post("Patient", urn(2), { gender: "x" }),
      post("Observation", urn(3), { subject: { reference: urn(1) } }),
      { request: { method: "DELETE", url: "Slot/s" } },
    ];
    const { operations, refused } = plan(bundle(entries, "batch"));
    expect(story(operations)).toEqual(["delete 3", "create 0"]);
    expect(refused).toEqual([
      "Bundle.entry[1].resource.gender binding",
      "Bundle.entry[2].resource.subject bundle-reference",
    ]);
  });

  it("leaves the bundle as it came", () => {
    const value = bundle([post("Patient", urn(1)), post("Observation", urn(2), { subject: { reference: urn(1) } })]);
    const before = structuredClone(value);
    plan(value);
    expect(value).toEqual(before);
  });

  it("leaves no urn behind, and gives every entry one place in the plan, for any order of a chart", () => {
    const chart = [
      post("Patient", urn(0)),
      post("Encounter", urn(1), { subject: { reference: urn(0) } }),
      post("Condition", urn(2), { subject: { reference: urn(0) } }),
      post("Observation", urn(3), { subject: { reference: urn(0) }, encounter: { reference: urn(1) } }),
      post("DiagnosticReport", urn(4), { subject: { reference: urn(0) }, result: [{ reference: urn(3) }] }),
      post("Claim", urn(5), { patient: { reference: urn(0) } }),
      post("Provenance", urn(6), { target: [{ reference: urn(4) }] }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(chart, { minLength: chart.length }), (entries) => {
        const { operations } = plan(bundle(entries));
        expect(operations.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        for (const { index } of operations) {
          const found = resourceOf(operations, index);
          expect(found && references(found).filter(({ target }) => target.kind === "urn")).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
