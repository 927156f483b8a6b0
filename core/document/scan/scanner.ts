import type { DocumentFinding, DocumentScan, MediaType } from "../../contract/document.ts";

/** What each finding makes of a file: the table that decides. `clean` ones are shown and not handed out as they are. */
export const FINDING_STATES: Readonly<Record<DocumentFinding, Exclude<DocumentScan, "pending">>> = {
  "test-virus": "infected",
  "another-type-inside": "infected",
  "markup-inside": "infected",
  "attached-file": "infected",
  "starts-program": "infected",
  "too-large-unpacked": "infected",
  "too-many-pixels": "infected",
  "document-type-declaration": "infected",
  damaged: "failed",
  encrypted: "failed",
  "active-content": "clean",
};

/** A file in the clear, whole, and what it was found to be. */
export interface ScannedFile {
  readonly bytes: Uint8Array;
  readonly mediaType: MediaType;
}

/**
 * Looks for what is harmful in a file. Where a scanner of another maker is asked, it stands behind this: findings are words
 * of ours, and one that cannot answer throws, which leaves the file unopened.
 */
export interface ContentScanner {
  scan(file: ScannedFile): Promise<readonly DocumentFinding[]>;
}

const WORST_FIRST = ["infected", "failed", "clean"] as const;

/** The worst of what was found. Nothing found is clean. */
export function stateOf(findings: readonly DocumentFinding[]): Exclude<DocumentScan, "pending"> {
  const states = new Set(findings.map((finding) => FINDING_STATES[finding]));
  return WORST_FIRST.find((state) => states.has(state)) ?? "clean";
}
