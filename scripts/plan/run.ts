import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { STAGES, type Stage } from "../../core/iam/names.ts";
import { bundleConfig } from "./bundle.ts";
import { preparePlatform } from "./platform.ts";
import { WITNESS_ACCOUNT } from "./pretend.ts";

const run = promisify(execFile);

/** Settings of a deployer's shell that the stack reads: a plan that is committed knows none of them. */
const DEPLOYERS_OWN = ["KEYWARD_DOMAIN", "KEYWARD_CERTIFICATE_ARN", "KEYWARD_WITNESS_ACCOUNT_ID"];
/** What it cannot do without, pretended like the account of the cell. */
const PRETENDED = { KEYWARD_WITNESS_ACCOUNT_ID: WITNESS_ACCOUNT };

/** A plan takes seconds. One that waits for an answer that does not come is ended. */
const CAPTURE_LIMIT_MS = 600_000;

export interface PlanOptions {
  /** Undefined for all. */
  readonly stages?: readonly Stage[];
  /** As `sst dev` would run the config. */
  readonly dev?: boolean;
  /** What the deployer's shell says, such as KEYWARD_DOMAIN. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The plan of every stage, by stage, as the text of its file. Needs no AWS account, and the network only to prepare the
 * platform the first time. Throws with the messages of what went wrong.
 */
export async function planStages(root: string, options: PlanOptions = {}): Promise<ReadonlyMap<Stage, string>> {
  const { stages = STAGES, dev = false, environment = {} } = options;
  const platform = await preparePlatform(root);
  const bundles = await bundleConfig(root, platform, `${process.pid}-${(plans += 1)}`);
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !DEPLOYERS_OWN.includes(name)));
  const env = { ...own, ...PRETENDED, ...environment };
  try {
    return new Map(await Promise.all(stages.map(async (stage) => [stage, await capture(stage)] as const)));
  } finally {
    for (const file of [bundles.app, bundles.run]) rmSync(file, { force: true });
  }

  async function capture(stage: Stage): Promise<string> {
    const script = path.join(import.meta.dirname, "capture.ts");
    const args = ["--stage", stage, "--app", bundles.app, "--run", bundles.run, "--root", root];
    if (dev) args.push("--dev");
    try {
      const { stdout } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
        cwd: root,
        env,
        maxBuffer: 64 * 1024 * 1024,
        timeout: CAPTURE_LIMIT_MS,
      });
      return stdout;
    } catch (error) {
      const { stderr, killed } = error as { stderr?: string; killed?: boolean };
      const why = killed === true ? "it did not end in time" : (stderr ?? String(error)).trim();
      throw new Error(`the plan of ${stage} could not be made: ${why}`, { cause: error });
    }
  }
}

/** Bundles of two plans that one process makes at a time must not meet. */
let plans = 0;
