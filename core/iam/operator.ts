import { KEY_ESCAPE_ACTIONS, policy, TAMPER_ACTIONS } from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { archiveArn, costArn, witnessArn, type KeyArns, type WitnessedSite } from "./names.ts";

/**
 * The operator who verifies the archive, its witness and closed months: every version of every object, and the public keys. No table, no tenant key,
 * no role to assume, nothing to write. Tenants and users are made through the platform zone, signed in like anybody.
 */
export function operatorPolicy(
  site: WitnessedSite,
  keys: Pick<KeyArns, "audit" | "checkpoint" | "token" | "cost" | "witness">,
): PolicyDocument {
  return policy(
    {
      Sid: "ReadArchive",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      Resource: [`${archiveArn(site)}/v1/*`, `${witnessArn(site)}/v1/*`, `${costArn(site)}/v1/*`],
    },
    {
      Sid: "ListArchive",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketObjectLockConfiguration"],
      Resource: [archiveArn(site), witnessArn(site), costArn(site)],
    },
    {
      Sid: "DecryptArchive",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [keys.audit, keys.cost],
      Condition: { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } },
    },
    {
      Sid: "PublicKeys",
      Effect: "Allow",
      Action: "kms:GetPublicKey",
      Resource: [keys.checkpoint, keys.token, keys.witness],
    },
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:*",
        "sqs:*",
        "lambda:*",
        "sts:AssumeRole",
        "iam:*",
        "s3:PutObject",
        "kms:Sign",
        "kms:Generate*",
        "kms:Encrypt",
        ...TAMPER_ACTIONS,
        ...KEY_ESCAPE_ACTIONS,
      ],
      Resource: "*",
    },
  );
}
