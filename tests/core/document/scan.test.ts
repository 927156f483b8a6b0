import { describe, expect, it } from "vitest";
import type { DocumentFinding, DocumentScan, MediaType } from "../../../core/contract/document.ts";
import { localScanner } from "../../../core/document/scan/local-scanner.ts";
import { stateOf } from "../../../core/document/scan/scanner.ts";
import { sniff } from "../../../core/document/sniff.ts";
import { clinicalDocument, EICAR, jpeg, objectStream, pdf, png, tiff, zipEnd, zipEntry } from "./files.ts";

const text = (content: string): Buffer => Buffer.from(content);

describe("AT-44 what a file is, by its bytes", () => {
  it.each<[string, Buffer, MediaType]>([
    ["a PDF", pdf(), "application/pdf"],
    ["a PNG", png(), "image/png"],
    ["a JPEG", jpeg(), "image/jpeg"],
    ["a TIFF", tiff(), "image/tiff"],
    ["plain text", text("Dear colleague,\nthank you."), "text/plain"],
    ["text with letters of all kinds", text("Señora Müller, 王 — “thanks”"), "text/plain"],
    ["text that speaks of a comparison", text("Hb < 12 and > 8"), "text/plain"],
    ["a C-CDA document", clinicalDocument(), "application/xml"],
    [
      "a C-CDA document with a style sheet",
      clinicalDocument('<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>'),
      "application/xml",
    ],
  ])("takes %s", async (_what, bytes, expected) => {
    expect(await sniff(bytes, true)).toBe(expected);
  });

  it.each<[string, Buffer]>([
    ["HTML", text("<!doctype html><script>alert(1)</script>")],
    ["HTML behind white space and a comment", text("\n  \t<!-- x --><html>")],
    ["HTML that begins like a letter", text("Dear colleague <script>alert(1)</script>")],
    ["SVG with a script", text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ["SVG behind an XML declaration", text('<?xml version="1.0"?><svg onload="alert(1)"/>')],
    ["XML that is no clinical document", text('<?xml version="1.0"?><note/>')],
    ["XHTML", text('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>')],
    ["a GIF that is a script", text("GIF89a=1;alert(1)//")],
    [
      "a real GIF",
      Buffer.from("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b", "hex"),
    ],
    ["a shell script", text("#!/bin/sh\nrm -rf /")],
    ["PHP", text("<?php system($_GET[0]);")],
    ["a program", Buffer.concat([text("MZ"), Buffer.alloc(64)])],
    ["an archive", zipEntry()],
    ["a PDF behind something else", Buffer.concat([text("<html>\n"), pdf()])],
    ["a PDF behind a byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), pdf()])],
    ["text with a null byte", text("letter\u0000.exe")],
    ["text in another encoding", Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72])],
    ["rich text", text("{\\rtf1 x}")],
    ["nothing that is known", Buffer.from([1, 2, 3, 4, 0xff])],
  ])("takes no %s", async (_what, bytes) => {
    expect(await sniff(bytes, true)).toBeUndefined();
  });

  it("a character that the first part cuts is no fault of the text", async () => {
    const cut = Buffer.from("Señ").subarray(0, 3);
    expect([await sniff(cut, false), await sniff(cut, true)]).toEqual(["text/plain", undefined]);
  });
});

