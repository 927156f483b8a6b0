import {
  asList,
  type PolicyDocument,
  type Statement,
  lintDocument,
  type LintKind,
  FUNCTION_NAMES,
  type FunctionName,
} from "../../core/iam/index.ts";
import {
  at,
  documentOf,
  listAt,
  principals,
  stageOf,
  statements,
  textAt,
  type ResourceGuardrail,
  type StackResource,
} from "./guardrail.ts";

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const KEY = "aws:kms/key:Key";

interface Held {
  readonly kind: LintKind;
  readonly document: PolicyDocument;
}

/** By type: the property that holds a policy document, and what such a document is for. */
const HOLDERS: Readonly<Record<string, { readonly property: string; readonly kind: LintKind }>> = {
  [ROLE]: { property: "assumeRolePolicy", kind: "trust" },
  [ROLE_POLICY]: { property: "policy", kind: "role" },
  "aws:iam/policy:Policy": { property: "policy", kind: "role" },
  [KEY]: { property: "policy", kind: "key" },
  "aws:kms/keyPolicy:KeyPolicy": { property: "policy", kind: "key" },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": { property: "policy", kind: "table" },
  "aws:s3/bucketPolicy:BucketPolicy": { property: "policy", kind: "bucket" },
  "aws:sqs/queuePolicy:QueuePolicy": { property: "policy", kind: "bucket" },
};

function documents({ type, properties }: StackResource): readonly Held[] {
  const holder = HOLDERS[type];
  const found: Held[] = [];
  const own = holder === undefined ? undefined : documentOf(properties[holder.property]);
  if (holder !== undefined && own !== undefined) found.push({ kind: holder.kind, document: own });
  for (const inline of listAt(properties, "inlinePolicies")) {
    const document = documentOf(at(inline, "policy"));
    if (document !== undefined) found.push({ kind: "role", document });
  }
  return found;
}

const isAllow = ({ Effect }: Statement): boolean => Effect === "Allow";
const labelOf = ({ Sid }: Statement): string => (Sid === undefined ? "a statement" : `statement ${Sid}`);

export const documentsLinted: ResourceGuardrail = {
  name: "documents-linted",
  description:
    "Every policy document passes the lint of core/iam: named actions, named resources, no vacuous condition.",
  examine(resource) {
    return documents(resource).flatMap(({ kind, document }) =>
      lintDocument(document, kind)
        .filter(({ rule }) => rule !== "resource-policy-that-allows")
        .map(({ rule, statement }) => `statement ${statement} breaks ${rule}`),
    );
  },
};

export const trustNarrow: ResourceGuardrail = {
  name: "trust-narrow",
  description:
    "A role is assumed by named roles or by one AWS service, never by an account; a function's by Lambda only.",
  examine({ type, properties }) {
    if (type !== ROLE) return [];
    const all = statements(properties["assumeRolePolicy"]).filter(isAllow).flatMap(principals);
    if (all.length === 0) return ["nobody is named who may assume the role"];
    const isFunctionRole = textAt(properties, "name").includes("-fn-");
    return all.flatMap((principal) => {
      if (principal === "*") return ["anybody may assume the role"];
      if (/^AWS (\d{12}|arn:aws:iam::\d{12}:root)$/.test(principal))
        return ["every principal of an account may assume the role"];
      if (/[*?]/.test(principal)) return [`${principal} is a pattern`];
      if (isFunctionRole && principal !== "Service lambda.amazonaws.com")
        return [`${principal} may assume a function's role`];
      return [];
    });
  },
};

