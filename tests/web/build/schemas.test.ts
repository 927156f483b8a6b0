import path from "node:path";
import { build, type Rolldown } from "vite";
import { describe, expect, it } from "vitest";
import { routeTable } from "../../../web/build/routes.ts";
import { withoutSchemas } from "../../../web/build/schemas.ts";

const contract = path.resolve(import.meta.dirname, "../../../core/contract");
const ENTRY = "\0planted";

/** What a module of this source is built to, in one file. */
async function built(source: string, plugins = [withoutSchemas(), routeTable()]): Promise<string> {
  const planted = {
    name: "planted",
    resolveId: (id: string) => (id === ENTRY ? id : undefined),
    load: (id: string) => (id === ENTRY ? source : undefined),
  };
  const output = (await build({
    configFile: false,
    logLevel: "silent",
    plugins: [...plugins, planted],
    build: { write: false, minify: false, rolldownOptions: { input: ENTRY, preserveEntrySignatures: "strict" } },
  })) as Rolldown.RolldownOutput;
  return output.output.map((file) => (file.type === "chunk" ? file.code : "")).join("");
}

const withSchema = `export { SignIn } from ${JSON.stringify(path.join(contract, "session.ts"))};`;

describe("UIX-5 no schema comes into the portal", () => {
  it("a screen that takes something from the contract gets no zod, and reading with a schema is a fault", async () => {
    const code = await built(`${withSchema}\nexport { default } from "virtual:routes";`);
    expect(code).not.toContain("ZodError");
    expect(code.length).toBeLessThan(120_000);
    const made = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      SignIn: { parse: (value: unknown) => unknown };
      default: Record<string, readonly string[]>;
    };
    expect(() => made.SignIn.parse({})).toThrow("schemas are the server's");
    expect(made.default["health"]).toEqual(["GET", "/health", "safe"]);
  });

  it("without the plugin it would be there", async () => {
    expect(await built(withSchema, [])).toContain("ZodError");
  });
});