describe("AT-44 what is found in a file", () => {
  const bomb = objectStream(Buffer.alloc(40 * 1024 * 1024));
  it.each<[string, MediaType, Buffer, readonly DocumentFinding[], DocumentScan]>([
    ["nothing in a PDF", "application/pdf", pdf(), [], "clean"],
    ["nothing in a PDF that begins at a page", "application/pdf", pdf("x", "/OpenAction [3 0 R /Fit]"), [], "clean"],
    [
      "nothing in a PDF that goes to a page",
      "application/pdf",
      pdf("x", "/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"),
      [],
      "clean",
    ],
    [
      "nothing in a PDF with object streams",
      "application/pdf",
      pdf("x", "", [objectStream("1 0 << /A 1 >>")]),
      [],
      "clean",
    ],
    ["nothing in pictures", "image/png", png(), [], "clean"],
    ["nothing in a photograph", "image/jpeg", jpeg(), [], "clean"],
    ["nothing in a fax", "image/tiff", tiff(), [], "clean"],
    ["nothing in a text", "text/plain", text("Dear colleague"), [], "clean"],
    ["nothing in a clinical document", "application/xml", clinicalDocument(), [], "clean"],
    ["the test string in a text", "text/plain", text(EICAR), ["test-virus"], "infected"],
    ["the test string in a PDF", "application/pdf", pdf("x", "", [EICAR]), ["test-virus"], "infected"],
    ["the test string in a picture", "image/jpeg", jpeg(EICAR), ["test-virus"], "infected"],
    [
      "a script of a PDF",
      "application/pdf",
      pdf("x", "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
      ["active-content"],
      "clean",
    ],
    [
      "a script whose name is written otherwise",
      "application/pdf",
      pdf("x", "/OpenAction << /S /Java#53cript /J#53 (x) >>"),
      ["active-content"],
      "clean",
    ],
    [
      "a script in an object stream",
      "application/pdf",
      pdf("x", "", [objectStream("9 0 << /S /JavaScript /JS (x) >>")]),
      ["active-content"],
      "clean",
    ],
    ["an action to begin with", "application/pdf", pdf("x", "/OpenAction 9 0 R"), ["active-content"], "clean"],
    [
      "a form that sends itself",
      "application/pdf",
      pdf("x", "/A << /S /SubmitForm /F (x) >>"),
      ["active-content"],
      "clean",
    ],
    [
      "a program that a PDF starts",
      "application/pdf",
      pdf("x", "/OpenAction << /S /Launch /F (cmd.exe) >>"),
      ["starts-program", "active-content"],
      "infected",
    ],
    [
      "a file that a PDF carries",
      "application/pdf",
      pdf("x", "/Names << /EmbeddedFiles 9 0 R >>"),
      ["attached-file"],
      "infected",
    ],
    [
      "a PDF that is a zip archive",
      "application/pdf",
      Buffer.concat([pdf(), zipEnd()]),
      ["another-type-inside", "damaged"],
      "infected",
    ],
    ["a PDF that is a page", "application/pdf", pdf("<script>alert(1)</script>"), ["markup-inside"], "infected"],
    ["a PDF that unpacks to too much", "application/pdf", pdf("x", "", [bomb]), ["too-large-unpacked"], "infected"],
    ["a PDF under a password", "application/pdf", pdf("x", "/Encrypt 9 0 R"), ["encrypted"], "failed"],
    ["a PDF without an end", "application/pdf", pdf().subarray(0, -20), ["damaged"], "failed"],
    ["a picture with an archive behind it", "image/png", png([8, 8], zipEntry()), ["another-type-inside"], "infected"],
    ["a picture with a page in it", "image/jpeg", jpeg("<svg onload=alert(1)>"), ["markup-inside"], "infected"],
    ["a picture that is a script", "image/jpeg", jpeg("*/=alert(1);/* javascript:x"), ["markup-inside"], "infected"],
    ["a picture of too many pixels", "image/png", png([30_000, 30_000]), ["too-many-pixels"], "infected"],
    ["a picture of none", "image/png", png([0, 8]), ["damaged"], "failed"],
    ["a picture that breaks off", "image/png", png().subarray(0, -6), ["damaged"], "failed"],
    [
      "entities in a clinical document",
      "application/xml",
      clinicalDocument('<!DOCTYPE x [<!ENTITY a "b">]>'),
      ["damaged", "document-type-declaration"],
      "infected",
    ],
    ["a text that goes on as something else", "text/plain", text("letter\u0000"), ["damaged"], "failed"],
  ])("%s", async (_what, mediaType, bytes, findings, state) => {
    const found = await localScanner.scan({ bytes, mediaType });
    expect([found.toSorted(), stateOf(found)]).toEqual([findings.toSorted(), state]);
  });
});
