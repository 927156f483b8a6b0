import {
  ANY_TENANT,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  keyContext,
  leadingKeys,
  policy,
  someTenant,
} from "./clauses.ts";
import { PAIR_CLASSES } from "../kernel/data-class.ts";
import type { PolicyDocument } from "./document.ts";
import { functionRoleArn, indexArn, tableArn, type FunctionName, type KeyArns, type WitnessedSite } from "./names.ts";
import { UNWRAPPED_CLASSES } from "./tenant-request.ts";

/** Roles of the stage that a zone assumes for itself: no tenant session, no tag, so TagSession is not in the trust. */
const assumedBy = (site: WitnessedSite, ...names: readonly FunctionName[]): PolicyDocument =>
  policy({
    Sid: "AssumeWithoutTags",
    Effect: "Allow",
    Principal: { AWS: names.map((name) => functionRoleArn(site, name)) },
    Action: "sts:AssumeRole",
  });

export const registryReadTrust = (site: WitnessedSite): PolicyDocument =>
  assumedBy(site, "fhir", "clinic", "patient", "admin", "finance", "export");
export const identityTrust = (site: WitnessedSite): PolicyDocument => assumedBy(site, "session");
export const controlPlaneTrust = (site: WitnessedSite): PolicyDocument => assumedBy(site, "platform");

/** The first words of registry keys, as core/tenant spells them. */
const STANDING_ROWS = ["TENANT#*", "USER#*", "PEOPLE#*", "SESSION#*", "PRIVACY#*"];
const SIGN_IN_ROWS = ["CREDENTIAL#*", "PASSKEY#*", "CHALLENGE#*", "SESSION#*", "THROTTLE#*", "OIDC#*"];
/** Written when somebody enrols: the user, under which login, and what the clinic is told. Memberships are not among them. */
const ENROLMENT_ROWS = ["USER#*", "LOGIN#*", "SIGNINS#*"];

const READS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"] as const;

/** What whoever serves a clinic may know of the control plane: whether tenant, member and session still stand; the token key's public half. */
export function registryReadPolicy(site: WitnessedSite, keys: Pick<KeyArns, "token">): PolicyDocument {
  return policy(
    {
      Sid: "ReadStandings",
      Effect: "Allow",
      Action: READS,
      Resource: tableArn(site, "registry"),
      Condition: leadingKeys(STANDING_ROWS),
    },
    { Sid: "TokenPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.token },
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        ...KEYLESS_TABLE_ACTIONS,
        "s3:*",
        "kms:Sign",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:Generate*",
        ...KEY_ESCAPE_ACTIONS,
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
  );
}

/**
 * Sign-in: reads who a user is, keeps sessions, throttles and grants, signs access tokens, and takes in whoever holds an
 * enrolment code. It changes no tenant and no membership: who belongs to a clinic, as what, is the clinic's to say.
 */
export function identityPolicy(site: WitnessedSite, keys: Pick<KeyArns, "token" | "session">): PolicyDocument {
  return policy(
    {
      Sid: "ReadSignIn",
      Effect: "Allow",
      Action: [...READS, "dynamodb:ConditionCheckItem"],
      Resource: tableArn(site, "registry"),
      Condition: leadingKeys([...new Set([...STANDING_ROWS, ...SIGN_IN_ROWS, "LOGIN#*", "ACCOUNT#*"])]),
    },
    {
      Sid: "QueryOwnIndex",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "registry"),
      Condition: leadingKeys(["SESSIONS#*", "OIDCGROUP#*", "CLIENT#*", "ENROLMENT#*"]),
    },
    {
      Sid: "WriteSignIn",
      Effect: "Allow",
      Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      Resource: tableArn(site, "registry"),
      Condition: leadingKeys([...SIGN_IN_ROWS, ...ENROLMENT_ROWS]),
    },
    {
      Sid: "SignAccessTokens",
      Effect: "Allow",
      Action: "kms:Sign",
      Resource: keys.token,
      Condition: { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" } },
    },
    { Sid: "TokenPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.token },
    {
      Sid: "DeriveSecrets",
      Effect: "Allow",
      Action: "kms:GenerateMac",
      Resource: keys.session,
      Condition: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
    },
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        ...KEYLESS_TABLE_ACTIONS,
        "s3:*",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        ...KEY_ESCAPE_ACTIONS,
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
  );
}

/**
 * The platform zone: tenants, members, wrapped keys. It mints keys that it never sees, and reaches no row of any clinic.
 * It derives the sign-in secrets too, because `user add` seals a TOTP seed and hashes a login.
 */
export function controlPlanePolicy(
  site: WitnessedSite,
  keys: Pick<KeyArns, "cell" | "token" | "session">,
): PolicyDocument {
  const keyRows = leadingKeys([`T#${ANY_TENANT}#?#K`]);
  return policy(
    {
      Sid: "Registry",
      Effect: "Allow",
      Action: [...READS, "dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      Resource: tableArn(site, "registry"),
      Condition: { Null: { "dynamodb:LeadingKeys": "false" } },
    },
    {
      Sid: "RegistryIndex",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "registry"),
      Condition: { Null: { "dynamodb:LeadingKeys": "false" } },
    },
    {
      Sid: "NoForgedSessions",
      Effect: "Deny",
      Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      Resource: tableArn(site, "registry"),
      Condition: {
        "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["SESSION#*", "OIDC#*", "PASSKEY#*", "CHALLENGE#*"] },
      },
    },
    {
      Sid: "KeepWrappedKeys",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      Resource: tableArn(site, "keys"),
      Condition: keyRows,
    },
    {
      Sid: "MintWrapped",
      Effect: "Allow",
      Action: "kms:GenerateDataKeyWithoutPlaintext",
      Resource: keys.cell,
      Condition: keyContext(someTenant, site.cell, UNWRAPPED_CLASSES),
    },
    {
      Sid: "MintPairs",
      Effect: "Allow",
      Action: "kms:GenerateDataKeyPairWithoutPlaintext",
      Resource: keys.cell,
      Condition: keyPairs(site),
    },
    { Sid: "TokenPublicKey", Effect: "Allow", Action: "kms:GetPublicKey", Resource: keys.token },
    {
      Sid: "DeriveSecrets",
      Effect: "Allow",
      Action: "kms:GenerateMac",
      Resource: keys.session,
      Condition: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
    },
    {
      Sid: "DenyPlaintextAndEscalation",
      Effect: "Deny",
      Action: [
        ...KEYLESS_TABLE_ACTIONS,
        "s3:*",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:Sign",
        ...KEY_ESCAPE_ACTIONS,
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
    {
      Sid: "DenyClinicTables",
      Effect: "Deny",
      Action: "dynamodb:*",
      Resource: [
        tableArn(site, "data"),
        `${tableArn(site, "data")}/*`,
        tableArn(site, "outbox"),
        `${tableArn(site, "outbox")}/*`,
        tableArn(site, "trail"),
        `${tableArn(site, "trail")}/*`,
      ],
    },
  );
}

/** Audit detail and people's names are sealed with the public half of a pair: whoever writes them opens none again. */
export function keyPairs(site: WitnessedSite): ReturnType<typeof keyContext> {
  const context = keyContext(someTenant, site.cell, PAIR_CLASSES);
  return { ...context, StringEquals: { ...context["StringEquals"], "kms:DataKeyPairSpec": "ECC_NIST_P256" } };
}
