import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { Plugin } from "esbuild";
import type { FunctionConfiguration, SourcePatch } from "./function.ts";

export interface Bundle {
  /** Absolute path of the module. */
  readonly file: string;
  /** The folder that stands for /var/task. */
  readonly taskRoot: string;
  readonly exportName: string;
}

export type BundleInput = Pick<
  FunctionConfiguration,
  "functionName" | "handler" | "externals" | "copyFiles" | "patches"
>;

/** A bundle that no start has used for so long is deleted. */
const KEEP_MS = 7 * 86_400_000;
const SOURCE_ENDINGS = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/** Lets bundled CommonJS packages call require and name their file, as SST's own banner does. */
const BANNER = [
  `import { createRequire as keywardCreateRequire } from "node:module";`,
  `const require = keywardCreateRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join("");

/** One thing to compile; functions that agree in all of it share the output. */
interface Target {
  /** From the project's root. */
  readonly source: string;
  readonly externals: readonly string[];
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly patches: readonly SourcePatch[];
  /** A hash of the four. */
  readonly key: string;
}

/** What a target came to, kept so that unchanged sources are not compiled again. */
interface Stamp {
  readonly folder: string;
  /** Inputs from the project's root, each as `size:mtimeMs`. */
  readonly inputs: Readonly<Record<string, string>>;
}

interface Compiled {
  /** By name: `bundle.mjs`, `bundle.mjs.map`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly inputs: readonly string[];
}

/** Splits `functions/fhir.handler` into its source file, from `root`, and its export. Throws where no such file is. */
function locateHandler(root: string, handler: string): { source: string; exportName: string } {
  const dot = handler.lastIndexOf(".");
  const base = handler.slice(0, dot);
  const ending = SOURCE_ENDINGS.find((candidate) => existsSync(path.join(root, base + candidate)));
  if (dot < 1 || ending === undefined) throw new Error(`handler ${handler}: no such module under the project's root`);
  return { source: base + ending, exportName: handler.slice(dot + 1) };
}

function targetOf(source: string, input: BundleInput): Target {
  const externals = (input.externals ?? []).toSorted();
  const copies = (input.copyFiles ?? []).map(({ from, to }) => ({ from, to: to ?? from }));
  const patches = input.patches ?? [];
  const shape = [source, externals, copies, ...(patches.length === 0 ? [] : [patches])];
  const hash = createHash("sha256").update(JSON.stringify(shape));
  return { source, externals, copies, patches, key: `${path.parse(source).name}-${hash.digest("hex").slice(0, 16)}` };
}

function fingerprint(root: string, file: string): string {
  const found = statSync(path.join(root, file), { throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.size}:${found.mtimeMs}`;
}

function filesUnder(root: string, from: string): string[] {
  if (!statSync(path.join(root, from)).isDirectory()) return [from];
  return readdirSync(path.join(root, from), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Undefined where there is none, or half of one from a process that was killed. */
function readStamp(file: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

/** Writes `content` so that a reader, or another process that does the same, never sees half of it. */
function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.${performance.now()}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/** Compiles targets with the same externals in one go, so that what they share is parsed once. By key. */
async function compile(
  root: string,
  cache: string,
  targets: readonly Pick<Target, "key" | "source">[],
  externals: readonly string[],
  patches: readonly SourcePatch[],
): Promise<ReadonlyMap<string, Compiled>> {
  // Not needed, and not cheap to load, where nothing has changed.
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: targets.map(({ key, source }) => ({ in: source, out: `${key}/bundle` })),
    outdir: cache,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: false,
    sourcemap: "linked",
    sourcesContent: false,
    banner: { js: BANNER },
    external: externals.flatMap((name) => [name, `${name}/*`]),
    logLevel: "silent",
    ...(patches.length === 0 ? {} : { plugins: [patching(root, patches)] }),
  });
  return new Map(
    targets.map(({ key }) => {
      const folder = path.join(cache, key);
      const files = outputFiles.filter((file) => path.dirname(file.path) === folder);
      const output = metafile.outputs[path.relative(root, path.join(folder, "bundle.mjs")).split(path.sep).join("/")];
      return [
        key,
        {
          files: new Map(files.map((file) => [path.basename(file.path), file.contents])),
          inputs: Object.keys(output?.inputs ?? {}),
        },
      ];
    }),
  );
}

/** Gives the patched text in the place of a file. A patch that does not apply, or applies twice, fails the bundle. */
function patching(root: string, patches: readonly SourcePatch[]): Plugin {
  const byFile = Map.groupBy(patches, ({ file }) => path.join(root, file));
  return {
    name: "patches",
    setup(build) {
      const met = new Set<string>();
      build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const own = byFile.get(file);
        if (own === undefined) return undefined;
        met.add(file);
        let contents = readFileSync(file, "utf8");
        for (const { from, to, file: named } of own) {
          if (contents.split(from).length !== 2) throw new Error(`a patch of ${named} does not apply`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: "ts" };
      });
      build.onEnd(() => {
        const missed = [...byFile.keys()].filter((file) => !met.has(file));
        if (missed.length > 0) throw new Error(`a patch is of no file of the bundle: ${missed.join(", ")}`);
      });
    },
  };
}

/** Puts a compiled target, with the files that are copied, into a folder named by its content. */
function store(root: string, cache: string, target: Target, { files, inputs }: Compiled): string {
  const copied = target.copies.flatMap(({ from }) => filesUnder(root, from));
  const hash = createHash("sha256");
  for (const content of files.values()) hash.update(content);
  for (const file of copied) hash.update(file).update(readFileSync(path.join(root, file)));
  const folder = `${target.key}@${hash.digest("hex").slice(0, 24)}`;
  if (!existsSync(path.join(cache, folder, "bundle.mjs"))) {
    const building = path.join(cache, `${folder}.${process.pid}.building`);
    mkdirSync(building, { recursive: true });
    for (const [name, content] of files) writeFileSync(path.join(building, name), content);
    for (const { from, to } of target.copies)
      cpSync(path.join(root, from), path.join(building, to), { recursive: true });
    try {
      renameSync(building, path.join(cache, folder));
    } catch {
      rmSync(building, { recursive: true, force: true }); // another process was first: its bytes are the same
    }
  }
  const marks = ["package-lock.json", ...inputs, ...copied].map((file) => [file, fingerprint(root, file)] as const);
  const stamp: Stamp = { folder, inputs: Object.fromEntries(marks) };
  writeWhole(path.join(cache, `${target.key}.json`), JSON.stringify(stamp));
  return folder;
}

function removeOld(cache: string, key: string, nowMs: number): void {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(`${key}@`)) continue;
    const used = statSync(path.join(cache, name), { throwIfNoEntry: false });
    if (used !== undefined && nowMs - used.mtimeMs > KEEP_MS) {
      rmSync(path.join(cache, name), { recursive: true, force: true });
    }
  }
}

