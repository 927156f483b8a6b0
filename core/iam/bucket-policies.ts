import { ANY_TENANT, policy, TENANT_TAG } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  ARCHIVE_PREFIXES,
  accountRootArn,
  archiveArn,
  attachmentArn,
  auditReadRoleArn,
  booksRoleArn,
  CONTENT_TAG,
  costArn,
  exportFolder,
  functionRoleArn,
  operatorArns,
  statementReadRoleArn,
  tenantExportRoleArn,
  tenantRoleArn,
  witnessArn,
  type WitnessedSite,
} from "./names.ts";

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

const noRetentionByHand = (bucket: string): Statement =>
  deny("NoRetentionByHand", ["s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"], {
    Resource: `${bucket}/*`,
  });

/**
 * Reading by one named role of another account: there, an identity policy alone is not enough. It is the one thing that
 * a bucket of ours allows, because its own account's roles need no leave of it.
 */
const reader = (
  Sid: string,
  roles: string | readonly string[],
  bucket: string,
  objects: readonly string[],
): readonly Statement[] => [
  {
    Sid: `${Sid}Read`,
    Effect: "Allow",
    Principal: { AWS: roles },
    Action: "s3:GetObject",
    Resource: objects.map((prefix) => `${bucket}/${prefix}`),
  },
  {
    Sid: `${Sid}List`,
    Effect: "Allow",
    Principal: { AWS: roles },
    Action: "s3:ListBucket",
    Resource: bucket,
    Condition: { StringLike: { "s3:prefix": objects } },
  },
];

/**
 * The archive: three writers, each object once, nothing deleted, no retention set by hand and no rule that would expire it.
 * The witness reads the signed log from its own account. An AWS service (replication) comes without a role and is let
 * through to what its own rules allow. How objects move to a cheaper class is set by the stack before this policy stands,
 * and by nobody afterwards.
 */
