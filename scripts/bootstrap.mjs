// Runs on any Node 20 or newer: installs what the lockfile names, when it changed, then runs `script` on Node 24.
// Usage: node scripts/bootstrap.mjs <script.ts> [arguments]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const NODE_MAJOR = 24;

function stop(sentence) {
  process.stderr.write(`keyward: ${sentence}\n`);
  process.exit(1);
}

const INSTALL_LOCK = path.join(root, ".keyward-install.lock");
/** Longer than an install takes over a slow line. */
const MOST_WAIT_MS = Number(process.env.KEYWARD_INSTALL_WAIT_MS ?? 600_000);
/** A takeover is a few calls: one that is older was broken off. */
const TAKEOVER_MS = 10_000;

/** A file with our process id, made whole or not at all. False where there is one already. */
function claim(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Whether the process that made the lock is gone. A lock that vanishes meanwhile is nobody's. */
function isAbandoned(file) {
  try {
    const owner = Number(readFileSync(file, "utf8"));
    if (!Number.isInteger(owner) || owner <= 0) return true;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Removes a dead process's lock. One process at a time looks and removes, so that none removes its successor's. */
function clearAbandoned(file) {
  const takeover = `${file}.takeover`;
  if (!claim(takeover)) {
    const madeAtMs = statSync(takeover, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - madeAtMs > TAKEOVER_MS) rmSync(takeover, { force: true });
    return;
  }
  if (isAbandoned(file)) rmSync(file, { force: true });
  rmSync(takeover, { force: true });
}

/** Runs `work` while no other process of this folder installs: two at once would break node_modules. */
function alone(work) {
  const deadlineMs = Date.now() + MOST_WAIT_MS;
  let hasSaid = false;
  while (!claim(INSTALL_LOCK)) {
    if (isAbandoned(INSTALL_LOCK)) {
      clearAbandoned(INSTALL_LOCK);
      continue;
    }
    if (Date.now() > deadlineMs)
      stop(
        `another process installs packages and does not end; when none does, remove ${path.basename(INSTALL_LOCK)}.`,
      );
    if (!hasSaid) process.stderr.write("keyward: waiting for another process that installs packages ...\n");
    hasSaid = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    work();
  } finally {
    rmSync(INSTALL_LOCK, { force: true });
  }
}

function installIfChanged() {
  const lock = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const stamp = path.join(root, "node_modules", ".keyward-lock");
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
  if (!isInstalled()) alone(() => isInstalled() || install(stamp, lock));
}

function install(stamp, lock) {
  process.stderr.write("keyward: installing packages from package-lock.json ...\n");
  // --ignore-scripts: nothing that we use needs an install script, so none may run.
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    rmSync(INSTALL_LOCK, { force: true });
    stop("npm ci failed; its message above says why. Run the same command again once that is mended.");
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** The Node 24 of node_modules, else the running one if it is new enough. */
function node24() {
  const require = createRequire(path.join(root, "package.json"));
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  try {
    const folder = path.dirname(require.resolve(`${name}/package.json`));
    const binary = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(binary)) return binary;
  } catch {
    // No package for this platform: the running Node may still do.
  }
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  return stop(
    `Node ${NODE_MAJOR} is needed, npm has no Node ${NODE_MAJOR} package for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}; install Node ${NODE_MAJOR} and run the command again.`,
  );
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) stop("usage: node scripts/bootstrap.mjs <script.ts> [arguments]");
installIfChanged();
const binary = node24();
const child = spawn(binary, ["--disable-warning=ExperimentalWarning", path.resolve(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${path.dirname(binary)}${path.delimiter}${process.env.PATH ?? ""}` },
});
// A terminal sends Ctrl-C to the whole group; the child ends in its own order and we wait for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + 15));
