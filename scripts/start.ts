// `npm start`: the whole system on this machine, with two synthetic clinics.
import { existsSync } from "node:fs";
import path from "node:path";
import { createDynamoTable } from "../core/table/dynamodb.ts";
import { createMeter } from "../core/table/index.ts";
import { type KeyArns, keyAlias, operatorName, operatorPolicy, type Site } from "../core/iam/index.ts";
import { systemClock } from "../core/kernel/clock.ts";
import { createRegistryStore } from "../core/table/registry-store.ts";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dataFolder, type Profile, readProfile, writeProfile } from "./cli/profile.ts";
import { CliFailure } from "./cli/failure.ts";
import { memberToken } from "./cli/sign-in.ts";
import { CloudStartError } from "./local/front/index.ts";
import { startStack, type Stack } from "./local/stack.ts";
import { demoPatientId, seedDemo } from "./start/demo.ts";
import { createFirstOperator } from "./start/operator.ts";

const DEFAULT_PORT = 4000;
const DEFAULT_PATIENTS = 12;
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

const SITE: Site = { stage: "dev", cell: "c01", accountId: "111122223333", region: "us-east-1" };

/** The IAM user of whoever runs the CLI here: it may read the archive to verify it, and nothing else. */
function operatorKey(stack: Stack, known: Profile["aws"]): NonNullable<Profile["aws"]> {
  const name = operatorName(SITE);
  const arnOf = (key: keyof KeyArns): string => stack.provisioned.keyArns[keyAlias(SITE, key)] ?? "";
  const keys = { audit: arnOf("audit"), checkpoint: arnOf("checkpoint"), token: arnOf("token") };
  const { users } = stack.cloud.iam;
  users.put({ name, policies: { operator: operatorPolicy(SITE, keys) } });
  const key =
    known !== undefined && users.key(known.accessKeyId)?.userName === name ? known : users.createAccessKey(name);
  return { endpoint: stack.endpoint, accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}

/** The profile of this data folder, with what changes from start to start brought up to date. */
async function prepareProfile(stack: Stack, folder: string): Promise<Profile> {
  const file = path.join(folder, "profile.json");
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const publicUrl = stack.endpoint;
  if (existsSync(file)) {
    const known = readProfile(file);
    const profile = { ...known, publicUrl, aws: operatorKey(stack, known.aws) };
    writeProfile(profile, file);
    return profile;
  }
  const client = new DynamoDBClient({
    region: stack.cloud.region,
    endpoint: stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const table = createDynamoTable({
    client,
    names: { registry: "keyward-dev-registry" },
    clock: systemClock,
    meter: createMeter(),
  });
  const operator = await createFirstOperator(createRegistryStore(table), systemClock.now());
  client.destroy();
  const profile: Profile = {
    stage: "dev",
    cell: "c01",
    region: stack.cloud.region,
    accountId: stack.cloud.accountId,
    publicUrl,
    aws: operatorKey(stack, undefined),
    archiveBucket: `keyward-dev-c01-archive-${stack.cloud.accountId}`,
    operator,
    importers: {},
    members: [],
  };
  writeProfile(profile, file);
  return profile;
}

async function greet(profile: Profile): Promise<void> {
  say("");
  say("Sign-ins (password, then the six digits of an authenticator with the secret):");
  for (const { login, password, totpSecret, role } of profile.members) {
    say(`  ${login.padEnd(8)} ${role.padEnd(12)} ${password}  ${totpSecret}`);
  }
  const physician = profile.members.find(({ role }) => role === "physician");
  if (physician !== undefined) {
    const token = await memberToken(profile.publicUrl, physician);
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

async function main(): Promise<void> {
  const folder = dataFolder();
  const port = numberFrom("PORT", DEFAULT_PORT, 65_535);
  const patients = numberFrom("KEYWARD_PATIENTS", DEFAULT_PATIENTS, 100_000);
  say(`keyward: starting on 127.0.0.1:${port}, data in ${folder}`);
  const stack = await startStack({
    folder,
    port,
    throttle: LOCAL_THROTTLE,
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
    const profile = await seedDemo(await prepareProfile(stack, folder), folder, patients, say);
    await greet(profile);
    say(`ready ${stack.endpoint}`);
  } catch (error) {
    if (isStopping) return;
    await stack.close();
    throw error;
  }
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof CliFailure || error instanceof CloudStartError;
  process.stderr.write(
    `keyward: ${isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
