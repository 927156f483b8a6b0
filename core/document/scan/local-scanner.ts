import type { DocumentFinding } from "../../contract/document.ts";
import { sniff } from "../sniff.ts";
import { scanImage } from "./image.ts";
import { scanPdf } from "./pdf.ts";
import type { ContentScanner, ScannedFile } from "./scanner.ts";

/** The string by which every scanner shows that it works; split, so that this file is not found by one. eicar.org */
const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

/** Where a second file would begin or end inside of a first one. */
const SIGNATURES: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["zip", Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x0a, 0x00])],
  ["zip", Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00])],
  ["rar", Buffer.from("Rar!\u001a\u0007", "latin1")],
  ["7z", Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])],
  ["windows program", Buffer.from("This program cannot be run in DOS mode", "latin1")],
  ["elf", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01])],
];
/** APPNOTE.TXT 4.3.16: the end of a zip archive's directory, with its comment up to the end of the file. */
function endsAsZip(bytes: Buffer): boolean {
  const at = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  return at >= 0 && at + 22 <= bytes.length && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length;
}

/** Anywhere in a picture or a PDF, in the clear: comments and trailers are where a page hides. */
const MARKUP = /<\s*(?:script|svg|iframe|html|!doctype\s+html|object|embed)[\s>/]|<\?php|javascript:/i;

/** XML of which nothing may be resolved. W3C XML 1.0, 2.8. */
const DECLARATION = /<!(?:DOCTYPE|ENTITY)/i;

/**
 * What can be told of a file by its structure, without signatures of malware: the test string, files inside of files,
 * markup, what a PDF would do by itself, pictures that are none. A scanner with signatures stands in this place, or behind it.
 */
export const localScanner: ContentScanner = {
  async scan({ bytes, mediaType }: ScannedFile): Promise<readonly DocumentFinding[]> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Set<DocumentFinding>();
    if (buffer.includes(EICAR, 0, "latin1")) found.add("test-virus");
    // Looked at whole, it must still be what its beginning said.
    if ((await sniff(bytes, true)) !== mediaType) found.add("damaged");
    const isText = mediaType === "text/plain" || mediaType === "application/xml";
    if (!isText) {
      if (endsAsZip(buffer) || SIGNATURES.some(([, signature]) => buffer.includes(signature, 4)))
        found.add("another-type-inside");
      if (MARKUP.test(buffer.toString("latin1"))) found.add("markup-inside");
    }
    if (mediaType === "application/xml" && DECLARATION.test(buffer.toString("utf8")))
      found.add("document-type-declaration");
    if (mediaType === "application/pdf") for (const each of scanPdf(bytes)) found.add(each);
    if (mediaType.startsWith("image/")) for (const each of scanImage(mediaType, bytes)) found.add(each);
    return [...found];
  },
};
