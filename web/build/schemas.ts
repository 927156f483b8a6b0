import type { Plugin } from "vite";
import * as zod from "zod";

const ID = "\0virtual:schemas";

const names = Object.keys(zod).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default");

/**
 * A schema that only stands there: whatever is called on it gives itself, and to read something with it is a fault. The
 * server checks; lists and names that stand beside a schema are all that a screen takes from the contract.
 */
const inert = `
const reads = new Set(["parse", "safeParse", "parseAsync", "safeParseAsync", "encode", "decode"]);
const schema = new Proxy(() => schema, {
  get: (_target, name) => {
    if (reads.has(name)) throw new TypeError("schemas are the server's: the portal has none");
    return name === Symbol.toPrimitive ? () => "schema" : schema;
  },
  apply: () => schema,
  construct: () => schema,
});
`;

/**
 * Takes zod out of the portal: 60 kB that nothing here would use, and a probe for `Function` that the
 * Content-Security-Policy reports.
 */
export const withoutSchemas = (): Plugin => ({
  name: "keyward:schemas",
  enforce: "pre",
  resolveId: (id) => (id === "zod" ? { id: ID, moduleSideEffects: false } : undefined),
  load: (id) =>
    id === ID
      ? `${inert}${names.map((name) => `const z_${name} = schema; export { z_${name} as ${name} };`).join("\n")}`
      : undefined,
});
