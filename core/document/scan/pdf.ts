import { inflateSync } from "node:zlib";
import type { DocumentFinding } from "../../contract/document.ts";

/** What all compressed objects of a file may unpack to together, and how many of them are looked into. */
const UNPACKED_MAX_BYTES = 32 * 1024 * 1024;
const STREAMS_MAX = 20_000;
/** A dictionary stands right before its stream. */
const DICTIONARY_MAX = 4_096;

/**
 * ISO 32000-2 names of what a PDF does by itself, or carries along. Names may be written with `#41` for `A`; they are
 * compared after that is undone.
 */
const NAMES: readonly (readonly [pattern: RegExp, finding: DocumentFinding])[] = [
  [/\/(?:Launch|RichMedia|Rendition|Movie|Sound|GoToE)\b/, "starts-program"],
  [/\/(?:EmbeddedFiles?|FileAttachment|Collection)\b/, "attached-file"],
  [/\/(?:JavaScript|JS|SubmitForm|ImportData|XFA|AA)\b/, "active-content"],
  // A page to begin with is an array, or an action that goes to one; anything else may do something.
  [/\/OpenAction\s*(?:<<(?![^>]{0,200}\/S\s*\/GoTo\b)|\d+\s+\d+\s+R)/, "active-content"],
  [/\/Encrypt\b/, "encrypted"],
];

const unescaped = (text: string): string =>
  text.replace(/#([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What a PDF says that it would do, in the clear and inside of its object streams. */
export function scanPdf(bytes: Uint8Array): readonly DocumentFinding[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const found = new Set<DocumentFinding>();
  const look = (part: string): void => {
    const plain = unescaped(part);
    for (const [pattern, finding] of NAMES) if (pattern.test(plain)) found.add(finding);
  };
  // Some writers fill up with zeros; anything else after the end is some other file's.
  // oxlint-disable-next-line no-control-regex -- the zeros that some writers fill up with
  if (!/%%EOF[\s\u0000]*$/.test(text.slice(-2048))) found.add("damaged");
  let unpacked = 0;
  let streams = 0;
  let from = 0;
  for (const { index, 0: keyword } of text.matchAll(/stream\r?\n/g)) {
    if (index < from || text.slice(index - 3, index) === "end") continue;
    streams += 1;
    const start = index + keyword.length;
    const end = text.indexOf("endstream", start);
    look(text.slice(from, index));
    if (end < 0 || streams > STREAMS_MAX) {
      found.add("damaged");
      break;
    }
    const dictionary = unescaped(text.slice(Math.max(from, index - DICTIONARY_MAX), index));
    // Objects lie in these; everything else is what a page shows.
    if (/\/ObjStm\b/.test(dictionary)) {
      const inside = inflated(bytes.subarray(start, end), UNPACKED_MAX_BYTES - unpacked);
      if (inside === "too-large") found.add("too-large-unpacked");
      else if (inside === undefined) found.add("damaged");
      else {
        unpacked += inside.length;
        look(inside.toString("latin1"));
      }
    }
    from = end;
  }
  look(text.slice(from));
  return [...found];
}

function inflated(bytes: Uint8Array, mostBytes: number): Buffer | "too-large" | undefined {
  if (mostBytes <= 0) return "too-large";
  try {
    return inflateSync(bytes, { maxOutputLength: mostBytes, finishFlush: 2 });
  } catch (error) {
    const isTooLarge = error instanceof RangeError || (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? "too-large" : undefined;
  }
}
