import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const source = path.resolve(import.meta.dirname, "../../scripts/bootstrap.mjs");
const LOCK = '{"name":"x","lockfileVersion":3,"packages":{"":{"name":"x"}}}\n';

/** A Node older than 24 on the PATH, as a fresh machine has it; undefined where there is none. */
const oldNode = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .map((folder) => path.join(folder, "node"))
  .find(
    (binary) =>
      existsSync(binary) && /^v(2[0-3])\./.test(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout),
  );

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keyward-bootstrap-"));
  mkdirSync(path.join(folder, "scripts"));
  mkdirSync(path.join(folder, "node_modules"));
  copyFileSync(source, path.join(folder, "scripts/bootstrap.mjs"));
  writeFileSync(path.join(folder, "package.json"), '{"name":"x","type":"module"}\n');
  writeFileSync(path.join(folder, "package-lock.json"), LOCK);
  writeFileSync(
    path.join(folder, "scripts/hello.ts"),
    "const who: string = process.argv[2] ?? ''; console.log(`hello ${who} ${process.versions.node.split('.')[0]}`); process.exit(7);\n",
  );
  writeFileSync(path.join(folder, "node_modules/.keyward-lock"), createHash("sha256").update(LOCK).digest("hex"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Short: no test here waits for an install of another to end. */
const env = { ...process.env, KEYWARD_INSTALL_WAIT_MS: "500" };
const run = (binary: string, ...args: string[]) =>
  spawnSync(binary, [path.join(folder, "scripts/bootstrap.mjs"), ...args], { encoding: "utf8", cwd: tmpdir(), env });

/** Without waiting for its end, and with all the patience that a real one has. */
const runBeside = (): Promise<{ code: number | null; stderr: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(folder, "scripts/bootstrap.mjs"), "scripts/hello.ts"]);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("close", (code) => resolve({ code, stderr }));
  });

describe("bootstrap", () => {
  it("runs a TypeScript file on Node 24 or newer, with its arguments, and ends with its exit code", () => {
    const result = run(process.execPath, "scripts/hello.ts", "world");
    expect(result.stdout).toMatch(/^hello world (2[4-9]|[3-9]\d)\n$/);
    expect(result.status).toBe(7);
  });

  it("installs nothing while the lockfile is the one that was installed", () => {
    expect(run(process.execPath, "scripts/hello.ts").stderr).toBe("");
  });

  it("installs when the lockfile has changed, and remembers it", () => {
    writeFileSync(path.join(folder, "package-lock.json"), LOCK.replace("{", "{ "));
    expect(run(process.execPath, "scripts/hello.ts").stderr).toContain("installing packages");
    expect(run(process.execPath, "scripts/hello.ts").stderr).toBe("");
  });

  it("two at once install once, and both run", async () => {
    writeFileSync(path.join(folder, "package-lock.json"), LOCK.replace("{", "{ "));
    const both = await Promise.all([runBeside(), runBeside()]);
    expect(both.map(({ code }) => code)).toEqual([7, 7]);
    expect(both.filter(({ stderr }) => stderr.includes("installing packages"))).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith(".keyward-install"))).toEqual([]);
  });

  it("waits for a process that installs, and says so where that does not end", () => {
    writeFileSync(path.join(folder, "package-lock.json"), LOCK.replace("{", "{ "));
    const lock = path.join(folder, ".keyward-install.lock");
    writeFileSync(lock, String(process.pid));
    const result = run(process.execPath, "scripts/hello.ts");
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      "keyward: waiting for another process that installs packages ...\n" +
        "keyward: another process installs packages and does not end; when none does, remove .keyward-install.lock.\n",
    );
    expect(readFileSync(lock, "utf8")).toBe(String(process.pid));
  });

  it.each([
    ["that was killed", () => String(spawnSync(process.execPath, ["--version"]).pid)],
    ["that wrote nothing that can be read", () => "?"],
  ])("takes over the lock of a process %s", (_title, owner) => {
    writeFileSync(path.join(folder, "package-lock.json"), LOCK.replace("{", "{ "));
    writeFileSync(path.join(folder, ".keyward-install.lock"), owner());
    expect(run(process.execPath, "scripts/hello.ts").stderr).toContain("installing packages");
    expect(readdirSync(folder).filter((name) => name.startsWith(".keyward-install"))).toEqual([]);
  });

  it("says in one sentence how it is called", () => {
    const result = run(process.execPath);
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
    expect(result.status).toBe(1);
  });

  it.skipIf(oldNode === undefined)("stops with one sentence where no Node 24 can be had", () => {
    const result = run(oldNode ?? "", "scripts/hello.ts");
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /^keyward: Node 24 is needed, npm has no Node 24 package for \S+, and this is Node 2[0-3][\d.]*; install Node 24 and run the command again\.\n$/,
    );
  });
});
