import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { stripVTControlCharacters } from "node:util";
import type { Plugin } from "vite";
import { type EntrySize, measureEntry } from "./budget.ts";
import { type Inputs, isUnchanged, readInputs } from "./inputs.ts";
import { buildViewer } from "./viewer.ts";

const projectRoot = path.resolve(import.meta.dirname, "../..");

/** How long one build waits for another in the same tree. */
const WAIT_MS = 180_000;

export interface PortalBuild {
  /** Holds `index.html` and everything that it loads. */
  readonly folder: string;
  /** False where the sources were those of the last build. */
  readonly isNew: boolean;
  readonly size: EntrySize;
}

export interface BuildOptions {
  readonly root?: string;
  /** Hears that a build begins, which takes some seconds. */
  readonly onBuild?: () => void;
}

/** What stops a build and can be mended in the sources. */
export class PortalBuildError extends Error {}

const builtFolder = (root: string): string => path.join(root, "web/dist");
const cacheFolder = (root: string): string => path.join(root, "node_modules/.cache/keyward");
const stampFile = (root: string): string => path.join(cacheFolder(root), "portal.json");

function readStamp(root: string): Inputs | undefined {
  if (!existsSync(stampFile(root)) || !existsSync(path.join(builtFolder(root), "index.html"))) return undefined;
  try {
    return JSON.parse(readFileSync(stampFile(root), "utf8")) as Inputs;
  } catch {
    return undefined;
  }
}

/** Whether `web/dist` was made of the sources as they are now. */
export function isPortalCurrent(root = projectRoot): boolean {
  const built = readStamp(root);
  return built !== undefined && isUnchanged(root, built);
}

/**
 * Builds `web/` into `web/dist`, unless that was made of the same sources. Builds of one tree wait for each other, and
 * what stood there before is replaced only by a build that has succeeded.
 * @throws PortalBuildError with a sentence for a source that does not build.
 */
export async function buildPortal({ root = projectRoot, onBuild }: BuildOptions = {}): Promise<PortalBuild> {
  const folder = builtFolder(root);
  mkdirSync(cacheFolder(root), { recursive: true });
  // The operating system drops the lock with the process, however it ends.
  const lock = new DatabaseSync(path.join(cacheFolder(root), "portal.lock"), { timeout: WAIT_MS });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    const isNew = !isPortalCurrent(root);
    if (isNew) {
      onBuild?.();
      await build(root, folder);
    }
    return { folder, isNew, size: measureEntry(folder) };
  } finally {
    lock.close();
  }
}

/** The first thing that is wrong and where, out of the bundler's drawing of it. */
export function sentenceOf(error: unknown): string {
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const said = lines.find((line) => !/^Build failed with \d+ error/.test(line)) ?? "the bundler does not say why";
  const where = /\b(?:web|core)\/[\w./-]+:\d+:\d+/.exec(text)?.[0];
  return said.replace(/^\[\w+\] /, "").trim() + (where === undefined ? "" : ` (${where})`);
}

async function build(root: string, folder: string): Promise<void> {
  const configFile = path.join(root, "web/vite.config.ts");
  if (!existsSync(configFile)) throw new PortalBuildError("there is no portal to build: web/vite.config.ts is missing");
  const fresh = path.join(root, `web/.dist-${process.pid}`);
  // Before the sources are read: what changes meanwhile makes the next build a new one.
  const before = readInputs(root, []);
  const modules: string[] = [];
  const recorder: Plugin = {
    name: "keyward:inputs",
    buildEnd() {
      for (const id of this.getModuleIds()) {
        const file = path
          .relative(root, id.split("?", 1)[0] ?? id)
          .split(path.sep)
          .join("/");
        if (/^(core|web)\//.test(file)) modules.push(file);
      }
    },
  };
  try {
    const vite = await import("vite");
    await vite.build({
      configFile,
      root: path.join(root, "web"),
      logLevel: "silent",
      plugins: [recorder],
      build: { outDir: fresh, emptyOutDir: true, reportCompressedSize: false },
    });
    await buildViewer(root, fresh);
    const inputs = { ...readInputs(root, modules), ...before };
    const old = `${fresh}-old`;
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
    rmSync(old, { recursive: true, force: true });
    writeFileSync(stampFile(root), JSON.stringify(inputs));
  } catch (error) {
    throw new PortalBuildError(`the portal does not build: ${sentenceOf(error)}`, { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
