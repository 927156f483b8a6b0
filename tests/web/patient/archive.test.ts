import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { archiveOf } from "../../../web/src/screens/patient-record/archive.ts";

interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A reader of its own: from the end record to the directory, and from there to each file. */
function entriesIn(zip: Buffer): readonly Entry[] {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06_05_4b_50);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    expect(zip.readUInt32LE(at)).toBe(0x02_01_4b_50);
    const [size, named, local] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const name = zip.toString("utf8", at + 46, at + 46 + named);
    const sum = zip.readUInt32LE(at + 16);
    at += 46 + named;
    expect(zip.readUInt32LE(local)).toBe(0x04_03_4b_50);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(from, from + size);
    expect(crc32(bytes)).toBe(sum);
    return { name, bytes };
  });
}

describe("CLIN-11 the record with its documents", () => {
  it("CLIN-11 is one ZIP that gives each file back as it was, whatever its name", async () => {
    const files = [
      { name: "health-record.html", bytes: new TextEncoder().encode("<p>Asma</p>") },
      {
        name: "documents/01-Überweisung.pdf",
        bytes: Uint8Array.from({ length: 70_000 }, (_none, index) => index % 251),
      },
      { name: "empty", bytes: new Uint8Array() },
    ];
    const zip = Buffer.from(await archiveOf(files).arrayBuffer());
    expect(entriesIn(zip)).toEqual(files.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) })));
    expect(entriesIn(Buffer.from(await archiveOf([]).arrayBuffer()))).toEqual([]);
  });
});
