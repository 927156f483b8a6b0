import { policy, TENANT_TAG } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { archiveArn, attachmentArn, functionRoleArn, tenantRoleArn, type Site } from "./names.ts";

const deny = (
  Sid: string,
  Action: string | readonly string[],
  where: Pick<Statement, "Resource" | "NotResource">,
  Condition?: Statement["Condition"],
): Statement => ({ Sid, Effect: "Deny", Principal: "*", Action, ...where, ...(Condition && { Condition }) });

const tlsOnly = (bucket: string): Statement =>
  deny("TlsOnly", "s3:*", { Resource: [bucket, `${bucket}/*`] }, { Bool: { "aws:SecureTransport": "false" } });

/** Object Lock protects versions, not names: without this a second put, or a delete marker and a put, would hide the first. */
const createOnly = (bucket: string): Statement =>
  deny("CreateOnly", "s3:PutObject", { Resource: `${bucket}/*` }, { Null: { "s3:if-none-match": "true" } });

const noDelete = (bucket: string): Statement =>
  deny("NoDelete", ["s3:DeleteObject", "s3:DeleteObjectVersion"], { Resource: `${bucket}/*` });

/**
 * The archive: two writers, each object once, nothing deleted, no retention set by hand and no rule that would expire it.
 * An AWS service (replication) comes without a role and is let through to what its own rules allow.
 */
export function archiveBucketPolicy(site: Site): PolicyDocument {
  const bucket = archiveArn(site);
  return policy(
    createOnly(bucket),
    deny(
      "OnlyTheWriters",
      "s3:PutObject",
      { Resource: `${bucket}/*` },
      {
        ArnNotEquals: { "aws:PrincipalArn": [functionRoleArn(site, "archive"), functionRoleArn(site, "seal")] },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    ),
    noDelete(bucket),
    deny("NoRetentionByHand", ["s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"], {
      Resource: `${bucket}/*`,
    }),
    deny("NoExpiry", "s3:PutLifecycleConfiguration", { Resource: bucket }),
    tlsOnly(bucket),
  );
}

/** Attachments: a tenant's session, under its own prefix, each object once. */
export function attachmentBucketPolicy(site: Site): PolicyDocument {
  const bucket = attachmentArn(site);
  const objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"];
  return policy(
    createOnly(bucket),
    deny(
      "OnlyTenantSessions",
      objects,
      { Resource: `${bucket}/*` },
      {
        ArnNotEquals: { "aws:PrincipalArn": tenantRoleArn(site) },
      },
    ),
    deny("OnlyTheOwnPrefix", objects, { NotResource: `${bucket}/t/${TENANT_TAG}/*` }),
    noDelete(bucket),
    tlsOnly(bucket),
  );
}
