import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { err, ok, type Result } from "../../core/kernel/result.ts";

/** Where Debian and Ubuntu put it. */
const DEBIAN_PATH = "/usr/bin/chromium";
const PACKAGES = ["chromium", "fonts-dejavu-core"];
const INSTALL_LIMIT_MS = 300_000;

/** What finding a browser needs of this machine. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
  /** Undefined where nobody is root, as on Windows. */
  readonly userId: number | undefined;
  /** Runs a command with its output shown; whether it ended well. */
  readonly run: (command: string, args: readonly string[]) => boolean;
}

export const thisMachine: Machine = {
  environment: process.env,
  exists: existsSync,
  userId: process.getuid?.(),
  run: (command, args) =>
    spawnSync(command, args, {
      stdio: ["ignore", "inherit", "inherit"],
      timeout: INSTALL_LIMIT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0,
};

/**
 * The browser that the tests run in: `CHROMIUM`, else Debian's, which root has installed here where it is missing.
 * The failure is the sentence that says what to do.
 */
export function findChromium(machine: Machine = thisMachine): Result<string, string> {
  const told = machine.environment["CHROMIUM"];
  if (told !== undefined && told !== "")
    return machine.exists(told) ? ok(told) : err(`CHROMIUM names ${told}, and there is no such file`);
  if (machine.exists(DEBIAN_PATH)) return ok(DEBIAN_PATH);
  const advice = `the browser tests need Chromium: install it (Debian: apt-get install ${PACKAGES.join(" ")}) or name another one with CHROMIUM=/path/to/chromium`;
  const isDebian = machine.exists("/etc/debian_version") && machine.exists("/usr/bin/apt-get");
  if (!isDebian || machine.userId !== 0) return err(advice);
  const isInstalled =
    machine.run("/usr/bin/apt-get", ["update", "-qq"]) &&
    machine.run("/usr/bin/apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES]);
  return isInstalled && machine.exists(DEBIAN_PATH) ? ok(DEBIAN_PATH) : err(advice);
}
