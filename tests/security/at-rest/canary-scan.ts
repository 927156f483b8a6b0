import { brotliDecompressSync, constants, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";

/** Something that is kept somewhere: an item, an object, a line, a file. */
export interface Sample {
  /** `table data`, `log keyward-dev-fhir`, `file dynamodb.db`. */
  readonly sink: string;
  readonly bytes: Uint8Array;
}

/** A canary that was found. It names the canary by its label, never by its text. */
export interface Hit {
  readonly sink: string;
  readonly canary: string;
  readonly form: string;
}

const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const rot13 = (text: string): string =>
  text.replaceAll(/[a-z]/gi, (letter) => {
    const start = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - start + 13) % 26) + start);
  });
const each = (text: string, show: (code: number) => string): string =>
  text
    .split("")
    .map((letter) => show(letter.charCodeAt(0)))
    .join("");
/** Back to front. Canaries are ASCII. */
export const reversed = (text: string): string => text.split("").toReversed().join("");
const hexOf = (code: number, digits = 2): string => code.toString(16).padStart(digits, "0");

/** What is looked for without regard to the case of ASCII letters. */
const FOLDED: Readonly<Record<string, (canary: string) => Buffer>> = {
  utf8: (canary) => Buffer.from(canary),
  utf16le: (canary) => Buffer.from(canary, "utf16le"),
  utf16be,
  hex: (canary) => Buffer.from(Buffer.from(canary).toString("hex")),
  url: (canary) => Buffer.from(each(canary, (code) => `%${hexOf(code)}`)),
  "json-escape": (canary) => Buffer.from(each(canary, (code) => `\\u${hexOf(code, 4)}`)),
  "html-decimal": (canary) => Buffer.from(each(canary, (code) => `&#${code};`)),
  "html-hex": (canary) => Buffer.from(each(canary, (code) => `&#x${hexOf(code)};`)),
  "byte-list": (canary) => Buffer.from([...Buffer.from(canary)].join(",")),
  reversed: (canary) => Buffer.from(reversed(canary)),
  rot13: (canary) => Buffer.from(rot13(canary)),
};

/** The characters of base64 that depend on `bytes` alone where it stands `offset` bytes after a multiple of three. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}

/** What is looked for letter by letter. Base64 of text that begins at any of three places, in both alphabets. */
const EXACT: Readonly<Record<string, (canary: string) => Buffer>> = Object.fromEntries(
  [0, 1, 2].flatMap((offset) => {
    const standard = (bytes: Buffer): string => base64At(bytes, offset);
    const url = (text: string): string => text.replaceAll("+", "-").replaceAll("/", "_");
    return [
      [`base64+${offset}`, (canary: string) => Buffer.from(standard(Buffer.from(canary)))],
      [`base64url+${offset}`, (canary: string) => Buffer.from(url(standard(Buffer.from(canary))))],
      [`base64 of utf16le+${offset}`, (canary: string) => Buffer.from(standard(Buffer.from(canary, "utf16le")))],
    ];
  }),
);

export const FORMS: Readonly<Record<string, (canary: string) => Buffer>> = { ...FOLDED, ...EXACT };

/** ASCII letters to lower case, all other bytes as they are. */
const fold = (bytes: Uint8Array): Buffer =>
  Buffer.from(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      .toString("latin1")
      .replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()),
    "latin1",
  );

const attempt = (unpack: () => Buffer): Buffer[] => {
  try {
    return [unpack()];
  } catch {
    return [];
  }
};

const LIMIT = { maxOutputLength: 64 * 1024 * 1024 };
const GZIP = Buffer.of(0x1f, 0x8b, 0x08);
const ZSTD = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);

/** Every place in `bytes` where a frame with this magic begins. */
function placesOf(bytes: Buffer, magic: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) places.push(at);
  return places;
}

/** One zstd frame, whatever stands after it: the decoder refuses what follows, so the end is looked for. */
function unzstd(bytes: Buffer): Buffer[] {
  const whole = attempt(() => zstdDecompressSync(bytes, LIMIT));
  if (whole.length > 0) return whole;
  return attempt(() => zstdDecompressSync(bytes, { ...LIMIT, finishFlush: constants.ZSTD_e_flush }));
}

/** One gzip member, whatever stands after it: its head by RFC 1952 2.3, and the raw deflate stream that follows. */
function ungzip(bytes: Buffer): Buffer[] {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const named of [8, 16]) if (flags & named) at = bytes.indexOf(0, at) + 1 || bytes.length;
  if (flags & 2) at += 2;
  return attempt(() => inflateRawSync(bytes.subarray(at), LIMIT));
}

const TEXT_ONLY = /^[\t\n\r -~]*$/;
const isBinary = (bytes: Buffer): boolean => bytes.length > 24 && !TEXT_ONLY.test(bytes.toString("latin1", 0, 256));

