import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What a build was made of: the SHA-256 of each file, by its path from the project's root. */
export type Inputs = Readonly<Record<string, string>>;

/** Read by the build without being a module of it: the route table, the pinned packages, the pages and their styles. */
const ALWAYS = ["package-lock.json", "core/contract", "web"];
const NEVER = /^web\/(\.?dist[^/]*|screenshots)(\/|$)/;

const digest = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

function filesBelow(root: string, start: string): string[] {
  const full = path.join(root, start);
  if (!existsSync(full)) return [];
  const entries = readdirSync(full, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.posix.join(start, entry.name);
    if (NEVER.test(file)) return [];
    return entry.isDirectory() ? filesBelow(root, file) : entry.isFile() ? [file] : [];
  });
}

/**
 * Hashes every source of the portal as it lies in the tree now.
 * @param modules Further files that a build has read, from the root: what the portal imports from core.
 */
export function readInputs(root: string, modules: readonly string[]): Inputs {
  const files = ALWAYS.flatMap((start) => (path.extname(start) === "" ? filesBelow(root, start) : [start]));
  const all = [...new Set([...files, ...modules])].filter((file) => existsSync(path.join(root, file))).toSorted();
  return Object.fromEntries(all.map((file) => [file, digest(path.join(root, file))]));
}

/** Whether the tree is still what a build was made of: no file changed, gone or new. */
export function isUnchanged(root: string, built: Inputs): boolean {
  const now = readInputs(root, Object.keys(built));
  const names = Object.keys(built);
  return names.length === Object.keys(now).length && names.every((file) => now[file] === built[file]);
}
