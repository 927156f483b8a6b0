import type { PlannedResource } from "./shape.ts";

/** Inputs that hold a JSON document as text: shown as what it says. */
const DOCUMENTS: ReadonlySet<string> = new Set(["assumeRolePolicy", "policy"]);

/** The hash in the name of a function's zip: of a stand-in here, of the real code in a deploy. */
const CODE_HASH = /-code-[0-9a-f]{64}\.zip$/;

/** The resource with its policy documents as objects, and without what is only true of the run that made the plan. */
export function readable(resource: PlannedResource): PlannedResource {
  return { ...resource, inputs: shown(resource.inputs), state: shown(resource.state) };
}

function shown(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(properties).filter(([, value]) => !isArchive(value));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (typeof value !== "string") return [name, value];
      if (DOCUMENTS.has(name)) return [name, JSON.parse(value) as unknown];
      return [name, value.replace(CODE_HASH, "-code-<hash>.zip")];
    }),
  );
}

const isArchive = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "__pulumiArchive" in value;

/**
 * The same value with the keys of every object in alphabetical order, so that two runs differ only where they mean
 * something else. A policy document keeps the order of its statements and lists; `urn`, `type` and `name` stay in front.
 */
export function inOrder<T>(value: T): T {
  return sorted(value) as T;
}

const FIRST = [
  "app",
  "account",
  "region",
  "outputs",
  "functions",
  "urn",
  "type",
  "name",
  "Version",
  "Sid",
  "Effect",
  "Principal",
];

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const rank = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
