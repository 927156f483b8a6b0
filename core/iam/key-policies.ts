import { CONTEXT_KEYS, keyContext, policy, someTenant, thisTenant } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  accountRootArn,
  booksRoleArn,
  auditReadRoleArn,
  controlPlaneRoleArn,
  functionRoleArn,
  identityRoleArn,
  operatorArns,
  peopleNamesRoleArn,
  registryReadRoleArn,
  statementReadRoleArn,
  tenantExportRoleArn,
  tenantRoleArn,
  witnessRootArn,
  type KeyArns,
  type WitnessedSite,
} from "./names.ts";
import { keyPairs } from "./stage-roles.ts";
import { UNWRAPPED_CLASSES } from "./tenant-request.ts";

/**
 * What the account's administrators may do with a key: everything that keeps it running and nothing that uses it.
 * Only a trial stage may delete its keys; elsewhere a lost key is every clinic's charts lost.
 */
const administer = (site: WitnessedSite, root = accountRootArn(site)): Statement => ({
  Sid: "AdministerWithoutUse",
  Effect: "Allow",
  Principal: { AWS: root },
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
function cellKeyPolicy(site: WitnessedSite): PolicyDocument {
  return policy(
    administer(site),
    use(
      "UnwrapOwnKeys",
      [tenantRoleArn(site), tenantExportRoleArn(site)],
      "kms:Decrypt",
      keyContext(thisTenant, site.cell, UNWRAPPED_CLASSES),
    ),
    use("UnwrapOwnAuditKey", auditReadRoleArn(site), "kms:Decrypt", keyContext(thisTenant, site.cell, ["A"])),
    use("UnwrapOwnPeopleKey", peopleNamesRoleArn(site), "kms:Decrypt", keyContext(thisTenant, site.cell, ["U"])),
    use(
      "MintWrapped",
      controlPlaneRoleArn(site),
      "kms:GenerateDataKeyWithoutPlaintext",
      keyContext(someTenant, site.cell, UNWRAPPED_CLASSES),
    ),
    use("MintPairs", controlPlaneRoleArn(site), "kms:GenerateDataKeyPairWithoutPlaintext", keyPairs(site)),
    denyAll("NeverPlaintextKeys", ["kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:Encrypt"]),
    denyAll("NoContextNoUse", CRYPTOGRAPHY, { Null: { "kms:EncryptionContext:tenant": "true" } }),
    denyAll("OnlyKnownContext", CRYPTOGRAPHY, {
      "ForAnyValue:StringNotEquals": { "kms:EncryptionContextKeys": CONTEXT_KEYS },
    }),
    neverGrants,
  );
}

/** The archive's key works through S3 alone: whoever holds a role here still reads objects, never raw ciphertext. */
function auditKeyPolicy(site: WitnessedSite): PolicyDocument {
  const throughS3 = { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } };
  return policy(
    administer(site),
    use(
      "EncryptArchive",
      (["archive", "seal", "close"] as const).map((name) => functionRoleArn(site, name)),
      "kms:GenerateDataKey",
      throughS3,
    ),
    use(
      "ReadArchive",
      [
        functionRoleArn(site, "seal"),
        functionRoleArn(site, "reconcile"),
        functionRoleArn(site, "witness"),
        auditReadRoleArn(site),
      ],
      "kms:Decrypt",
      throughS3,
    ),
    // Named by condition and not as principal: KMS refuses a policy whose principal does not exist yet.
    use("VerifyArchive", accountRootArn(site), "kms:Decrypt", {
      ...throughS3,
      ArnEquals: { "aws:PrincipalArn": operatorArns(site) },
    }),
    neverGrants,
  );
}

/** Signs checkpoints. Its public half is no secret: an auditor gets it from the account's administrators. */
function checkpointKeyPolicy(site: WitnessedSite): PolicyDocument {
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
function tokenKeyPolicy(site: WitnessedSite): PolicyDocument {
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
function sessionKeyPolicy(site: WitnessedSite): PolicyDocument {
  return policy(
    administer(site),
    use("DeriveSecrets", [identityRoleArn(site), controlPlaneRoleArn(site)], "kms:GenerateMac", {
      StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" },
    }),
    neverGrants,
  );
}

/** What clinics cost, through S3 alone: who makes the books, who reads them for finance or for one clinic, and who verifies them. */
function costKeyPolicy(site: WitnessedSite): PolicyDocument {
  const throughS3 = { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } };
  const makers = [functionRoleArn(site, "meter"), functionRoleArn(site, "close"), booksRoleArn(site)];
  return policy(
    administer(site),
    use("KeepBooks", makers, ["kms:Decrypt", "kms:GenerateDataKey"], throughS3),
    use("ReadStatements", statementReadRoleArn(site), "kms:Decrypt", throughS3),
    use("VerifyBooks", accountRootArn(site), "kms:Decrypt", {
      ...throughS3,
      ArnEquals: { "aws:PrincipalArn": operatorArns(site) },
    }),
    neverGrants,
  );
}

/** Countersigns checkpoints, in the witness's account: nobody of the cell's account may sign with it or change who may. */
function witnessKeyPolicy(site: WitnessedSite): PolicyDocument {
  const witness = functionRoleArn(site, "witness");
  return policy(
    administer(site, witnessRootArn(site)),
    use("Countersign", witness, "kms:Sign", {
      StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    }),
    use("PublicKey", [witness, witnessRootArn(site), accountRootArn(site)], "kms:GetPublicKey"),
    neverGrants,
  );
}

/** By the key's name in `KeyArns`. */
export const keyPolicies: { readonly [Name in keyof KeyArns]: (site: WitnessedSite) => PolicyDocument } = {
  cell: cellKeyPolicy,
  audit: auditKeyPolicy,
  checkpoint: checkpointKeyPolicy,
  token: tokenKeyPolicy,
  session: sessionKeyPolicy,
  cost: costKeyPolicy,
  witness: witnessKeyPolicy,
};
