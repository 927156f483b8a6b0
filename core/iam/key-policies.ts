import { CONTEXT_KEYS, keyContext, policy, someTenant, thisTenant } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  accountRootArn,
  controlPlaneRoleArn,
  functionRoleArn,
  identityRoleArn,
  operatorArns,
  registryReadRoleArn,
  tenantRoleArn,
  type KeyArns,
  type Site,
} from "./names.ts";
import { auditPair } from "./stage-roles.ts";
import { UNWRAPPED_CLASSES } from "./tenant-request.ts";

/**
 * What the account's administrators may do with a key: everything that keeps it running and nothing that uses it.
 * Only a trial stage may delete its keys; elsewhere a lost key is every clinic's charts lost.
 */
const administer = (site: Site): Statement => ({
  Sid: "AdministerWithoutUse",
  Effect: "Allow",
  Principal: { AWS: accountRootArn(site) },
  Action: [
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:PutKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:EnableKeyRotation",
    "kms:ListKeyRotations",
    "kms:RotateKeyOnDemand",
    "kms:ListResourceTags",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:CreateAlias",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
    "kms:UpdateKeyDescription",
    "kms:EnableKey",
    "kms:DisableKey",
    ...(site.stage === "dev" ? ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"] : []),
  ],
  Resource: "*",
});

const use = (
  Sid: string,
  roles: string | readonly string[],
  Action: string | readonly string[],
  Condition?: Statement["Condition"],
): Statement => ({
  Sid,
  Effect: "Allow",
  Principal: { AWS: roles },
  Action,
  Resource: "*",
  ...(Condition && { Condition }),
});

const denyAll = (Sid: string, Action: readonly string[], Condition?: Statement["Condition"]): Statement => ({
  Sid,
  Effect: "Deny",
  Principal: "*",
  Action,
  Resource: "*",
  ...(Condition && { Condition }),
});

const neverGrants = denyAll("NeverGrants", ["kms:CreateGrant"]);
const CRYPTOGRAPHY = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/**
 * The cell's key. A key policy that allows is enough by itself, so that the guards on the encryption context stand here
 * and not only in the roles' policies.
 */
function cellKeyPolicy(site: Site): PolicyDocument {
  return policy(
    administer(site),
    use("UnwrapOwnKeys", tenantRoleArn(site), "kms:Decrypt", keyContext(thisTenant, site.cell, UNWRAPPED_CLASSES)),
    use(
      "MintWrapped",
      controlPlaneRoleArn(site),
      "kms:GenerateDataKeyWithoutPlaintext",
      keyContext(someTenant, site.cell, UNWRAPPED_CLASSES),
    ),
    use("MintAuditPair", controlPlaneRoleArn(site), "kms:GenerateDataKeyPairWithoutPlaintext", auditPair(site)),
    denyAll("NeverPlaintextKeys", ["kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:Encrypt"]),
    denyAll("NoContextNoUse", CRYPTOGRAPHY, { Null: { "kms:EncryptionContext:tenant": "true" } }),
    denyAll("OnlyKnownContext", CRYPTOGRAPHY, {
      "ForAnyValue:StringNotEquals": { "kms:EncryptionContextKeys": CONTEXT_KEYS },
    }),
    neverGrants,
  );
}

/** The archive's key works through S3 alone: whoever holds a role here still reads objects, never raw ciphertext. */
function auditKeyPolicy(site: Site): PolicyDocument {
  const throughS3 = { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } };
  return policy(
    administer(site),
    use(
      "EncryptArchive",
      [functionRoleArn(site, "archive"), functionRoleArn(site, "seal")],
      "kms:GenerateDataKey",
      throughS3,
    ),
    use("ReadArchive", functionRoleArn(site, "seal"), "kms:Decrypt", throughS3),
    // Named by condition and not as principal: KMS refuses a policy whose principal does not exist yet.
    use("VerifyArchive", accountRootArn(site), "kms:Decrypt", {
      ...throughS3,
      ArnEquals: { "aws:PrincipalArn": operatorArns(site) },
    }),
    neverGrants,
  );
}

/** Signs checkpoints. Its public half is no secret: an auditor gets it from the account's administrators. */
function checkpointKeyPolicy(site: Site): PolicyDocument {
  return policy(
    administer(site),
    use("SignCheckpoints", functionRoleArn(site, "seal"), "kms:Sign", {
      StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    }),
    use("PublicKey", [functionRoleArn(site, "seal"), accountRootArn(site)], "kms:GetPublicKey"),
    neverGrants,
  );
}

/** Signs access tokens, ES256. */
function tokenKeyPolicy(site: Site): PolicyDocument {
  const readers = [identityRoleArn(site), registryReadRoleArn(site), controlPlaneRoleArn(site), accountRootArn(site)];
  return policy(
    administer(site),
    use("SignAccessTokens", identityRoleArn(site), "kms:Sign", {
      StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" },
    }),
    use("PublicKey", readers, "kms:GetPublicKey"),
    neverGrants,
  );
}

/** The secrets of sign-in are MACs under this key, so that none is stored. */
function sessionKeyPolicy(site: Site): PolicyDocument {
  return policy(
    administer(site),
    use("DeriveSecrets", [identityRoleArn(site), controlPlaneRoleArn(site)], "kms:GenerateMac", {
      StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" },
    }),
    neverGrants,
  );
}

/** By the key's name in `KeyArns`. */
export const keyPolicies: { readonly [Name in keyof KeyArns]: (site: Site) => PolicyDocument } = {
  cell: cellKeyPolicy,
  audit: auditKeyPolicy,
  checkpoint: checkpointKeyPolicy,
  token: tokenKeyPolicy,
  session: sessionKeyPolicy,
};
