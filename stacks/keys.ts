import { keyPolicies, keyAlias, type KeyArns } from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import { logicalName } from "./logical-name.ts";
import type { Roles } from "./tenancy.ts";
import { accountOptions } from "./witness-account.ts";

type KeyName = keyof KeyArns;

export interface Keys {
  readonly keys: Readonly<Record<KeyName, aws.kms.Key>>;
  readonly arns: $util.Output<KeyArns>;
}

interface KeyKind {
  readonly description: string;
  readonly keyUsage: "ENCRYPT_DECRYPT" | "SIGN_VERIFY" | "GENERATE_VERIFY_MAC";
  readonly customerMasterKeySpec: string;
}

const kinds: Readonly<Record<KeyName, KeyKind>> = {
  cell: {
    description: "Wraps the data keys of the cell's tenants",
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
  },
  audit: {
    description: "Encrypts the objects of the audit archive",
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
  },
  checkpoint: {
    description: "Signs the checkpoints of the audit log, Ed25519",
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_EDWARDS25519",
  },
  token: {
    description: "Signs access tokens, ES256",
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_P256",
  },
  session: {
    description: "Derives the secrets of session cookies",
    keyUsage: "GENERATE_VERIFY_MAC",
    customerMasterKeySpec: "HMAC_256",
  },
  cost: {
    description: "Encrypts what clinics cost and are asked for",
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
  },
  witness: {
    description: "Countersigns the checkpoints of the audit log, Ed25519",
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_EDWARDS25519",
  },
};

/** The KMS keys. Losing one loses for ever what it wrapped, so a stage that holds PHI keeps them even when it is removed. */
export function keys(ground: Ground, roles: Roles): Keys {
  const { site, settings } = ground;
  const { functions, ...others } = roles;
  // KMS refuses a policy that names a role which does not exist yet.
  const dependsOn = [...Object.values(functions), ...Object.values(others)];
  const make = (name: KeyName): aws.kms.Key => {
    const kind = kinds[name];
    const there = name === "witness" ? accountOptions(ground, name) : {};
    const isSymmetric = kind.customerMasterKeySpec === "SYMMETRIC_DEFAULT";
    const key = new aws.kms.Key(
      logicalName("Key", name),
      {
        ...kind,
        deletionWindowInDays: 30,
        // KMS rotates symmetric encryption keys only; the others are replaced under a new key id.
        ...(isSymmetric ? { enableKeyRotation: true, rotationPeriodInDays: 365 } : {}),
        policy: JSON.stringify(keyPolicies[name](site)),
      },
      { dependsOn, protect: settings.holdsPhi, retainOnDelete: settings.holdsPhi, ...there },
    );
    new aws.kms.Alias(logicalName("KeyAlias", name), { name: keyAlias(site, name), targetKeyId: key.keyId }, there);
    return key;
  };
  const made = {
    cell: make("cell"),
    audit: make("audit"),
    checkpoint: make("checkpoint"),
    token: make("token"),
    session: make("session"),
    cost: make("cost"),
    witness: make("witness"),
  };
  const arns = $resolve({
    cell: made.cell.arn,
    audit: made.audit.arn,
    checkpoint: made.checkpoint.arn,
    token: made.token.arn,
    session: made.session.arn,
    cost: made.cost.arn,
    witness: made.witness.arn,
  });
  return { keys: made, arns };
}
