import { readFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";

export interface Bundles {
  /** Exports the config with its `app` function; evaluated before anything of Pulumi exists. */
  readonly app: string;
  /** Exports the promise of a run of the config through SST's own entry; needs the globals of SST's command line. */
  readonly run: string;
}

/** Packages that the platform finds at run time. SST leaves the same ones out (pkg/js/js.go). */
const EXTERNAL = [
  "@pulumi/*",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "undici",
  "esbuild",
  "archiver",
  "glob",
  "vite",
];

const COMMONJS_BANNER = [
  `import { createRequire as $createRequire } from "node:module";`,
  `const require = $createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join("\n");

/**
 * Bundles `sst.config.ts` and the stacks that it imports the way that SST's command line does it: `aws` and `sst` are
 * imported into every file of ours, the `$` helpers are injected, and `$app`, `$cli` and `$dev` become properties of one
 * global. The bundles lie in the platform's folder, so that they find its packages, under a name that `tag` makes unique.
 */
export async function bundleConfig(root: string, platform: string, tag: string): Promise<Bundles> {
  const config = JSON.stringify(path.join(root, "sst.config.ts"));
  const app = path.join(platform, `plan.${tag}.app.mjs`);
  const run = path.join(platform, `plan.${tag}.run.mjs`);
  const common = {
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    nodePaths: [path.join(platform, "node_modules")],
    external: EXTERNAL,
    logLevel: "silent",
  } satisfies BuildOptions;
  await Promise.all([
    esbuild.build({
      ...common,
      outfile: app,
      banner: { js: `${COMMONJS_BANNER}\nconst $config = (config) => config;` },
      stdin: { contents: `export { default } from ${config};`, resolveDir: root, loader: "ts" },
    }),
    esbuild.build({
      ...common,
      outfile: run,
      banner: { js: COMMONJS_BANNER },
      stdin: {
        contents: `import { run } from ${JSON.stringify(path.join(platform, "src", "auto", "run.ts"))};
          import config from ${config};
          export default run(config.run);`,
        resolveDir: root,
        loader: "ts",
      },
      inject: [path.join(platform, "src", "shim", "run.js")],
      define: { $app: "globalThis.$sst.app", $cli: "globalThis.$sst.cli", $dev: "globalThis.$sst.dev" },
      plugins: [importGlobals(root, platform)],
    }),
  ]);
  return { app, run };
}

function importGlobals(root: string, platform: string): Plugin {
  const line = `import * as aws from "@pulumi/aws"; import * as sst from ${JSON.stringify(path.join(platform, "src", "components"))};`;
  const skipped = [path.join(root, ".sst"), path.join(root, "node_modules")].map((folder) => folder + path.sep);
  return {
    name: "import-globals",
    setup: (build) =>
      build.onLoad({ filter: /\.ts$/ }, async (file) => {
        if (skipped.some((folder) => file.path.startsWith(folder))) return undefined;
        return { contents: `${line}\n${await readFile(file.path, "utf8")}`, loader: "ts" };
      }),
  };
}