const cacheOf = (root: string): string => path.join(root, "node_modules", ".cache", "keyward", "functions");

/** The folder of a target whose sources are as they were; undefined where it has to be compiled. */
function unchanged(root: string, target: Target): string | undefined {
  const stamp = readStamp(path.join(cacheOf(root), `${target.key}.json`));
  if (stamp === undefined || !existsSync(path.join(cacheOf(root), stamp.folder, "bundle.mjs"))) return undefined;
  const isSame = Object.entries(stamp.inputs).every(([file, mark]) => fingerprint(root, file) === mark);
  return isSame ? stamp.folder : undefined;
}

/**
 * Bundles handlers as SST does: each one ES module, with the packages of `externals` left outside.
 * The output lies inside node_modules/.cache, so that externals resolve as they would beside /var/task/node_modules.
 * Unchanged sources are not bundled again; several processes may do this at a time.
 * @returns the bundles by function name.
 * @throws Error that names the handlers which do not exist or do not compile.
 */
export async function bundleFunctions(
  root: string,
  inputs: readonly BundleInput[],
): Promise<ReadonlyMap<string, Bundle>> {
  const cache = cacheOf(root);
  mkdirSync(cache, { recursive: true });
  const located = inputs.map((input) => {
    const { source, exportName } = locateHandler(root, input.handler);
    return { functionName: input.functionName, exportName, target: targetOf(source, input) };
  });
  const targets = new Map(located.map(({ target }) => [target.key, target]));
  const folders = new Map([...targets.values()].map((target) => [target.key, unchanged(root, target)]));
  const stale = [...targets.values()].filter((target) => folders.get(target.key) === undefined);
  const groups = Map.groupBy(stale, (target) => JSON.stringify([target.externals, target.patches]));
  for (const group of groups.values()) {
    const compiled = await compile(root, cache, group, group[0]?.externals ?? [], group[0]?.patches ?? []).catch(
      (error: unknown) => {
        const sources = group.map((target) => target.source).join(", ");
        throw new Error(`a handler does not bundle: ${sources}`, { cause: error });
      },
    );
    for (const target of group) {
      const result = compiled.get(target.key);
      if (result !== undefined) folders.set(target.key, store(root, cache, target, result));
    }
  }
  const now = new Date();
  return new Map(
    located.map(({ functionName, exportName, target }) => {
      const folder = folders.get(target.key);
      invariant(folder !== undefined, "every target has been compiled or found unchanged");
      const taskRoot = path.join(cache, folder);
      utimesSync(taskRoot, now, now);
      removeOld(cache, target.key, now.getTime());
      return [functionName, { file: path.join(taskRoot, "bundle.mjs"), taskRoot, exportName }];
    }),
  );
}

/**
 * Compiles the code that runs in worker threads. Stripping its types in every thread would double a cold start.
 * @returns the absolute path of the module.
 */
export async function bundleWorker(root: string): Promise<string> {
  const source = fileURLToPath(new URL("./worker.ts", import.meta.url));
  const handler = `${path.relative(root, source).slice(0, -".ts".length)}.start`;
  const bundle = (await bundleFunctions(root, [{ functionName: "worker", handler }])).get("worker");
  invariant(bundle !== undefined, "a bundle is made for each input");
  return bundle.file;
}
