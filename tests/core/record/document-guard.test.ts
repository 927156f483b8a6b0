import { describe, expect, it } from "vitest";
import type { DocumentScan } from "../../../core/contract/document.ts";
import { DOCUMENT_SCANS } from "../../../core/contract/document.ts";
import { classOf, DOCUMENT_CONTENT, type FhirResource } from "../../../core/fhir/index.ts";
import { DOCUMENT_WRITES, type DocumentWrite, isDocumentWritePermitted } from "../../../core/record/document-guard.ts";

const WRITES = Object.keys(DOCUMENT_WRITES) as DocumentWrite[];

interface Of {
  readonly scan?: DocumentScan;
  readonly kind?: "clinical" | "administrative";
  readonly part?: string;
  readonly status?: string;
  readonly title?: string;
  readonly subject?: string;
}

const document = ({ scan = "clean", kind = "clinical", part = "a", status = "current", ...of }: Of = {}) =>
  ({
    resourceType: "DocumentReference",
    id: "d",
    status,
    extension: [
      {
        url: DOCUMENT_CONTENT,
        extension: [
          { url: "kind", valueCode: kind },
          { url: "scan", valueCode: scan },
          { url: "part", valueString: part },
          ...(scan === "infected" ? [{ url: "finding", valueCode: "attached-file" }] : []),
        ],
      },
    ],
    subject: { reference: `Patient/${of.subject ?? "p"}` },
    description: of.title ?? "Letter",
    content: [{ attachment: { contentType: "application/pdf", title: of.title ?? "Letter" } }],
  }) as unknown as FhirResource;

const permitted = (before: FhirResource | undefined, after: FhirResource | undefined): readonly DocumentWrite[] =>
  WRITES.filter((write) => isDocumentWritePermitted([write], { ...(before && { before }), ...(after && { after }) }));

describe("CLIN-8 documents are written by core/document alone", () => {
  it("no other door files one, changes one or takes one away", () => {
    expect(isDocumentWritePermitted(undefined, { after: document({ scan: "pending" }) })).toBe(false);
    expect(isDocumentWritePermitted(undefined, { before: document(), after: document({ title: "x" }) })).toBe(false);
    expect(isDocumentWritePermitted(WRITES, { before: document() })).toBe(false);
    const other = { resourceType: "DocumentReference", status: "current" } as unknown as FhirResource;
    expect(isDocumentWritePermitted(undefined, { before: other, after: other })).toBe(true);
    // A record of another kind does not become one, and one does not become a record of another kind.
    expect(permitted(other, document({ scan: "pending" }))).toEqual([]);
    expect(permitted(document(), other)).toEqual([]);
  });

  it("a label alone comes by any door", () => {
    const labelled = { ...document(), meta: { security: [{ system: "x", code: "R" }] } } as FhirResource;
    expect(isDocumentWritePermitted(undefined, { before: document(), after: labelled })).toBe(true);
  });

  it.each(DOCUMENT_SCANS)("a first one that says it is %s", (scan) => {
    expect(permitted(undefined, document({ scan }))).toEqual(scan === "pending" ? ["file"] : []);
  });

  it.each(DOCUMENT_SCANS.flatMap((from) => DOCUMENT_SCANS.map((to) => [from, to] as const)))(
    "the same content goes from %s to %s only where it was looked at",
    (from, to) => {
      const isRuled = (from === "pending" || from === "failed") && to !== "pending";
      const isSame = from === to;
      const found = permitted(document({ scan: from }), document({ scan: to, title: "x" }));
      expect(found.includes("rule")).toBe(isRuled);
      expect(found.includes("describe")).toBe(isSame);
      expect(found.includes("withdraw")).toBe(false);
    },
  );

  it.each([
    ["other content", { part: "b" }, []],
    ["other content that was not looked at", { part: "b", scan: "pending" }, ["replace"]],
    ["another patient", { subject: "q" }, []],
    ["the office's in place of a clinical one", { kind: "administrative" }, []],
    ["another title", { title: "x" }, ["describe"]],
    ["filed in error", { status: "entered-in-error" }, ["withdraw"]],
  ] as const)("of a clean one: %s", (_what, of, expected) => {
    expect(permitted(document(), document(of))).toEqual(expected);
  });

  it("what was withdrawn is not brought back", () => {
    const gone = document({ status: "entered-in-error" });
    expect(permitted(gone, document())).toEqual([]);
    expect(permitted(gone, document({ scan: "pending", part: "b" }))).toEqual([]);
  });

  it("two contents, or two findings, are none", () => {
    const twice = document({ scan: "pending" });
    const extension = twice["extension"] as readonly unknown[];
    expect(permitted(undefined, { ...twice, extension: [...extension, ...extension] })).toEqual([]);
  });

  it("the office's papers are class D, and what says both is clinical", () => {
    expect(classOf(document({ kind: "administrative" }))).toBe("D");
    expect(classOf(document())).toBe("C");
    const both = document({ kind: "administrative" });
    const [content] = both["extension"] as [{ url: string; extension: unknown[] }];
    const twice = { ...content, extension: [...content.extension, { url: "kind", valueCode: "clinical" }] };
    expect(classOf({ ...both, extension: [twice] })).toBe("C");
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSYTHPN" }];
    expect(classOf({ ...both, meta: { security } } as FhirResource)).toBe("S");
  });
});
