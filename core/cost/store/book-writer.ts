import { sha256Hex } from "../../audit/layout.ts";
import type { BookFile } from "./books.ts";
import type { CostFiles } from "./files.ts";
import { keep } from "./keep.ts";

/** By key: digests of files as the last whole run left them. */
export type KeptDigests = Readonly<Record<string, string>>;

const AT_ONCE = 16;

/** Writes files that are made again and again: one that would be as it was is not even asked for. */
export class BookWriter {
  readonly #files: CostFiles;
  readonly #known: KeptDigests;
  readonly #kept = new Map<string, string>();
  #open: Promise<void>[] = [];

  constructor(files: CostFiles, known: KeptDigests) {
    this.#files = files;
    this.#known = known;
  }

  async put(folder: string, name: string, bytes: Uint8Array, rows: number): Promise<BookFile> {
    const [key, sha256] = [`${folder}${name}`, sha256Hex(bytes)];
    this.#kept.set(key, sha256);
    if (this.#known[key] !== sha256) await keep(this.#files, key, bytes);
    return { name, sha256, rows };
  }

  /** A file that stays as it is. */
  hold(folder: string, { name, sha256 }: BookFile): void {
    this.#kept.set(`${folder}${name}`, sha256);
  }

  /** One of many small files that depend on nothing: some are on their way at once. */
  async putMany(key: string, bytes: Uint8Array): Promise<void> {
    this.#open.push(this.put("", key, bytes, 0).then(() => undefined));
    if (this.#open.length >= AT_ONCE) await this.settle();
  }

  async settle(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    await Promise.all(open);
  }

  get digests(): KeptDigests {
    return Object.fromEntries([...this.#kept].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
