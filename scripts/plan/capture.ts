import crypto from "node:crypto";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { standIn } from "./command-line.ts";
import { ACCOUNT, accountOf, pretendAnswer, pretendResource, REGION } from "./pretend.ts";
import { inOrder, readable } from "./readable.ts";
import type { Plan, PlannedFunction, PlannedOptions, PlannedResource } from "./shape.ts";

/**
 * Runs the bundled config for one stage under Pulumi's mocks and writes the plan to standard output as JSON.
 * A process of its own for each stage, because Pulumi's runtime and SST's globals are one per process.
 */

/** The parts of a registration request that Pulumi's public mocks leave out. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
}

type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

const { values } = parseArgs({
  options: {
    stage: { type: "string" },
    app: { type: "string" },
    run: { type: "string" },
    root: { type: "string" },
    dev: { type: "boolean", default: false },
  },
});
const stage = required("stage");
const root = required("root");

const problems: string[] = [];
const note = (error: unknown): void => void problems.push(error instanceof Error ? error.message : String(error));
process.on("unhandledRejection", note);
process.on("uncaughtException", note);

// The end of a physical name is eight random bytes where SST makes the name: none of ours, but the same in every run.
const randomBytes = crypto.randomBytes;
crypto.randomBytes = ((size: number, callback?: (error: Error | null, bytes: Buffer) => void) =>
  size === 8 && callback === undefined
    ? Buffer.alloc(8)
    : callback === undefined
      ? randomBytes(size)
      : randomBytes(size, callback)) as typeof crypto.randomBytes;
syncBuiltinESMExports();

const app = await appOf(required("app"));
const commandLine = await standIn();
process.env["SST_SERVER"] = commandLine.url;
const platform = path.join(root, ".sst", "platform");
(globalThis as { $sst?: unknown }).$sst = {
  app,
  dev: values.dev,
  cli: {
    command: values.dev ? "dev" : "diff",
    dev: values.dev,
    paths: { home: tmpdir(), root, work: path.join(root, ".sst"), platform },
    state: { version: {} },
  },
};

const require = createRequire(path.join(platform, "package.json"));
const pulumi = require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
const mocks = require("@pulumi/pulumi/runtime/mocks") as typeof import("@pulumi/pulumi/runtime/mocks.js");
const settings = require("@pulumi/pulumi/runtime/settings") as typeof import("@pulumi/pulumi/runtime/settings.js");

const resources: PlannedResource[] = [];
/** By id, which is its name here: what each provider was made with. */
const providers = new Map<string, Record<string, unknown>>();
let registrations = 0;
let pending: { readonly urn: string; readonly options: PlannedOptions } | undefined;

const pretence: Parameters<typeof mocks.setMocks>[0] = {
  newResource({ type, name, inputs, custom, id, provider }) {
    const properties = inputs as Record<string, unknown>;
    if (type.startsWith("pulumi:providers:")) providers.set(name, properties);
    // A reference to a provider is `urn::id`.
    const account = accountOf(providers.get(provider?.split("::").at(-1) ?? ""));
    const pretended = pretendResource(type, name, `${app.name}/${stage}/${type}/${name}`, properties, account);
    // A component holds no resource of its own, and what is only read has no registration: this stack does not make it.
    if (custom === true && pending !== undefined) {
      const state = { id: pretended.id, ...pretended.state };
      resources.push({ ...pending, type, name, ...(account !== ACCOUNT && { account }), inputs: properties, state });
    }
    return { id: pretended.id === "" ? (id ?? "") : pretended.id, state: { ...properties, ...pretended.state } };
  },
  call: ({ token }) => pretendAnswer(token),
};

class OptionsMonitor extends mocks.MockMonitor {
  override registerResource(request: RegisterRequest, callback: Callback): Promise<void> {
    registrations += 1;
    pending = {
      urn: urnOf(request),
      options: {
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        ignoreChanges: request.getIgnorechangesList().toSorted(),
        dependsOn: [...new Set(request.getDependenciesList().map(shortUrn))].sort(),
      },
    };
    try {
      // newResource above is called before this returns, so `pending` is still of this request.
      return super.registerResource(request, callback);
    } finally {
      pending = undefined;
    }
  }
}

await mocks.setMocks(pretence, app.name, stage, false, "organization");
settings.setMockOptions(new OptionsMonitor(pretence), app.name, stage, false, "organization");

let outputs: Record<string, unknown> = {};
try {
  const result = await pulumi.runtime.runInPulumiStack(
    async () => ((await import(pathToFileURL(required("run")).href)) as { default: unknown }).default as Promise<never>,
  );
  outputs = await new Promise((resolve) => pulumi.output(result).apply((value) => resolve(value as never)));
  await pulumi.runtime.disconnect();
  await quiet();
} catch (error) {
  note(error);
}
commandLine.close();

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${JSON.stringify(plan(), null, 2)}\n`);
}

function plan(): Plan {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const byType = (a: PlannedResource, b: PlannedResource) =>
    a.type < b.type ? -1 : a.type > b.type ? 1 : byName(a, b);
  const { _protect: _, ...shown } = outputs as { _protect?: unknown };
  return inOrder({
    app: {
      name: app.name,
      stage,
      removal: app.removal ?? "retain",
      protect: app.protect ?? false,
      providers: app.providers ?? {},
    },
    account: ACCOUNT,
    region: REGION,
    outputs: shown,
    functions: functions().sort(byName),
    resources: resources.map(readable).sort(byType),
  });
}

/** Each Lambda with what was to be built for it; SST knows a build by the component, and its Lambda by the suffix. */
function functions(): PlannedFunction[] {
  return commandLine.builds.map(({ functionID, handler, runtime, properties, links }) => {
    if (Object.keys(links).length > 0) throw new Error(`${functionID} has a link: a link is service:* on its target`);
    const lambda = resources.find(
      ({ type, name }) => type === "aws:lambda/function:Function" && name === `${functionID}Function`,
    );
    return { name: String(lambda?.inputs["name"]), handler, runtime, install: properties.install };
  });
}

/** As the engine would name it: the types of the components around it stand before its own, the stack's does not. */
function urnOf(request: RegisterRequest): string {
  const [, , around = ""] = request.getParent().split("::");
  const types = [...around.split("$"), request.getType()].filter(
    (type) => type !== "" && type !== "pulumi:pulumi:Stack",
  );
  return `urn:pulumi:${stage}::${app.name}::${types.join("$")}::${request.getName()}`;
}

/** `type::name`, the part of a URN that a reader needs. */
function shortUrn(urn: string): string {
  const [, , type, name] = urn.split("::");
  return `${type?.split("$").at(-1)}::${name}`;
}

interface App {
  readonly name: string;
  readonly stage: string;
  readonly removal?: string;
  readonly protect?: boolean;
  readonly providers?: Readonly<Record<string, unknown>>;
}

async function appOf(bundle: string): Promise<App> {
  const { default: config } = (await import(pathToFileURL(bundle).href)) as {
    default: { app(input: { stage: string }): Promise<App> };
  };
  return { removal: "retain", providers: {}, ...(await config.app({ stage })), stage };
}

/** Resolves when no registration has come for three turns: an apply can make resources after the program has ended. */
async function quiet(): Promise<void> {
  for (let turns = 0, seen = -1; turns < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    turns = registrations === seen ? turns + 1 : 0;
    seen = registrations;
  }
}

function required(name: "stage" | "app" | "run" | "root"): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}
