import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseJson,
  parseReference,
  references,
  rewriteReferences,
  stringifyJson,
  validateResource,
} from "../../../core/fhir/index.ts";
import { resource, seeds, valid } from "./fixtures.ts";

const URN = "urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab";

describe("parseReference", () => {
  it.each([
    ["Patient/1", { kind: "relative", type: "Patient", id: "1" }],
    ["Patient/1/_history/2", { kind: "relative", type: "Patient", id: "1", version: "2" }],
    [
      "https://a.example/fhir/Patient/1",
      { kind: "absolute", url: "https://a.example/fhir/Patient/1", type: "Patient", id: "1" },
    ],
    [
      "https://a.example/fhir/Patient/1/_history/2",
      { kind: "absolute", url: "https://a.example/fhir/Patient/1/_history/2", type: "Patient", id: "1", version: "2" },
    ],
    ["https://a.example/page", { kind: "absolute", url: "https://a.example/page" }],
    [URN, { kind: "urn", urn: URN }],
    ["urn:oid:1.2.840", { kind: "urn", urn: "urn:oid:1.2.840" }],
    ["#med", { kind: "contained", id: "med" }],
    ["#", { kind: "contained", id: "" }],
    ["Patient?identifier=http://a|1", { kind: "conditional", type: "Patient", query: "identifier=http://a|1" }],
  ])("reads %s", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    "",
    "Patient",
    "Patient/",
    "patient/1",
    "Patient/a b",
    "Patient/../1",
    "Patient/1/2",
    "Patient/1?x=y",
    "urn:uuid:1",
    "urn:x:1",
    "ftp://a/Patient/1",
    "javascript:alert(1)",
    "//a/Patient/1",
    "# x",
    "Patient/1\n",
    "Patient?",
    `Patient/${"1".repeat(65)}`,
  ])("AT-49 does not read %j", (text) => {
    expect(parseReference(text)).toEqual({ kind: "invalid" });
  });

  it("gives back what it was made of", () => {
    const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/);
    fc.assert(
      fc.property(fc.constantFrom("Patient", "Observation"), id, (type, text) => {
        expect(parseReference(`${type}/${text}`)).toEqual({ kind: "relative", type, id: text });
      }),
    );
  });
});

describe("references", () => {
  it("lists every Reference with its path, contained ones too, and nothing that only looks like one", () => {
    const immunization = resource("Immunization", {
      contained: [
        {
          resourceType: "Practitioner",
          id: "p",
          qualification: [{ code: { text: "x" }, issuer: { reference: "Organization/9" } }],
        },
      ],
      performer: [{ actor: { reference: "#p" } }],
      education: [{ reference: "https://www.cdc.gov/vaccines" }],
      extension: [{ url: "http://x", valueReference: { reference: "Patient/2" } }],
      _status: { extension: [{ url: "http://x", valueReference: { reference: "Patient/3" } }] },
    });
    expect(
      references(immunization)
        .map(({ path, reference }) => `${path} ${reference}`)
        .toSorted(),
    ).toEqual([
      "Immunization.contained[0].qualification[0].issuer Organization/9",
      "Immunization.encounter Encounter/example",
      "Immunization.extension[0].valueReference Patient/2",
      "Immunization.patient Patient/example",
      "Immunization.performer[0].actor #p",
      "Immunization.status.extension[0].valueReference Patient/3",
    ]);
  });
});

describe("rewriteReferences", () => {
  const table = new Map([
    [URN, "Patient/1"],
    ["urn:oid:1.2.3", "Binary/2"],
  ]);
  const rewrite = (value: ReturnType<typeof valid>): ReturnType<typeof valid> =>
    rewriteReferences(value, (link) => table.get(link));

  it("replaces references, uri, url, oid and uuid elements and narrative links, and leaves canonical and other text alone", () => {
    const document = resource("DocumentReference", {
      text: {
        status: "generated",
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${URN}">x</a> ${URN}</div>`,
      },
      subject: { reference: URN },
      description: URN,
      content: [{ attachment: { contentType: "text/plain", url: "urn:oid:1.2.3" } }],
      extension: [
        { url: "http://x", valueCanonical: URN },
        { url: "http://y", valueUuid: URN },
      ],
    });
    const rewritten = rewrite(document) as unknown as Record<string, unknown>;
    expect(rewritten["subject"]).toEqual({ reference: "Patient/1" });
    expect(rewritten["content"]).toEqual([{ attachment: { contentType: "text/plain", url: "Binary/2" } }]);
    expect(rewritten["text"]).toEqual({
      status: "generated",
      div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="Patient/1">x</a> ${URN}</div>`,
    });
    expect(rewritten["description"]).toBe(URN);
    expect(rewritten["extension"]).toEqual([
      { url: "http://x", valueCanonical: URN },
      { url: "http://y", valueUuid: "Patient/1" },
    ]);
    expect((document as unknown as Record<string, unknown>)["subject"]).toEqual({ reference: URN });
  });

  it("gives back the same object where nothing changes", () => {
    for (const value of seeds()) {
      const before = valid(value);
      expect(rewrite(before)).toBe(before);
    }
  });

  it("keeps a record valid, and its decimals as they were written", () => {
    const parsed =
      parseJson(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"${URN}"},"valueQuantity":{"value":1.50},
      "extension":[{"url":"http://x","valueRange":{"low":{"value":2.0,"system":"urn:oid:1.2.3"}}}]}`);
    const rewritten = rewrite(valid(parsed.ok ? parsed.value : undefined));
    expect(validateResource(rewritten).ok).toBe(true);
    const text = stringifyJson(rewritten);
    expect(text).toContain(`"value":1.50`);
    expect(text).toContain(`{"value":2.0,"system":"Binary/2"}`);
  });
});
