import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const WAIT_MS = 120_000;

/**
 * Makes `.sst/platform` (SST's components and the types of the config) unless the right version is there already.
 * The packages that it imports are devDependencies of ours, so SST's own install step is told to do nothing: this takes
 * a second, and one question to the npm registry. Processes that need it at a time wait for the one that makes it.
 * Gives the platform's folder; throws with one sentence that says what to do.
 */
export async function preparePlatform(root: string): Promise<string> {
  const platform = path.join(root, ".sst", "platform");
  const sst = path.join(root, "node_modules", "sst");
  const manifest = path.join(sst, "package.json");
  if (!existsSync(manifest)) throw new Error("the sst package is not installed; run npm ci");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const lock = path.join(root, ".sst", "preparing");
  for (let waitedMs = 0; platformVersion(platform) !== version; waitedMs += 100) {
    if (takeLock(lock)) {
      try {
        await install(root, path.join(sst, "bin", "sst.mjs"), version);
      } finally {
        rmSync(lock, { force: true });
      }
      if (platformVersion(platform) !== version) throw new Error(unprepared(version));
      return platform;
    }
    if (waitedMs > WAIT_MS) throw new Error(unprepared(version));
    await sleep(100);
  }
  return platform;
}

async function install(root: string, cli: string, version: string): Promise<void> {
  const env = {
    ...process.env,
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_TELEMETRY_DISABLED: "1",
    // The program that would install the packages: they are installed.
    SST_BUN_PATH: "true",
  };
  try {
    await run(process.execPath, [cli, "install", "--stage", "dev"], { cwd: root, env });
  } catch (cause) {
    throw new Error(unprepared(version), { cause });
  } finally {
    // Without this file SST installs the platform's own packages before its first deploy, which needs them: with ours,
    // Pulumi would meet a TypeScript that is newer than it can use.
    rmSync(path.join(root, ".sst", "provider-lock.json"), { force: true });
  }
}

const unprepared = (version: string): string =>
  `sst ${version} could not prepare .sst/platform; check that the npm registry answers and that npm ci has installed the sst package of this machine's platform, then run the same command again`;

/** Undefined when it is not there or not whole: config.d.ts is the last file that SST writes. */
function platformVersion(platform: string): string | undefined {
  if (!existsSync(path.join(platform, "config.d.ts"))) return undefined;
  const file = path.join(platform, "version");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** False while another process that is alive holds it. */
function takeLock(lock: string): boolean {
  mkdirSync(path.dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, "utf8")), 0);
  } catch (error) {
    // Gone meanwhile, or of another user's process, or of none.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `node scripts/plan/platform.ts [--types]`: prepares the platform, and checks the types of the config and the stacks. */
if (import.meta.main) {
  const root = path.resolve(import.meta.dirname, "..", "..");
  try {
    await preparePlatform(root);
    if (process.argv.includes("--types")) process.exitCode = checkTypes(root);
  } catch (error) {
    process.stderr.write(`keyward: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Against SST's and Pulumi's real types. Gives the compiler's exit status. */
function checkTypes(root: string): number {
  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", path.join("stacks", "tsconfig.json")], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
}
