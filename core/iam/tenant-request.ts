import { PurposeCode } from "../contract/purpose.ts";
import { isPairClass, KEYED_CLASSES, RECORD_CLASSES, type DataClass } from "../kernel/data-class.ts";
import { isId, type TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import {
  DENY_UNTAGGED,
  KEYLESS_TABLE_ACTIONS,
  KEY_ESCAPE_ACTIONS,
  keyContext,
  leadingKeys,
  ONLY_IN_TRANSACTIONS,
  policy,
  TAMPER_ACTIONS,
  TENANT_TAG,
  thisTenant,
} from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  attachmentArn,
  CONTENT_TAG,
  exportFolder,
  functionRoleArn,
  indexArn,
  tableArn,
  type KeyArns,
  type Site,
  type WitnessedSite,
} from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** What a session may be opened for: the purposes that a request may have. */
export const SESSION_PURPOSES = PurposeCode.options;
export type SessionPurpose = PurposeCode;
export const SESSION_TAGS = ["tenant", "purpose", "role"] as const;

export const READS = [
  "dynamodb:GetItem",
  "dynamodb:BatchGetItem",
  "dynamodb:Query",
  "dynamodb:ConditionCheckItem",
] as const;
const WRITES = ["dynamodb:PutItem", "dynamodb:UpdateItem"] as const;
/** The classes whose data keys a request may unwrap. Never a pair: who writes audit detail cannot read it back, and names have a role of their own. */
export const UNWRAPPED_CLASSES = KEYED_CLASSES.filter((dataClass) => !isPairClass(dataClass));

/** The patients' own portal works for a patient's request and in no other purpose. */
export const patientsAlone = (site: WitnessedSite): Statement => ({
  Sid: "PortalWorksForPatients",
  Effect: "Deny",
  Principal: { AWS: functionRoleArn(site, "patient") },
  Action: ["sts:AssumeRole", "sts:TagSession"],
  Condition: { StringNotEquals: { "aws:RequestTag/purpose": "PATRQT" } },
});

/**
 * Who may become a tenant's request: the zones that serve a clinic, with a tenant tag, a purpose and a user's source
 * identity, and with no other tag.
 */
export const tenantRequestTrust = (site: WitnessedSite): PolicyDocument =>
  policy(
    ...taggedSessionTrust({
      principals: (["fhir", "clinic", "patient"] as const).map((name) => functionRoleArn(site, name)),
      tags: SESSION_TAGS,
      oneOf: { purpose: SESSION_PURPOSES },
      sids: { assume: "AssumeWithTenantTag", tag: "TagWithKnownKeys", identity: "SourceIdentityIsAUser" },
    }).Statement,
    patientsAlone(site),
  );

/**
 * What any request may do in its tenant, at most. The tenant is the session's tag, so one role serves them all and a
 * session without the tag can do nothing; the session policy then narrows this to the classes of the grant.
 */
export function tenantRequestPolicy(site: Site, keys: Pick<KeyArns, "cell">): PolicyDocument {
  const own = leadingKeys([`T#${TENANT_TAG}#*`]);
  return policy(
    { Sid: "ReadOwnRows", Effect: "Allow", Action: READS, Resource: tableArn(site, "data"), Condition: own },
    {
      Sid: "QueryOwnIndex",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "data"),
      Condition: own,
    },
    {
      Sid: "WriteInTransactions",
      Effect: "Allow",
      Action: WRITES,
      Resource: tableArn(site, "data"),
      Condition: { ...own, ...ONLY_IN_TRANSACTIONS },
    },
    {
      Sid: "AppendAuditEvents",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "outbox"),
      Condition: {
        ...leadingKeys([`T#${TENANT_TAG}#A#*`]),
        StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
      },
    },
    {
      Sid: "ReadWrappedKeys",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "keys"),
      Condition: leadingKeys([`T#${TENANT_TAG}#?#K`]),
    },
    {
      Sid: "UnwrapOwnKeys",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: keyContext(thisTenant, site.cell, UNWRAPPED_CLASSES),
    },
    {
      Sid: "ReadAttachments",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${attachmentArn(site)}/t/${TENANT_TAG}/*`,
    },
    {
      Sid: "CreateAttachments",
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: `${attachmentArn(site)}/t/${TENANT_TAG}/*`,
      Condition: { Null: { "s3:if-none-match": "false" } },
    },
    {
      Sid: "TagAttachments",
      Effect: "Allow",
      Action: "s3:PutObjectTagging",
      Resource: `${attachmentArn(site)}/t/${TENANT_TAG}/*`,
      Condition: {
        StringEquals: { [`s3:RequestObjectTag/${CONTENT_TAG.key}`]: [CONTENT_TAG.open, CONTENT_TAG.filed] },
      },
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyNever",
      Effect: "Deny",
      Action: [...KEYLESS_TABLE_ACTIONS, ...TAMPER_ACTIONS, ...KEY_ESCAPE_ACTIONS, "s3:ListBucket*", "sts:*", "iam:*"],
      Resource: "*",
    },
  );
}

export const keyedClasses = (classes: readonly DataClass[]): readonly DataClass[] =>
  classes.filter((dataClass) => UNWRAPPED_CLASSES.some((known) => known === dataClass));
const storedClasses = (classes: readonly DataClass[]): readonly DataClass[] =>
  classes.filter((dataClass) => RECORD_CLASSES.some((known) => known === dataClass));

export interface SessionScope {
  readonly tenantId: TenantId;
  /** Exactly the classes whose rows the session reaches; the caller adds X and I. Never A. */
  readonly classes: readonly DataClass[];
  readonly purpose: SessionPurpose;
  /**
   * The one patient whose compartments the session reaches, in whatever class: for a patient's own request. FHIR's grammar
   * of ids; no attachment is reached with it, but by a session for `onlyObject` alone.
   */
  readonly onlyPatientId?: string;
  /** The export whose files the session reads; with it there is room for few classes. Without it, no export is reached. */
  readonly exportJobId?: string;
  /** The one attachment that the session reads, `C/<64 hexadecimal digits>`: for a part of a patient's own document. */
  readonly onlyObject?: string;
}