function unpacked(bytes: Buffer): Buffer[] {
  const gzip = placesOf(bytes, GZIP).flatMap((at) => ungzip(bytes.subarray(at)));
  const zstd = placesOf(bytes, ZSTD).flatMap((at) => unzstd(bytes.subarray(at)));
  const isZlib = bytes[0] === 0x78 && bytes.length > 2 && bytes.readUInt16BE(0) % 31 === 0;
  const zlib = isZlib ? attempt(() => inflateSync(bytes, LIMIT)) : [];
  // Raw deflate and brotli have no mark to know them by: they are tried on what is small enough, and no text.
  const bare =
    bytes.length <= 64 * 1024 && isBinary(bytes)
      ? [...attempt(() => inflateRawSync(bytes, LIMIT)), ...attempt(() => brotliDecompressSync(bytes, LIMIT))]
      : [];
  return [...gzip, ...zstd, ...zlib, ...bare];
}

/** Ids, hashes and names come again and again: each run is unpacked once for a sink and depth. */
const RUNS = [
  ["base64", /[A-Za-z0-9+/_-]{24,}={0,2}/g],
  ["hex", /(?:[0-9a-fA-F]{2}){12,}/g],
] as const;
const PERCENT = /%[0-9a-fA-F]{2}/;

/** What `bytes` hold in another coating: compressed, base64, hex, percent-encoded. A run that is in `seen` is left out. */
function* layersOf(bytes: Buffer, seen: Set<string>): Generator<readonly [form: string, inner: Buffer]> {
  for (const inner of unpacked(bytes)) yield ["compressed", inner];
  const text = bytes.toString("latin1");
  for (const [form, pattern] of RUNS) {
    for (const [run] of text.matchAll(pattern)) {
      if (seen.has(run + form)) continue;
      seen.add(run + form);
      yield [form, Buffer.from(run, form)];
    }
  }
  if (PERCENT.test(text)) {
    const plain = text.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    yield ["url", Buffer.from(plain, "latin1")];
  }
}

const DEPTH = 3;
/** Canaries that begin alike are looked for by what they begin with, and told apart only where that is found. */
const STEM = 12;
/** Between two pieces that are searched as one: in no coating of a canary. */
const GAP = Buffer.from("\n\0~\n");

interface Form {
  readonly form: string;
  readonly isFolded: boolean;
  readonly stems: readonly Buffer[];
  readonly whole: readonly { readonly canary: string; readonly bytes: Buffer }[];
}

function formsOf(canaries: Readonly<Record<string, string>>): Form[] {
  const stems = [...new Set(Object.values(canaries).map((text) => text.slice(0, STEM)))];
  const build =
    (isFolded: boolean) =>
    ([form, of]: readonly [string, (canary: string) => Buffer]): Form => {
      const shape = (text: string): Buffer => (isFolded ? fold(of(text)) : of(text));
      return {
        form,
        isFolded,
        stems: stems.map(shape),
        whole: Object.entries(canaries).map(([canary, text]) => ({ canary, bytes: shape(text) })),
      };
    };
  return [...Object.entries(FOLDED).map(build(true)), ...Object.entries(EXACT).map(build(false))];
}

const joined = (pieces: readonly Buffer[]): Buffer => Buffer.concat(pieces.flatMap((piece) => [piece, GAP]));

/**
 * Searches samples for canaries, by label: as they are and, three layers deep, in what is packed in them.
 * Gives one hit for each sink, canary and form.
 */
export function scanAll(samples: Iterable<Sample>, canaries: Readonly<Record<string, string>>): readonly Hit[] {
  const forms = formsOf(canaries);
  const hits: Hit[] = [];

  const search = (sink: string, pieces: readonly Buffer[], coating: string): void => {
    const exact = joined(pieces);
    const folded = fold(exact);
    for (const { form, isFolded, stems, whole } of forms) {
      const bytes = isFolded ? folded : exact;
      if (!stems.some((stem) => bytes.includes(stem))) continue;
      for (const { canary, bytes: needle } of whole) {
        if (bytes.includes(needle)) hits.push({ sink, canary, form: coating + form });
      }
    }
  };
  const descend = (sink: string, pieces: readonly Buffer[], coating: string, depth: number): void => {
    search(sink, pieces, coating);
    if (depth === 0) return;
    const inner = new Map<string, Buffer[]>();
    const seen = new Set<string>();
    for (const piece of pieces) {
      for (const [form, bytes] of layersOf(piece, seen)) {
        const known = inner.get(form);
        if (known === undefined) inner.set(form, [bytes]);
        else known.push(bytes);
      }
    }
    for (const [form, found] of inner) descend(sink, found, `${coating}${form} > `, depth - 1);
  };

  const bySink = Map.groupBy(samples, ({ sink }) => sink);
  for (const [sink, group] of bySink) {
    const pieces = group.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    descend(sink, pieces, "", DEPTH);
  }
  return hits;
}

/** Each sink and canary once, with the plainest form that it was found in: what a reader of a failure wants to see. */
export const summary = (hits: readonly Hit[]): readonly Hit[] => [
  ...new Map(hits.toReversed().map((hit) => [`${hit.sink} ${hit.canary}`, hit])).values(),
];
