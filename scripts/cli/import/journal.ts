import { appendFileSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Which groups of an import were acknowledged, one digest a line, on disk before the next is sent: a broken-off import
 * goes on where it was. Losing the file costs time and nothing else, because every group is create-only.
 */
export class ImportJournal {
  readonly #done: Set<string>;
  readonly #file: number;

  constructor(folder: string, tenantId: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, `${tenantId}.journal`);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    // A line that a crash cut off has no line feed and is not believed.
    const lines = text.split("\n").slice(0, -1);
    this.#done = new Set(lines);
    this.#file = openSync(file, "a", 0o600);
    if (text !== "" && !text.endsWith("\n")) appendFileSync(this.#file, "\n");
  }

  has(digest: string): boolean {
    return this.#done.has(digest);
  }

  add(digest: string): void {
    appendFileSync(this.#file, `${digest}\n`);
    fsyncSync(this.#file);
    this.#done.add(digest);
  }

  close(): void {
    closeSync(this.#file);
  }
}
