import {
  DENY_UNTAGGED,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  keyContext,
  leadingKeys,
  policy,
  TAMPER_ACTIONS,
  TENANT_TAG,
  thisTenant,
} from "./clauses.ts";
import type { TenantId } from "../kernel/ids.ts";
import { isId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { PolicyDocument } from "./document.ts";
import {
  ARCHIVE_PREFIXES,
  archiveArn,
  functionRoleArn,
  tableArn,
  witnessArn,
  type KeyArns,
  type Site,
  type WitnessedSite,
} from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";
import { patientsAlone, SESSION_PURPOSES, SESSION_TAGS } from "./tenant-request.ts";

/** Who may read a clinic's own trail: the clinic zone, for a user of the clinic and a purpose. */
export const auditReadTrust = (site: WitnessedSite): PolicyDocument =>
  policy(
    ...taggedSessionTrust({
      principals: [functionRoleArn(site, "clinic"), functionRoleArn(site, "patient")],
      tags: SESSION_TAGS,
      oneOf: { purpose: SESSION_PURPOSES },
      sids: { assume: "AssumeWithTenantTag", tag: "TagWithKnownKeys", identity: "SourceIdentityIsAUser" },
    }).Statement,
    // A patient reads who opened her own record: her session policy names her, and no purpose but hers is taken.
    patientsAlone(site),
  );

/** Below one of these lies what one tenant may see of the archive and of its witness. */
const ownFolders = [ARCHIVE_PREFIXES.events, ARCHIVE_PREFIXES.log].map((prefix) => `${prefix}t/${TENANT_TAG}/*`);

/**
 * Reads the trail of the session's tenant: the index, the archived events and checkpoints, the witness's countersignatures,
 * and the sealed detail, whose key it may unwrap. It reaches no chart and writes nothing, not even an event: that a trail
 * was read is told by the tenant's own request session.
 */
export function auditReadPolicy(site: WitnessedSite, keys: Pick<KeyArns, "cell" | "audit">): PolicyDocument {
  const archive = archiveArn(site);
  const witness = witnessArn(site);
  return policy(
    {
      Sid: "ReadOwnTrail",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "trail"),
      Condition: leadingKeys([`T#${TENANT_TAG}#A#*`]),
    },
    {
      Sid: "ReadWrappedAuditKey",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "keys"),
      Condition: leadingKeys([`T#${TENANT_TAG}#A#K`]),
    },
    {
      Sid: "UnwrapOwnAuditKey",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: keyContext(thisTenant, site.cell, ["A"]),
    },
    {
      Sid: "ReadOwnEvents",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: [
        ...ownFolders.map((folder) => `${archive}/${folder}`),
        `${archive}/${ARCHIVE_PREFIXES.log}verifier-key`,
        `${witness}/${ARCHIVE_PREFIXES.log}t/${TENANT_TAG}/*`,
        `${witness}/${ARCHIVE_PREFIXES.log}verifier-key`,
      ],
    },
    {
      Sid: "ListOwnEvents",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: [archive, witness],
      Condition: { StringLike: { "s3:prefix": ownFolders } },
    },
    {
      Sid: "ArchiveKey",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.audit,
      Condition: { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } },
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        ...KEYLESS_TABLE_ACTIONS,
        "s3:PutObject",
        ...TAMPER_ACTIONS,
        ...KEY_ESCAPE_ACTIONS,
        "kms:Sign",
        "kms:Encrypt",
        "kms:Generate*",
        "sqs:*",
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
  );
}

/** The name of a patient in the trail: an id of ours, or the hash of somebody else's. */
const TRAIL_NAME = /^(?:[A-Za-z0-9.-]{1,64}|~[0-9a-f]{32})$/;

/**
 * The session policy of a patient who asks who opened her record: the index rows that are about her, and no other row, file
 * or key of the trail.
 * @param patientName As the index names her, which core/watch knows.
 */
export function ownTrailSessionPolicy(
  site: Site,
  { tenantId, patientName }: { readonly tenantId: TenantId; readonly patientName: string },
): PolicyDocument {
  invariant(isId(tenantId), "a session policy is made for a tenant id");
  invariant(TRAIL_NAME.test(patientName), "a patient in the index has an opaque name");
  return policy({
    Effect: "Allow",
    Action: "dynamodb:Query",
    Resource: tableArn(site, "trail"),
    Condition: leadingKeys([`T#${tenantId}#A#I#P#${patientName}#*`]),
  });
}
