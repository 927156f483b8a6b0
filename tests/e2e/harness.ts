import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "../../scripts/local/front/index.ts";

export const root = path.resolve(import.meta.dirname, "../..");
export const sharedFolder = path.resolve(root, "../shared");

/** For a busy machine with two processors: nothing here measures time. */
export const PATIENCE_MS = 300_000;

const folders: string[] = [];
const groups = new Set<number>();

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-e2e-"));
  folders.push(folder);
  return folder;
}

/** Ends what a failed test left running and removes its folders. */
export function cleanUp(): void {
  for (const group of groups) signalGroup(group, "SIGKILL");
  groups.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Asks again and again until there is an answer. Fails after PATIENCE_MS with what was waited for. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  /** To every process of the group, as a terminal does it for Ctrl-C. */
  signalAll(signal: NodeJS.Signals): void;
  /** Whether any process of the group is left. */
  isGroupAlive(): boolean;
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/** Variables of this process that a child has too; the last is where Node finds what it has compiled before. */
const kept = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** V8's flags of the tests' own process (`vitest.config.ts`), for those that it starts. */
const V8_FLAGS = process.execArgv.filter((flag) => /^--(?:min-semi|initial-old|no-flush|liftoff)/.test(flag));

/** Runs Node in a process group of its own, from the project's root. */
export function run(args: readonly string[], environment: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...V8_FLAGS, ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...kept(["PATH", "HOME", "NODE_COMPILE_CACHE"]), ...environment },
  });
  const group = child.pid ?? 0;
  groups.add(group);
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...text }));
  });
  return {
    child,
    ended,
    stdout: () => text.stdout,
    signalAll: (signal) => void signalGroup(group, signal),
    isGroupAlive: () => signalGroup(group, 0),
  };
}

export interface StartOptions {
  readonly folder: string;
  readonly port: number | string;
  readonly patients?: number;
  /** Through scripts/bootstrap.mjs, as `npm start` does it. */
  readonly isBootstrapped?: boolean;
}

export function start({ folder, port, patients = 0, isBootstrapped = false }: StartOptions): Running {
  const environment = { PORT: String(port), KEYWARD_DATA: folder, KEYWARD_PATIENTS: String(patients) };
  return run(isBootstrapped ? ["scripts/bootstrap.mjs", "scripts/start.ts"] : ["scripts/start.ts"], environment);
}

/** The bootstrap would install packages here: its test has to wait for that to have been done. */
export function isBootstrapIdle(): boolean {
  const stamp = path.join(root, "node_modules/.keyward-lock");
  const lock = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
}

/** The origin of the `ready` line. A process that ends first is a failure that shows what it said. */
export async function ready(running: Running): Promise<string> {
  let early: Ended | undefined;
  void running.ended.then((ended) => (early = ended));
  return until("the ready line", () => {
    const origin = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(running.stdout())?.[1];
    if (origin === undefined && early !== undefined) throw new Error(`ended before it was ready: ${early.stderr}`);
    return origin;
  });
}

export async function stop(running: Running): Promise<Ended> {
  running.child.kill("SIGINT");
  return running.ended;
}

export interface CliAnswer extends Ended {
  /** Of `--json`. */
  json<T>(): T;
}

export const startCli = (folder: string, args: readonly string[]): Running =>
  run(["scripts/keyward.ts", ...args], { KEYWARD_DATA: folder });

/** `keyward <args>` against the stage whose profile lies in `folder`. */
export async function cli(folder: string, ...args: readonly string[]): Promise<CliAnswer> {
  const ended = await startCli(folder, args).ended;
  return { ...ended, json: <T>() => JSON.parse(ended.stdout) as T };
}

/** What a table of a stopped stage holds: the text of each item by its key. */
export async function tableOf(folder: string, name: "data" | "keys" | "outbox"): Promise<Map<string, string>> {
  const cloud = await createCloud({ folder });
  try {
    const items = cloud.dynamodb.dumpItems(`keyward-dev-c01-${name}`);
    return new Map(items.map((item) => [JSON.stringify([item["pk"], item["sk"]]), JSON.stringify(item)]));
  } finally {
    await cloud.close();
  }
}
