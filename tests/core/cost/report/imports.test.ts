import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../../../../core/cost");
/** All that may go with a Lambda. Readers and DuckDB are for development, and weigh more than the function. */
const ALLOWED = new Set(["write-excel-file/node", "hyparquet-writer", "zod"]);

const packagesIn = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm)].flatMap(
    ([, type, from = "", dynamic = ""]) => (type === undefined ? [from === "" ? dynamic : from] : []),
  );
const strangers = (text: string): string[] =>
  packagesIn(text).filter((name) => !name.startsWith(".") && !name.startsWith("node:") && !ALLOWED.has(name));

describe("what core/cost takes into a Lambda", () => {
  it("COST-7 is small: no DuckDB, no reader, no PDF viewer", () => {
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const texts = files.map((file) => readFileSync(path.join(root, file), "utf8"));
    expect(texts.flatMap(packagesIn)).toEqual(expect.arrayContaining(["hyparquet-writer", "write-excel-file/node"]));
    expect(texts.flatMap(strangers)).toEqual([]);
  });

  it.each([
    'import { DuckDBInstance } from "@duckdb/node-api";',
    'const duckdb = await import("@duckdb/node-api");',
    'import {\n  parquetRead,\n} from "hyparquet";',
    'export { getDocument } from "pdfjs-dist";',
  ])("COST-7 finds a planted import: %s", (line) => expect(strangers(`${line}\n`)).toHaveLength(1));
});
