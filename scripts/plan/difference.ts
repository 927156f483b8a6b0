/** Where two plans first part, in words; undefined when they are the same text. */
export function firstDifference(committed: string | undefined, fresh: string): string | undefined {
  if (committed === fresh) return undefined;
  if (committed === undefined) return "it is missing";
  const found = between(JSON.parse(committed), JSON.parse(fresh), []);
  return found ?? "only its layout differs";
}

function between(committed: unknown, fresh: unknown, where: readonly string[]): string | undefined {
  if (Object.is(committed, fresh)) return undefined;
  if (!isObject(committed) || !isObject(fresh)) {
    return `${where.join(".")} is ${show(committed)} and would be ${show(fresh)}`;
  }
  const before = byLabel(committed);
  const after = byLabel(fresh);
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const found = between(before.get(key), after.get(key), [...where, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Members by name; the elements of a list of resources by their type and name, so that one more does not shift the rest. */
function byLabel(value: object): Map<string, unknown> {
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((element: unknown, index) => [label(element) ?? String(index), element]));
}

function label(element: unknown): string | undefined {
  if (!isObject(element)) return undefined;
  const { type, name } = element as { type?: unknown; name?: unknown };
  if (typeof name !== "string") return undefined;
  return typeof type === "string" ? `${type}::${name}` : name;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const show = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value).slice(0, 120));
