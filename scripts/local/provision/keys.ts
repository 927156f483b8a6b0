import * as z from "zod";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { KeySpec, Kms } from "../kms/index.ts";
import { attribute, inAccount, policyDocument } from "./resources.ts";
import type { Resources } from "./resources.ts";

const SPECS = [
  "SYMMETRIC_DEFAULT",
  "HMAC_256",
  "ECC_NIST_P256",
  "ECC_NIST_EDWARDS25519",
] as const satisfies readonly KeySpec[];

const key = z.strictObject({
  customerMasterKeySpec: z.enum(SPECS).default("SYMMETRIC_DEFAULT"),
  keyUsage: z.enum(["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"]).default("ENCRYPT_DECRYPT"),
  description: z.string().default(""),
  policy: policyDocument,
  enableKeyRotation: z.boolean().default(false),
  rotationPeriodInDays: z.int().optional(),
  /** How long a deletion waits: asked for by whoever schedules one. */
  deletionWindowInDays: z.int().optional(),
  tags: z.record(z.string(), z.string()).default({}),
});

const alias = z.strictObject({ name: z.string(), targetKeyId: z.string() });

/** Makes every key with its aliases. A key that is there keeps its material. Gives the ARNs by alias. */
export function provisionKeys(resources: Resources, kms: Kms): Readonly<Record<string, string>> {
  const aliases = resources.take("aws:kms/alias:Alias", alias);
  const arns: Record<string, string> = {};
  for (const resource of resources.take("aws:kms/key:Key", key)) {
    const { inputs } = resource;
    const keyId = attribute(resource, "keyId");
    const names = aliases
      .map((one) => one.inputs)
      .filter((one) => one.targetKeyId === keyId)
      .map((one) => one.name);
    const { arn } = kms.provisionKey({
      keyId,
      ...inAccount(resource),
      spec: inputs.customerMasterKeySpec,
      usage: inputs.keyUsage,
      policy: inputs.policy as PolicyDocument,
      aliases: names,
      description: inputs.description,
      tags: inputs.tags,
      ...(inputs.enableKeyRotation ? { rotationPeriodDays: inputs.rotationPeriodInDays ?? 365 } : {}),
    });
    for (const name of names) arns[name] = arn;
  }
  const lost = aliases.find((one) => arns[one.inputs.name] === undefined);
  if (lost !== undefined) throw new Error(`the plan's alias ${lost.inputs.name} names a key that it does not hold`);
  return arns;
}
