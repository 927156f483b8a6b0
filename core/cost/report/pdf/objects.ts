import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

/** The numbered objects of a PDF file, and the file that they make. Texts in them are of Latin-1 or in hex. */
export class Objects {
  readonly #bodies: Buffer[] = [];

  /** A number for an object that is put later, so that others may refer to it. */
  reserve(): number {
    return this.#bodies.push(Buffer.alloc(0));
  }

  put(id: number, body: string): void {
    this.#bodies[id - 1] = bytesOf(body);
  }

  putStream(id: number, content: string): void {
    const packed = deflateSync(bytesOf(content));
    const dictionary = `<</Length ${packed.length}/Filter/FlateDecode>>\nstream\n`;
    this.#bodies[id - 1] = Buffer.concat([bytesOf(dictionary), packed, bytesOf("\nendstream")]);
  }

  /** Header, objects, cross-reference table and trailer (ISO 32000-1 7.5). The file's id is the hash of what it holds. */
  file(catalog: number, info: number): Uint8Array {
    const parts = [bytesOf("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n")];
    const offsets: number[] = [];
    let at = parts[0]?.length ?? 0;
    for (const [place, body] of this.#bodies.entries()) {
      const part = Buffer.concat([bytesOf(`${place + 1} 0 obj\n`), body, bytesOf("\nendobj\n")]);
      offsets.push(at);
      parts.push(part);
      at += part.length;
    }
    const id = createHash("sha256").update(Buffer.concat(parts)).digest("hex").slice(0, 32);
    const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
    const size = this.#bodies.length + 1;
    const trailer =
      `xref\n0 ${size}\n0000000000 65535 f \n${entries}` +
      `trailer\n<</Size ${size}/Root ${catalog} 0 R/Info ${info} 0 R/ID[<${id}><${id}>]>>\nstartxref\n${at}\n%%EOF\n`;
    return new Uint8Array(Buffer.concat([...parts, bytesOf(trailer)]));
  }
}
