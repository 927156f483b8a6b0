import { describe, expect, it } from "vitest";
import { everythingOrder, historyBundle, responseBundle, searchsetBundle } from "../../../../core/fhir/index.ts";
import { resource } from "../fixtures.ts";

const base = "https://clinic.example/fhir/";
const links = [{ relation: "self", url: `${base}Patient` }] as const;

/* That these are valid FHIR is shown in tests/core/fhir/oracle.test.ts. */

describe("responseBundle", () => {
  it("answers in the order of the entries, with no empty array", () => {
    expect(responseBundle("batch", [])).toEqual({ resourceType: "Bundle", type: "batch-response" });
    expect(responseBundle("transaction", [{ status: "201 Created", etag: `W/"1"` }])).toEqual({
      resourceType: "Bundle",
      type: "transaction-response",
      entry: [{ response: { status: "201 Created", etag: `W/"1"` } }],
    });
  });
});

describe("searchsetBundle", () => {
  it("tells matches from what came along", () => {
    const made = searchsetBundle({
      base,
      matches: [resource("Patient")],
      included: [resource("Practitioner")],
      total: 1,
      links,
    });
    expect(made).toMatchObject({
      type: "searchset",
      total: 1,
      link: links,
      entry: [
        { fullUrl: `${base}Patient/example`, search: { mode: "match" } },
        { fullUrl: `${base}Practitioner/example`, search: { mode: "include" } },
      ],
    });
  });

  it("leaves the total out where nobody counted", () => {
    expect(searchsetBundle({ base, matches: [], links })).toEqual({
      resourceType: "Bundle",
      type: "searchset",
      link: links,
    });
  });
});

describe("historyBundle", () => {
  it("says how each version came to be", () => {
    const lastModified = "2025-11-22T08:00:00Z";
    const made = historyBundle(
      base,
      [
        { type: "Slot", id: "s", version: 2, method: "DELETE", lastModified },
        { type: "Slot", id: "s", version: 1, method: "POST", lastModified, resource: resource("Slot") },
      ],
      links,
    );
    expect(made).toMatchObject({
      total: 2,
      entry: [
        {
          request: { method: "DELETE", url: "Slot/s" },
          response: { status: "204 No Content", etag: `W/"2"`, lastModified },
        },
        { request: { method: "POST", url: "Slot" }, response: { status: "201 Created", etag: `W/"1"` } },
      ],
    });
    expect(made.entry?.[0]).not.toHaveProperty("resource");
  });
});

describe("everythingOrder", () => {
  it("puts the patient first, the record by type and id, then what it refers to", () => {
    const records = [
      resource("Observation", { id: "o2" }),
      resource("Observation", { id: "o1" }),
      resource("Encounter", { id: "e" }),
      resource("Patient", { id: "p" }),
    ];
    const ordered = everythingOrder("p", records, [
      resource("Organization", { id: "org" }),
      resource("Practitioner", { id: "prac" }),
    ]);
    expect(ordered.map(({ id }) => id)).toEqual(["p", "e", "o1", "o2", "prac", "org"]);
    expect(everythingOrder("p", records.toReversed()).map(({ id }) => id)).toEqual(["p", "e", "o1", "o2"]);
  });
});
