import { createHash } from "node:crypto";
import * as z from "zod";

/** One set of policies with its schema, named by its content. */
export interface PolicySet {
  /** SHA-256 of `text`, hex. */
  readonly version: string;
  /** Canonical JSON: `[schema, [[rule id, Cedar text], ...]]`, rules by id. */
  readonly text: string;
  readonly schema: string;
  readonly policies: Readonly<Record<string, string>>;
}

/**
 * @param schema Cedar schema text.
 * @param policies Cedar text of each rule by its `@id`.
 */
export function policySetOf(schema: string, policies: Readonly<Record<string, string>>): PolicySet {
  const rules = Object.entries(policies).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify([schema, rules]);
  return {
    version: createHash("sha256").update(text).digest("hex"),
    text,
    schema,
    policies: Object.fromEntries(rules),
  };
}

const Bundle = z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))]);

/**
 * The set of a bundle's text, as the archive keeps it; undefined where the text is not the one text of a set, so that
 * what it is called by and what it holds cannot part.
 */
export function parsePolicyBundle(text: string): PolicySet | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = Bundle.safeParse(value);
  if (!parsed.success) return undefined;
  const [schema, rules] = parsed.data;
  const set = policySetOf(schema, Object.fromEntries(rules));
  return set.text === text ? set : undefined;
}
