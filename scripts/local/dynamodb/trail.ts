import type { Item } from "./attribute-value.ts";
import { attributeOf, scalarText } from "./attribute-value.ts";
import type { Engine } from "./engine.ts";
import { keyNamesOf } from "./keys.ts";

/** The key attributes of a request for the trail, name to text; nothing else of an item may go there. */
export function trailKey(engine: Engine, tableName: string, attributes: Item): Record<string, string> | undefined {
  const table = engine.tables.find(tableName);
  if (table === undefined) return undefined;
  const entries = keyNamesOf(table).flatMap((name) => {
    const value = attributeOf(attributes, name);
    const text = value && scalarText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(entries);
}