export function archiveBucketPolicy(site: WitnessedSite): PolicyDocument {
  const bucket = archiveArn(site);
  return policy(
    createOnly(bucket),
    deny(
      "OnlyTheWriters",
      "s3:PutObject",
      { Resource: `${bucket}/*` },
      {
        ArnNotEquals: {
          "aws:PrincipalArn": (["archive", "seal", "close"] as const).map((name) => functionRoleArn(site, name)),
        },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    ),
    noDelete(bucket),
    noRetentionByHand(bucket),
    deny("NoLifecycleByHand", "s3:PutLifecycleConfiguration", { Resource: bucket }),
    tlsOnly(bucket),
    ...reader("Witness", functionRoleArn(site, "witness"), bucket, [`${ARCHIVE_PREFIXES.log}*`]),
  );
}

/** Prefixes of the cost bucket, as core/cost/store/keys.ts spells them, by who may put what there. */
const MADE_BY_THE_METER = ["hours", "days", "state", "roster", "mark.json"];
const CREATED_ONCE = ["facts", "alerts", "inputs", "bills", "closed", "summaries"];

/**
 * What clinics cost: each prefix has its writers; facts, what people put in and closed months are created once, and nothing is
 * deleted. Nobody reads but who makes the books, who reads them for finance, who verifies them, and a clinic its own statements.
 */
export function costBucketPolicy(site: WitnessedSite): PolicyDocument {
  const bucket = costArn(site);
  const below = (...names: readonly string[]): Pick<Statement, "Resource"> => ({
    Resource: names.map((name) => `${bucket}/v1/${name.includes(".") ? name : `${name}/*`}`),
  });
  const [meter, close] = [functionRoleArn(site, "meter"), functionRoleArn(site, "close")];
  const books = booksRoleArn(site);
  const clinic = statementReadRoleArn(site);
  const unless = (...roles: readonly string[]): NonNullable<Statement["Condition"]> => ({
    ArnNotEquals: { "aws:PrincipalArn": roles },
    Bool: { "aws:PrincipalIsAWSService": "false" },
  });
  return policy(
    deny("CreatedOnce", "s3:PutObject", below(...CREATED_ONCE), { Null: { "s3:if-none-match": "true" } }),
    deny("OnlyTheWriters", "s3:PutObject", { Resource: `${bucket}/*` }, unless(meter, close, books)),
    deny("OnlyTheMeter", "s3:PutObject", below("facts", "alerts", ...MADE_BY_THE_METER), unless(meter)),
    deny("OnlyTheClose", "s3:PutObject", below("closed", "summaries"), unless(close)),
    deny("OnlyFinancePutsIn", "s3:PutObject", below("inputs", "bills"), unless(books)),
    deny("OnlyTheMakers", "s3:PutObject", below("months", "clinics"), unless(meter, close)),
    deny(
      "OnlyTheReaders",
      ["s3:GetObject", "s3:GetObjectVersion"],
      { Resource: `${bucket}/*` },
      unless(meter, close, books, clinic, ...operatorArns(site)),
    ),
    deny(
      "AClinicReadsItsOwn",
      ["s3:GetObject", "s3:GetObjectVersion"],
      { NotResource: `${bucket}/v1/clinics/${TENANT_TAG}/*` },
      { ArnEquals: { "aws:PrincipalArn": clinic } },
    ),
    noDelete(bucket),
    deny("NoLifecycleByHand", "s3:PutLifecycleConfiguration", { Resource: bucket }),
    tlsOnly(bucket),
  );
}

/**
 * The witness's bucket: one writer, each object once, nothing deleted. A clinic's own readers see its countersignatures,
 * the operator all of them, and nobody of the cell's account writes.
 */
export function witnessBucketPolicy(site: WitnessedSite): PolicyDocument {
  const bucket = witnessArn(site);
  return policy(
    createOnly(bucket),
    deny(
      "OnlyTheWitness",
      "s3:PutObject",
      { Resource: `${bucket}/*` },
      {
        ArnNotEquals: { "aws:PrincipalArn": functionRoleArn(site, "witness") },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    ),
    noDelete(bucket),
    noRetentionByHand(bucket),
    deny("NoExpiry", "s3:PutLifecycleConfiguration", { Resource: bucket }),
    tlsOnly(bucket),
    ...reader("Clinic", auditReadRoleArn(site), bucket, [
      `${ARCHIVE_PREFIXES.log}t/${TENANT_TAG}/*`,
      `${ARCHIVE_PREFIXES.log}verifier-key`,
    ]),
    // Named by condition and not as principal: S3 refuses a policy whose principal does not exist yet.
    {
      Sid: "OperatorVerifies",
      Effect: "Allow",
      Principal: { AWS: accountRootArn(site) },
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      Resource: `${bucket}/*`,
      Condition: { ArnEquals: { "aws:PrincipalArn": operatorArns(site) } },
    },
    {
      Sid: "OperatorLists",
      Effect: "Allow",
      Principal: { AWS: accountRootArn(site) },
      Action: ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketObjectLockConfiguration"],
      Resource: bucket,
      Condition: { ArnEquals: { "aws:PrincipalArn": operatorArns(site) } },
    },
  );
}

/**
 * Attachments: a tenant's session, under its own prefix, each object once. Files of exports lie beside them, class X:
 * an export's session writes and destroys those of its own job, and nobody else's session does either.
 */
export function attachmentBucketPolicy(site: WitnessedSite): PolicyDocument {
  const bucket = attachmentArn(site);
  const tagging = [
    "s3:PutObjectTagging",
    "s3:DeleteObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:DeleteObjectVersionTagging",
  ];
  const objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", ...tagging];
  const deletions = ["s3:DeleteObject", "s3:DeleteObjectVersion"];
  const exporter = tenantExportRoleArn(site);
  const notTheExporter = { ArnNotEquals: { "aws:PrincipalArn": exporter } };
  const ownFolder = `${bucket}/${exportFolder(TENANT_TAG, "${aws:PrincipalTag/job}")}*`;
  return policy(
    createOnly(bucket),
    deny(
      "OnlyTenantSessions",
      objects,
      { Resource: `${bucket}/*` },
      { ArnNotEquals: { "aws:PrincipalArn": [tenantRoleArn(site), exporter] } },
    ),
    deny("OnlyTheOwnPrefix", objects, { NotResource: `${bucket}/t/${TENANT_TAG}/*` }),
    deny(
      "OnlyExportsWriteExports",
      "s3:PutObject",
      { Resource: `${bucket}/${exportFolder(ANY_TENANT, "*")}*` },
      notTheExporter,
    ),
    // A tag lets a part expire whose file was never filed: what a record names is out of its reach.
    deny(
      "FiledStaysFiled",
      tagging,
      { Resource: `${bucket}/*` },
      {
        StringEquals: { [`s3:ExistingObjectTag/${CONTENT_TAG.key}`]: CONTENT_TAG.filed },
        // Also met where the request brings no tag at all, as one that deletes them.
        StringNotEquals: { [`s3:RequestObjectTag/${CONTENT_TAG.key}`]: CONTENT_TAG.filed },
      },
    ),
    deny("OnlyExportsAreDeleted", deletions, { Resource: `${bucket}/*` }, notTheExporter),
    deny(
      "ExportsStayInTheirFolder",
      ["s3:PutObject", ...deletions],
      { NotResource: ownFolder },
      {
        ArnEquals: { "aws:PrincipalArn": exporter },
      },
    ),
    tlsOnly(bucket),
  );
}
