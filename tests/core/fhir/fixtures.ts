import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type FhirResource,
  type JsonObject,
  parseJson,
  RESOURCE_TYPES,
  validateResource,
} from "../../../core/fhir/index.ts";

const root = join(import.meta.dirname, "../../..");

/** A mutable deep copy. */
export const copyOf = <T>(value: T): T => structuredClone(value);

/** The valid resource of each supported type that tests start from; a fresh one each time. */
export function seed(type: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, "tests/fixtures/fhir", `${type}.json`), "utf8")) as Record<string, unknown>;
}

export const seeds = (): Record<string, unknown>[] => RESOURCE_TYPES.map(seed);

/** Valid, or the test fails. */
export function valid(value: unknown): FhirResource {
  const result = validateResource(value);
  if (!result.ok) throw new Error(JSON.stringify(result.error.issues));
  return result.value;
}

/** The resource of a type with some elements replaced, as validated. */
export const resource = (type: string, changes: Record<string, unknown> = {}): FhirResource =>
  valid({ ...seed(type), ...changes });

/** Public data beside the checkout; undefined where it is missing, and then the tests that want it say so and skip. */
export function sharedFile(path: string): string | undefined {
  const full = join(root, "../shared/data", path);
  return existsSync(full) ? full : undefined;
}

/** The files of a .tgz by name (ustar and pax names as far as our data needs them). */
export function* readTgz(file: string): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  const tar = gunzipSync(readFileSync(file));
  let longName: string | undefined;
  for (let offset = 0; offset + 512 <= tar.length;) {
    const text = (start: number, end: number): string =>
      tar.toString("utf8", offset + start, offset + end).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 136).trim() || "0", 8);
    const kind = text(156, 157);
    const bytes = tar.subarray(offset + 512, offset + 512 + size);
    const prefix = text(345, 500);
    if (kind === "L") longName = bytes.toString("utf8").replace(/\0.*$/s, "");
    else if (kind === "x") longName = /\d+ path=([^\n]*)\n/.exec(bytes.toString("utf8"))?.[1];
    else {
      if (kind === "0" || kind === "")
        yield { name: longName ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`), bytes };
      longName = undefined;
    }
    offset += 512 + Math.ceil(size / 512) * 512;
    if (tar[offset] === 0) return;
  }
}

/** US Core 8's example resources by file name, of the types that we support. */
export function usCoreExamples(): { readonly name: string; readonly resource: JsonObject }[] {
  const file = sharedFile("us-core-8/package.tgz");
  if (file === undefined) return [];
  return [...readTgz(file)].flatMap(({ name, bytes }) => {
    if (!/example\/.*\.json$/.test(name)) return [];
    const parsed = parseJson(bytes);
    const value = parsed.ok ? (parsed.value as JsonObject) : undefined;
    return value && (RESOURCE_TYPES as readonly unknown[]).includes(value["resourceType"])
      ? [{ name: name.slice(name.lastIndexOf("/") + 1), resource: value }]
      : [];
  });
}

/** Names of the seeds on disk. */
export const seedFiles = (): string[] => readdirSync(join(root, "tests/fixtures/fhir")).toSorted();
