import { existsSync } from "node:fs";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type KeyArns,
  keyAlias,
  operatorName,
  operatorPolicy,
  type WitnessedSite,
  witnessBucketName,
} from "../../core/iam/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { type Profile, readProfile, writeProfile } from "../cli/profile.ts";
import { membershipKey } from "../../core/tenant/index.ts";
import { CliFailure } from "../cli/failure.ts";
import type { Stack } from "../local/stack.ts";
import { createFirstOperator } from "./operator.ts";

export const SITE: WitnessedSite = {
  stage: "dev",
  cell: "c01",
  accountId: "111122223333",
  region: "us-east-1",
  witnessAccountId: "444455556666",
};

/** The IAM user of whoever runs the CLI here: it may read the archive and closed months to verify them, and nothing else. */
function operatorKey(stack: Stack, known: Profile["aws"]): NonNullable<Profile["aws"]> {
  const name = operatorName(SITE);
  const arnOf = (key: keyof KeyArns): string => stack.provisioned.keyArns[keyAlias(SITE, key)] ?? "";
  const keys = {
    audit: arnOf("audit"),
    checkpoint: arnOf("checkpoint"),
    token: arnOf("token"),
    cost: arnOf("cost"),
    witness: arnOf("witness"),
  };
  const { users } = stack.cloud.iam;
  users.put({ name, policies: { operator: operatorPolicy(SITE, keys) } });
  const key =
    known !== undefined && users.key(known.accessKeyId)?.userName === name ? known : users.createAccessKey(name);
  return { endpoint: stack.endpoint, accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}

function openRegistry(stack: Stack) {
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const client = new DynamoDBClient({
    region: stack.cloud.region,
    endpoint: stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const names = { registry: "keyward-dev-registry" };
  const table = createDynamoTable({ client, names, clock: systemClock, meter: createMeter() });
  return { store: createRegistryStore(table), close: () => client.destroy() };
}

/** A folder of before has its people by name in clear: nothing reads those rows any more. */
async function checkPeople(stack: Stack, { members }: Profile, folder: string): Promise<void> {
  const [known] = members;
  if (known?.userId === undefined) return;
  const registry = openRegistry(stack);
  const row = await registry.store.get(membershipKey(known.userId, known.tenantId));
  registry.close();
  if (row !== undefined && row["nameSealed"] === undefined)
    throw new CliFailure(
      `${folder} was made by an earlier version, which did not seal the names of people: ` +
        "remove it, or start with another KEYWARD_DATA; the synthetic clinics are made anew",
    );
}

/**
 * The profile of a local stage, kept as `profile.json` in `folder`: made with the stage's first operator where there is
 * none, else with what changes from start to start brought up to date.
 */
export async function prepareProfile(stack: Stack, folder: string): Promise<Profile> {
  const file = path.join(folder, "profile.json");
  const publicUrl = stack.endpoint;
  if (existsSync(file)) {
    const known = readProfile(file);
    await checkPeople(stack, known, folder);
    const profile = { ...known, publicUrl, witnessBucket: witnessBucketName(SITE), aws: operatorKey(stack, known.aws) };
    writeProfile(profile, file);
    return profile;
  }
  const registry = openRegistry(stack);
  const operator = await createFirstOperator(registry.store, systemClock.now());
  registry.close();
  const profile: Profile = {
    stage: "dev",
    cell: "c01",
    region: stack.cloud.region,
    accountId: stack.cloud.accountId,
    publicUrl,
    aws: operatorKey(stack, undefined),
    archiveBucket: `keyward-dev-c01-archive-${stack.cloud.accountId}`,
    witnessBucket: witnessBucketName(SITE),
    operator,
    importers: {},
    members: [],
  };
  writeProfile(profile, file);
  return profile;
}