const OBJECT_NAME = /^[CSD]\/[0-9a-f]{64}$/;

/** FHIR R4 datatypes.html#id: it holds no wildcard of IAM's and no delimiter of ours. */
const RECORD_ID = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Partitions of class D that are no patient's compartment, and that a patient's own request meets: providers and rooms,
 * calendars, where records lie, what protects them, templates, export jobs. Not the directory of the clinic's patients.
 */
const SHARED_PARTITIONS = ["R#*", "L#*", "CAL#*", "PRV", "TPL", "JOB"] as const;

/**
 * The rows of one patient's request: her own compartments, whichever class, and nobody else's. The compartments of all
 * classes are one pattern, because STS's limit has no room for each; which of them open, the keys say.
 */
const ownRows = (tenantId: TenantId, patientId: string, classes: readonly DataClass[]): readonly string[] => [
  `T#${tenantId}#?#P#${patientId}`,
  `T#${tenantId}#?#K`,
  ...(classes.includes("D") ? SHARED_PARTITIONS.map((rest) => `T#${tenantId}#D#${rest}`) : []),
  ...classes.filter((dataClass) => dataClass === "X" || dataClass === "I").map((letter) => `T#${tenantId}#${letter}#*`),
];

/** STS limits the plaintext of an inline session policy to this many characters. STS API Reference, AssumeRole. */
export const SESSION_POLICY_LIMIT = 2048;

/**
 * The session policy of one grant: its tenant and classes, and nothing for a session that is tagged for another purpose.
 * Throws InvariantError for an id outside the grammar, for class A, and for a result that STS would refuse.
 */
export function sessionPolicy(site: Site, keys: Pick<KeyArns, "cell">, scope: SessionScope): PolicyDocument {
  const { tenantId, purpose } = scope;
  // The id becomes part of a policy: one that is no id (`*`, a quote) must never get this far.
  invariant(isId(tenantId), "a session policy is made for a tenant id");
  invariant(!scope.classes.includes("A"), "no session reads or unwraps audit detail");
  invariant(SESSION_PURPOSES.includes(purpose), "a session has a known purpose");
  const classes = [...new Set(scope.classes)].sort();
  const keyed = keyedClasses(classes);
  const stored = storedClasses(classes);
  const { onlyPatientId } = scope;
  invariant(onlyPatientId === undefined || RECORD_ID.test(onlyPatientId), "a patient's session names an id of FHIR's");
  // The pattern of a class covers its wrapped key in the keys table too, which the role may read and never write.
  const rows =
    onlyPatientId === undefined
      ? [...classes.map((dataClass) => `T#${tenantId}#${dataClass}#*`), `T#${tenantId}#A#K`]
      : ownRows(tenantId, onlyPatientId, classes);
  const statements: Statement[] = [
    {
      Effect: "Allow",
      Action: [...READS, ...WRITES],
      Resource: [tableArn(site, "data"), indexArn(site, "data"), tableArn(site, "keys")],
      Condition: leadingKeys(rows),
    },
    {
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "outbox"),
      Condition: leadingKeys([`T#${tenantId}#A#*`]),
    },
    {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalTag/purpose": purpose } },
    },
  ];
  if (keyed.length > 0) {
    statements.push({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: {
        StringEquals: { "kms:EncryptionContext:tenant": tenantId, "kms:EncryptionContext:class": keyed },
      },
    });
  }
  if (stored.length > 0 && onlyPatientId === undefined) {
    statements.push({
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
      Resource: stored.map((dataClass) => `${attachmentArn(site)}/t/${tenantId}/${dataClass}/*`),
    });
  }
  if (scope.exportJobId !== undefined) {
    invariant(isId(scope.exportJobId), "an export's files are those of a job id");
    statements.push({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${attachmentArn(site)}/${exportFolder(tenantId, scope.exportJobId)}*`,
    });
  }
  if (scope.onlyObject !== undefined) {
    invariant(OBJECT_NAME.test(scope.onlyObject) && classes.length === 0, "one object is read, and no row beside it");
    statements.push({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${attachmentArn(site)}/t/${tenantId}/${scope.onlyObject}`,
    });
  }
  const document = policy(...statements);
  invariant(JSON.stringify(document).length <= SESSION_POLICY_LIMIT, "a session policy fits into STS's limit");
  return document;
}
