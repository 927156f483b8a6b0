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
import type { Stack } from "../local/stack.ts";
import { createFirstOperator } from "./operator.ts";

const SITE: WitnessedSite = {
  stage: "dev",
  cell: "c01",
  accountId: "111122223333",
  region: "us-east-1",
  witnessAccountId: "444455556666",
};

/** The IAM user of whoever runs the CLI here: it may read the archive to verify it, and nothing else. */
function operatorKey(stack: Stack, known: Profile["aws"]): NonNullable<Profile["aws"]> {
  const name = operatorName(SITE);
  const arnOf = (key: keyof KeyArns): string => stack.provisioned.keyArns[keyAlias(SITE, key)] ?? "";
  const keys = {
    audit: arnOf("audit"),
    checkpoint: arnOf("checkpoint"),
    token: arnOf("token"),
    witness: arnOf("witness"),
  };
  const { users } = stack.cloud.iam;
  users.put({ name, policies: { operator: operatorPolicy(SITE, keys) } });
  const key =
    known !== undefined && users.key(known.accessKeyId)?.userName === name ? known : users.createAccessKey(name);
  return { endpoint: stack.endpoint, accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}

/**
 * The profile of a local stage, kept as `profile.json` in `folder`: made with the stage's first operator where there is
 * none, else with what changes from start to start brought up to date.
 */
export async function prepareProfile(stack: Stack, folder: string): Promise<Profile> {
  const file = path.join(folder, "profile.json");
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const publicUrl = stack.endpoint;
  if (existsSync(file)) {
    const known = readProfile(file);
    const profile = { ...known, publicUrl, witnessBucket: witnessBucketName(SITE), aws: operatorKey(stack, known.aws) };
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
    witnessBucket: witnessBucketName(SITE),
    operator,
    importers: {},
    members: [],
  };
  writeProfile(profile, file);
  return profile;
}
