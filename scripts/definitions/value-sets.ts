interface Concept {
  code: string;
  concept?: Concept[];
}

interface Include {
  system?: string;
  concept?: Concept[];
  filter?: unknown[];
  valueSet?: string[];
}

export interface Terminology {
  valueSets: Map<string, { resourceType: string; url: string; compose?: { include?: Include[]; exclude?: Include[] } }>;
  codeSystems: Map<string, { resourceType: string; url: string; content?: string; concept?: Concept[] }>;
}

/** Value sets that are a grammar, not a list: core/fhir/binding.ts holds the pattern under the same name. */
const GRAMMARS = new Set(["mimetypes", "currencies"]);

const flatten = (concepts: Concept[]): string[] =>
  concepts.flatMap(({ code, concept }) => [code, ...flatten(concept ?? [])]);

/**
 * Expands required value sets to `{ <last part of url>: { <system>: codes } }`; a set of GRAMMARS becomes "grammar".
 * Throws when a set can not be expanded from what the definitions hold, so that a new binding is never left unchecked.
 */
export function expandValueSets(
  urls: string[],
  terminology: Terminology,
): Record<string, Record<string, string[]> | "grammar"> {
  const expandInclude = (include: Include, url: string): [string, string[]][] => {
    if (include.valueSet) return include.valueSet.flatMap((inner) => expand(inner));
    if (!include.system || include.filter) throw new Error(`can not expand ${url}`);
    if (include.concept) return [[include.system, include.concept.map(({ code }) => code)]];
    const system = terminology.codeSystems.get(include.system);
    if (!system?.concept || system.content !== "complete") throw new Error(`can not expand ${url}: ${include.system}`);
    return [[include.system, flatten(system.concept)]];
  };
  const expand = (canonical: string): [string, string[]][] => {
    const set = terminology.valueSets.get(canonical.split("|")[0] ?? canonical);
    if (!set?.compose?.include || set.compose.exclude) throw new Error(`can not expand ${canonical}`);
    return set.compose.include.flatMap((include) => expandInclude(include, canonical));
  };
  const result: Record<string, Record<string, string[]> | "grammar"> = {};
  for (const url of urls) {
    const name = url.slice(url.lastIndexOf("/") + 1);
    if (GRAMMARS.has(name)) {
      result[name] = "grammar";
      continue;
    }
    const systems: Record<string, string[]> = {};
    for (const [system, codes] of expand(url)) systems[system] = [...(systems[system] ?? []), ...codes];
    result[name] = systems;
  }
  return result;
}