/** What each function's role may be allowed at most. Everything else that touches data is reached through an assumed role. */
const LOG = ["logs:CreateLogStream", "logs:PutLogEvents"];
const ASSUME = [...LOG, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
const READ_STREAM = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];
const FUNCTION_ACTIONS: Readonly<Record<FunctionName, readonly string[]>> = {
  public: LOG,
  session: ASSUME,
  fhir: ASSUME,
  clinic: ASSUME,
  admin: ASSUME,
  patient: ASSUME,
  platform: ASSUME,
  finance: ASSUME,
  archive: [...LOG, ...READ_STREAM, "s3:PutObject", "kms:GenerateDataKey", "sqs:SendMessage"],
  index: [...LOG, ...READ_STREAM, "dynamodb:PutItem", "sqs:SendMessage"],
  "cross-check": [...LOG, ...READ_STREAM, "dynamodb:GetItem", "sqs:SendMessage"],
  seal: [
    ...LOG,
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:GetPublicKey",
    "kms:Sign",
  ],
  reconcile: [
    ...LOG,
    "logs:FilterLogEvents",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "s3:GetObject",
    "s3:ListBucket",
    "kms:Decrypt",
  ],
  export: [...ASSUME, "dynamodb:Query"],
  meter: [
    ...LOG,
    "logs:FilterLogEvents",
    "dynamodb:Query",
    "dynamodb:DescribeTable",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:GenerateDataKey",
  ],
  close: [...LOG, "s3:GetObject", "s3:ListBucket", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"],
  witness: [...LOG, "s3:GetObject", "s3:ListBucket", "s3:PutObject", "kms:Decrypt", "kms:GetPublicKey", "kms:Sign"],
};

export const functionRights: ResourceGuardrail = {
  name: "function-rights",
  description:
    "A zone's role may write its log and assume its roles; the role of a stream or schedule does its one work.",
  examine({ type, properties }) {
    if (type !== ROLE_POLICY) return [];
    const role = textAt(properties, "role");
    const name = FUNCTION_NAMES.find((known) => role.endsWith(`-fn-${known}`));
    if (name === undefined) return role.includes("-fn-") ? [`${role} is the role of no known function`] : [];
    return statements(properties["policy"])
      .filter(isAllow)
      .flatMap((statement) => [
        ...asList(statement.Action)
          .filter((action) => !FUNCTION_ACTIONS[name].includes(action))
          .map((action) => `function ${name} may ${action}`),
        ...(asList(statement.Action).some((action) => LOG.includes(action)) ? asList(statement.Resource) : [])
          .filter((resource) => resource.includes(":log-group:") && !resource.includes(`-${name}:`))
          .map(() => `function ${name} may write another log than its own`),
      ]);
  },
};

export const noManagedPolicy: ResourceGuardrail = {
  name: "no-managed-policy",
  description: "Roles carry the one inline policy that the plan shows, and no managed policy.",
  examine({ type, properties }) {
    const attached = [...listAt(properties, "managedPolicyArns"), ...listAt(properties, "policyArns")];
    if (/^aws:iam\/(rolePolicyAttachment|policyAttachment):/.test(type)) return ["a managed policy is attached"];
    return type.startsWith("aws:iam/") && attached.length > 0 ? ["a managed policy is attached"] : [];
  },
};

const EMPTY = { Version: "2012-10-17" } as const;
const RESOURCE_POLICIES: ReadonlySet<LintKind> = new Set(["table", "bucket"]);

export const resourcePoliciesDeny: ResourceGuardrail = {
  name: "resource-policies-deny",
  description:
    "Policies on tables, buckets and queues only deny; an AWS service is let in for one source, another account's named reader for reading.",
  examine(resource) {
    return documents(resource)
      .filter(({ kind }) => RESOURCE_POLICIES.has(kind))
      .flatMap(({ kind, document }) => document.Statement.filter(isAllow).map((statement) => ({ kind, statement })))
      .filter(
        ({ kind, statement }) =>
          !isOneService(statement) &&
          lintDocument({ ...EMPTY, Statement: [statement] }, kind).some(
            ({ rule }) => rule === "resource-policy-that-allows",
          ),
      )
      .map(({ statement }) => `${labelOf(statement)} allows`);
  },
};

/** AWS's own delivery, as of CloudTrail, held to the one resource that it delivers for: the confused deputy is kept out. */
const isOneService = (statement: Statement): boolean =>
  principals(statement).every((principal) => principal.startsWith("Service ")) &&
  Object.values(statement.Condition ?? {}).some((keys) => typeof keys["aws:SourceArn"] === "string");

export const keyRotated: ResourceGuardrail = {
  name: "key-rotated",
  description: "Symmetric keys rotate at least once a year.",
  examine({ type, properties }) {
    if (type !== KEY || (properties["keyUsage"] ?? "ENCRYPT_DECRYPT") !== "ENCRYPT_DECRYPT") return [];
    if (properties["enableKeyRotation"] !== true) return ["rotation is off"];
    return Number(properties["rotationPeriodInDays"] ?? 365) > 365 ? ["the key rotates less than once a year"] : [];
  },
};

const DELETION = new Set(["kms:schedulekeydeletion", "kms:*", "*", "kms:schedule*"]);

export const keyKept: ResourceGuardrail = {
  name: "key-kept",
  description: "Where PHI is, nobody's policy lets a key be deleted, and neither a deploy nor a removal deletes one.",
  examine(resource) {
    if (!stageOf(resource).holdsPhi) return [];
    const found = documents(resource)
      .flatMap(({ document }) => document.Statement.filter(isAllow))
      .filter((statement) => asList(statement.Action).some((action) => DELETION.has(action.toLowerCase())))
      .map((statement) => `${labelOf(statement)} allows the deletion of a key`);
    if (resource.type !== KEY) return found;
    if (!resource.isProtected) found.push("the key is not protected");
    if (resource.retainOnDelete === false) found.push("the key is deleted when it leaves the config");
    if (Number(resource.properties["deletionWindowInDays"] ?? 30) < 30)
      found.push("a deletion could not be undone for 30 days");
    return found;
  },
};
