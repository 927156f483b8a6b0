import { sha256Hex } from "../../audit/layout.ts";
import type { CostFiles } from "./files.ts";

/** The bucket in memory. `held` is what it holds, for whoever looks or plants. */
export function createMemoryFiles(held = new Map<string, Uint8Array>()): CostFiles & {
  readonly held: Map<string, Uint8Array>;
} {
  const read: CostFiles["read"] = (key) => {
    const bytes = held.get(key);
    return Promise.resolve(bytes === undefined ? undefined : { bytes, tag: sha256Hex(bytes) });
  };
  const create: CostFiles["create"] = (key, bytes) => {
    if (held.has(key)) return Promise.resolve("exists");
    held.set(key, bytes);
    return Promise.resolve("created");
  };
  return {
    held,
    read,
    create,
    list: (prefix) => Promise.resolve([...held.keys()].filter((key) => key.startsWith(prefix)).toSorted()),
    async replace(key, bytes, ifMatch) {
      if (ifMatch === null) return (await create(key, bytes)) === "created" ? "replaced" : "conflict";
      if ((await read(key))?.tag !== ifMatch) return "conflict";
      held.set(key, bytes);
      return "replaced";
    },
  };
}
