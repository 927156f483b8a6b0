// `npm start`: the whole system on this machine, with two synthetic clinics.
import path from "node:path";
import { dataFolder, writeProfile } from "./cli/profile.ts";
import { CliFailure } from "./cli/failure.ts";
import { CloudStartError } from "./local/front/index.ts";
import { type Stack, startStack } from "./local/stack.ts";
import { buildPortal, PortalBuildError } from "./portal/build.ts";
import { type Demo, demoPatientId, seedDemo } from "./start/demo.ts";
import { demoPage } from "./start/demo-page.ts";
import { OPERATIONS, seedFinance } from "./start/finance.ts";
import { prepareProfile } from "./start/profile.ts";
import { workOffExports } from "./start/exports.ts";

const DEFAULT_PORT = 4000;
const DEFAULT_PATIENTS = 20;
/** The plan's limit protects a stage from the world; here an import is the only caller. */
const LOCAL_THROTTLE = { ratePerSecond: 2_000, burst: 4_000 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function numberFrom(name: string, fallback: number, most: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new CliFailure(`${name} is a whole number from 0 to ${most}`);
}

async function greet({ profile, tokenOf }: Demo, portalOrigin: string, patients: number): Promise<void> {
  say("");
  say(`Portal  ${portalOrigin}/app/   its sign-in page offers these by one click`);
  say("");
  say("Sign-ins (password, then the six digits of an authenticator with the secret):");
  for (const { login, password, totpSecret, role } of profile.members) {
    say(`  ${login.padEnd(9)} ${role.padEnd(20)} ${password}  ${totpSecret}`);
  }
  const physician = profile.members.find(({ role }) => role === "physician");
  if (physician !== undefined && patients > 0) {
    const token = await tokenOf(physician);
    say("");
    say(
      `A chart, as ${physician.login} (the token lives ten minutes; \`npm run keyward -- token --as ${physician.login}\` prints another):`,
    );
    say(
      `  curl -sS -H 'authorization: Bearer ${token}' '${profile.publicUrl}/fhir/Patient/${demoPatientId}/$everything'`,
    );
  }
  say("");
}

/** The demonstration with who keeps the platform's books, beside the people of its clinics. */
async function withFinance(stack: Stack, made: Demo, folder: string): Promise<Demo> {
  const member = await seedFinance(stack, made.profile, { say });
  if (member === undefined) return made;
  const others = made.profile.members.filter(({ role }) => role !== member.role);
  const profile = { ...made.profile, members: [...others, member] };
  writeProfile(profile, path.join(folder, "profile.json"));
  return { ...made, profile, clinics: new Map([...made.clinics, [member.tenantId, OPERATIONS]]) };
}

async function main(): Promise<void> {
  const folder = dataFolder();
  const port = numberFrom("PORT", DEFAULT_PORT, 65_535);
  const patients = numberFrom("KEYWARD_PATIENTS", DEFAULT_PATIENTS, 100_000);
  say(`keyward: starting on 127.0.0.1:${port}, data in ${folder}`);
  const built = await buildPortal({ onBuild: () => say("keyward: building the portal") });
  const demo = demoPage();
  const stack = await startStack({
    folder,
    port,
    throttle: LOCAL_THROTTLE,
    portal: { folder: built.folder, demo: demo.answer },
    onDefect: (error) => process.stderr.write(`keyward: defect: ${String(error)}\n`),
  });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    say("keyward: stopping");
    void stack.close().then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  try {
    const runExports = (): Promise<void> => workOffExports(stack);
    const seeded = await seedDemo(await prepareProfile(stack, folder), { folder, patients, say, runExports });
    const made = await withFinance(stack, seeded, folder);
    demo.show(stack, made.profile, made.clinics);
    await greet(made, stack.portalOrigin, patients);
    say(`ready ${stack.endpoint}`);
  } catch (error) {
    if (isStopping) return;
    await stack.close();
    throw error;
  }
}

/** What a person can mend is said in a sentence: our own refusals, and those of the file system and the network. */
const isExpected = (error: unknown): error is Error =>
  error instanceof CliFailure ||
  error instanceof CloudStartError ||
  error instanceof PortalBuildError ||
  (error instanceof Error && "syscall" in error);

// A reader that goes away, such as `head`, does not stop the stage.
process.stdout.on("error", () => undefined);
try {
  await main();
} catch (error) {
  process.stderr.write(
    `keyward: ${isExpected(error) ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
