import { deflateSync } from "node:zlib";

/** Files as somebody could send them: sound ones, and such as mean harm. Made here, so that none lies in the tree. */

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A PDF of one page with a line of text, and whatever objects and catalog entries it is to have besides. */
export function pdf(text = "Referral letter", catalog = "", objects: readonly (string | Buffer)[] = []): Buffer {
  const page = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
  const bodies: (string | Buffer)[] = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...objects,
  ];
  const parts: Buffer[] = [latin1("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n")];
  const offsets: number[] = [];
  for (const [index, body] of bodies.entries()) {
    offsets.push(parts.reduce((sum, { length }) => sum + length, 0));
    parts.push(latin1(`${index + 1} 0 obj\n`), typeof body === "string" ? latin1(body) : body, latin1("\nendobj\n"));
  }
  const at = parts.reduce((sum, { length }) => sum + length, 0);
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    latin1(`xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n${table}`),
    latin1(`trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

/** An object stream that holds `inside`, compressed: where a PDF keeps what is not to be seen in the clear. */
export function objectStream(inside: Buffer | string, dictionary = "/Type /ObjStm"): Buffer {
  const packed = deflateSync(typeof inside === "string" ? latin1(inside) : inside);
  return Buffer.concat([
    latin1(`<< ${dictionary} /Filter /FlateDecode /N 1 /First 4 /Length ${packed.length} >>\nstream\n`),
    packed,
    latin1("\nendstream"),
  ]);
}

const crcTable = Array.from({ length: 256 }, (_none, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
const crc32 = (bytes: Buffer): number =>
  (bytes.reduce((crc, byte) => (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([latin1(kind), content]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** A picture of one colour; `claimed` is the size that its head says. */
export function png(
  claimed: readonly [width: number, height: number] = [8, 8],
  more: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(claimed[0], 0);
  head.writeUInt32BE(claimed[1], 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(
    Array.from({ length: 8 }, () => Buffer.concat([Buffer.of(0), Buffer.alloc(24, Buffer.of(0x2f, 0x6f, 0xa7))])),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
    more,
  ]);
}

/** The structure of a JPEG, with a comment; no viewer draws it. */
export function jpeg(comment = "made by a camera", size: readonly [width: number, height: number] = [8, 8]): Buffer {
  const text = latin1(comment);
  const [length, frame] = [Buffer.alloc(2), Buffer.alloc(8)];
  length.writeUInt16BE(text.length + 2);
  frame.writeUInt16BE(11, 0);
  frame[2] = 8;
  frame.writeUInt16BE(size[1], 3);
  frame.writeUInt16BE(size[0], 5);
  frame[7] = 1;
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]),
    latin1("JFIF\u0000\u0001\u0001\u0000\u0000\u0001\u0000\u0001\u0000\u0000"),
    Buffer.from([0xff, 0xfe]),
    length,
    text,
    Buffer.from([0xff, 0xc0]),
    frame,
    Buffer.from([0x01, 0x11, 0x00, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x12, 0x34]),
    Buffer.from([0xff, 0xd9]),
  ]);
}

export const tiff = (): Buffer =>
  Buffer.concat([Buffer.from([0x49, 0x49, 0x2a, 0x00, 0x08, 0x00, 0x00, 0x00]), Buffer.alloc(64)]);

export const clinicalDocument = (before = "", text = "Discharge"): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n${before}<ClinicalDocument xmlns="urn:hl7-org:v3"><title>${text}</title></ClinicalDocument>`,
  );

/** eicar.org: the string by which every scanner shows that it works. */
export const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

/** A zip archive without entries but with the end of a directory. */
export const zipEnd = (): Buffer => Buffer.concat([Buffer.from([0x50, 0x4b, 0x05, 0x06]), Buffer.alloc(18)]);
export const zipEntry = (): Buffer =>
  Buffer.concat([Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]), Buffer.alloc(30), zipEnd()]);
