import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

/** The pages below `source`, by the name that each one's script has too. */
const pagesIn = (source: string): readonly string[] =>
  existsSync(source)
    ? readdirSync(source)
        .filter((file) => file.endsWith(".html"))
        .map((file) => path.basename(file, ".html"))
    : [];

/**
 * Builds the viewer of documents into `documents/` below a built portal: a page and one plain script for each, because a
 * page without an origin loads no module. Decoders come inside of the script, so that nothing is fetched beside it.
 */
export async function buildViewer(root: string, folder: string): Promise<void> {
  const source = path.join(root, "web/viewer");
  const target = path.join(folder, "documents");
  const pages = pagesIn(source);
  if (pages.length === 0) return;
  mkdirSync(target, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: pages.map((page) => path.join(source, `${page}.ts`)),
    outdir: target,
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    loader: { ".wasm": "binary" },
    // What the library does in Node alone; no browser comes there.
    define: { "import.meta.url": '"/app/documents/"' },
    logLevel: "silent",
  });
  for (const page of pages) copyFileSync(path.join(source, `${page}.html`), path.join(target, `${page}.html`));
  copyFileSync(path.join(source, "viewer.css"), path.join(target, "viewer.css"));
}
