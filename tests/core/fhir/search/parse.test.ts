import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSearch, type SearchQuery } from "../../../../core/fhir/index.ts";

const issues = (query: string, options = {}): string[] => {
  const result = parseSearch("Observation", query, options);
  return result.ok ? [] : result.error.issues.map(({ path, rule }) => `${path} ${rule}`);
};
const query = (text: string): SearchQuery => {
  const result = parseSearch("Observation", text);
  if (!result.ok) throw new Error(JSON.stringify(result.error.issues));
  return result.value;
};

describe("parseSearch", () => {
  it.each([
    ["an unknown parameter", "favourite=red", "Observation search-unknown"],
    ["a parameter of another type", "birthdate=2000", "Observation search-unknown"],
    ["_content", "_content=x", "Observation search-unknown"],
    ["_filter", "_filter=x", "Observation search-unknown"],
    ["an inherited name", "constructor=x", "Observation search-unknown"],
    ["a chain", "patient.name=x", "Observation search-chain"],
    ["a typed chain", "subject:Patient.name=x", "Observation search-chain"],
    ["_has", "_has:Provenance:target:agent=x", "Observation search-chain"],
    ["a modifier of another type", "date:exact=2020", "http.date search-modifier"],
    ["a modifier that nobody knows", "code:like=x", "http.code search-modifier"],
    [":in", "code:in=http://x", "http.code search-modifier"],
    ["two modifiers", "code:text:not=x", "http.code search-modifier"],
    ["a type that the reference may not have", "subject:Practitioner=x", "http.subject search-modifier"],
    ["no value", "code=", "http.code search-value"],
    ["no value between commas", "code=a,,b", "http.code search-value"],
    ["a date that is none", "date=tomorrow", "http.date search-value"],
    ["30 February", "date=2020-02-30", "http.date search-value"],
    ["a prefix alone", "date=ge", "http.date search-value"],
    ["a number that is none", "value-quantity=five", "http.value-quantity search-value"],
    ["an infinite number", "value-quantity=1e400", "http.value-quantity search-value"],
    ["a token of three parts", "code=a|b|c", "http.code search-value"],
    ["a token of none", "code=|", "http.code search-value"],
    ["a reference to a type it may not have", "subject=Practitioner/1", "http.subject search-value"],
    ["a reference that is no id", "subject=a/b/c", "http.subject search-value"],
    ["a path that climbs", "subject=../Patient/1", "http.subject search-value"],
    ["missing neither true nor false", "code:missing=yes", "http.code search-value"],
    ["a composite with a part too few", "code-value-quantity=a", "http.code-value-quantity search-value"],
    ["a composite with a part too many", "code-value-quantity=a$1$2", "http.code-value-quantity search-value"],
    ["_sort by what is unknown", "_sort=colour", "http._sort search-value"],
    ["_sort twice", "_sort=date&_sort=code", "http._sort search-repeated"],
    ["_count of text", "_count=all", "http._count search-value"],
    ["a negative _count", "_count=-1", "http._count search-value"],
    ["_count twice", "_count=1&_count=2", "http._count search-repeated"],
    ["_total", "_total=maybe", "http._total search-value"],
    ["_summary", "_summary=short", "http._summary search-value"],
    ["_elements", "_elements=colour", "http._elements search-value"],
    ["_include of another source", "_include=Patient:general-practitioner", "http._include search-value"],
    ["_include of no reference", "_include=Observation:code", "http._include search-value"],
    ["_include of a type it may not have", "_include=Observation:subject:Practitioner", "http._include search-value"],
    ["_include of everything", "_include=*", "http._include search-value"],
    ["_include with a modifier", "_include:recurse=Observation:subject", "http._include search-modifier"],
    ["_revinclude of what is unknown", "_revinclude=Provenance:colour", "http._revinclude search-value"],
  ])("refuses %s", (_, text, expected) => {
    expect(issues(text)).toEqual([expected]);
  });

  it("names every problem, and never what the caller wrote", () => {
    const result = parseSearch(
      "Observation",
      "Canary1=Canary2&date=Canary3&code:Canary4=x&_sort=Canary5&_include=Canary6:x",
    );
    expect(result.ok ? 0 : result.error.issues.length).toBe(5);
    expect(JSON.stringify(result)).not.toContain("Canary");
  });

  it("leaves unknown parameters out where the caller asked for leniency, and nothing else", () => {
    expect(issues("favourite=red&code=x", { isLenient: true })).toEqual([]);
    expect(issues("date=tomorrow", { isLenient: true })).toEqual(["http.date search-value"]);
  });

  it("bounds what a query may cost", () => {
    expect(issues(Array.from({ length: 41 }, () => "code=a").join("&"))).toEqual(["Observation search-size"]);
    expect(issues(`code=${Array.from({ length: 101 }, () => "a").join(",")}`)).toEqual(["http.code search-size"]);
    expect(issues(`code=${"a".repeat(10_000)}`)).toEqual(["Observation search-size"]);
    expect(query("_count=999999").count).toBe(1_000);
  });

  it("reads result parameters", () => {
    expect(
      query("_count=10&_total=accurate&_summary=count&_elements=status,code&_sort=-date,_id&_format=json&_pretty=true"),
    ).toMatchObject({
      count: 10,
      total: "accurate",
      summary: "count",
      elements: ["status", "code"],
      criteria: [],
      sort: [
        { parameter: { code: "date" }, isDescending: true },
        { parameter: { code: "_id" }, isDescending: false },
      ],
    });
  });

  it("reads includes", () => {
    expect(
      query(
        "_include=Observation:subject:Patient&_include:iterate=Patient:general-practitioner&_revinclude=Provenance:target",
      ),
    ).toMatchObject({
      includes: [
        { source: "Observation", parameter: { code: "subject" }, target: "Patient", isIterated: false },
        { source: "Patient", parameter: { code: "general-practitioner" }, isIterated: true },
      ],
      revIncludes: [{ source: "Provenance", parameter: { code: "target" }, isIterated: false }],
    });
  });

  it.each([
    [String.raw`code=a\,b`, [{ kind: "token", code: "a,b" }]],
    [String.raw`code=s\|t|c\\d`, [{ kind: "token", system: "s|t", code: String.raw`c\d` }]],
    ["code=s|", [{ kind: "token", system: "s" }]],
    ["code=|c", [{ kind: "token", system: "", code: "c" }]],
    [
      "code=a,b",
      [
        { kind: "token", code: "a" },
        { kind: "token", code: "b" },
      ],
    ],
    ["code:text=a", [{ kind: "text", text: "a" }]],
    ["subject=1", [{ kind: "reference", types: ["Device", "Location", "Patient"], id: "1" }]],
  ])("reads the values of %s", (text, expected) => {
    expect(query(text).criteria[0]?.values).toEqual(expected);
  });

  it("never throws", () => {
    const names = fc.constantFrom(
      "date",
      "code",
      "subject",
      "value-quantity",
      "_sort",
      "_include",
      "_has",
      "_count",
      "x",
      "code:text",
      "subject:Patient",
      "code-value-quantity",
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, fc.string({ maxLength: 20, unit: "binary" })), { maxLength: 5 }),
        (pairs) => {
          const result = parseSearch("Observation", new URLSearchParams(pairs));
          expect(typeof result.ok).toBe("boolean");
        },
      ),
      { numRuns: 500 },
    );
  });
});
