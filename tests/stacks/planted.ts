import type { StackResource } from "../../stacks/guardrails/guardrail.ts";

/** A fault put into a sound plan of a stage, and the guardrail that must find it. */
export interface Planted {
  readonly guardrail: string;
  readonly fault: string;
  /** What the guardrail says of it. */
  readonly message: string;
  /** Where the rule is another in another stage. */
  readonly stage?: "dev" | "production";
  readonly plant: (resources: readonly StackResource[]) => readonly StackResource[];
}

type Properties = Record<string, unknown>;

const BUCKET = "aws:s3/bucket:Bucket";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const OBJECT_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
const PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const TABLE = "aws:dynamodb/table:Table";
const QUEUE = "aws:sqs/queue:Queue";
const KEY = "aws:kms/key:Key";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const FUNCTION = "aws:lambda/function:Function";
const PERMISSION = "aws:lambda/permission:Permission";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const API = "aws:apigatewayv2/api:Api";
const API_STAGE = "aws:apigatewayv2/stage:Stage";
const ROUTE = "aws:apigatewayv2/route:Route";
const INTEGRATION = "aws:apigatewayv2/integration:Integration";
const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const EDGE_HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery";
const FIREWALL = "aws:wafv2/webAcl:WebAcl";

/** Changes the properties of the resource of that type and logical name. */
function change(type: string, name: string, edit: (properties: Properties) => void): Planted["plant"] {
  return replace(type, name, (resource) => {
    const properties = structuredClone(resource.properties) as Properties;
    edit(properties);
    return { ...resource, properties };
  });
}

function replace(type: string, name: string, edit: (resource: StackResource) => StackResource): Planted["plant"] {
  return (resources) => {
    if (!resources.some((resource) => resource.type === type && resource.name === name)) {
      throw new Error(`the plan has no ${type} ${name}`);
    }
    return resources.map((resource) => (resource.type === type && resource.name === name ? edit(resource) : resource));
  };
}

const remove =
  (type: string, name: string): Planted["plant"] =>
  (resources) =>
    resources.filter((resource) => resource.type !== type || resource.name !== name);

const add =
  (type: string, properties: Properties): Planted["plant"] =>
  (resources) => [
    ...resources,
    {
      urn: `${resources[0]?.urn.split("::").slice(0, 2).join("::")}::${type}::Planted`,
      id: "planted",
      type,
      name: "Planted",
      properties,
      isProtected: false,
      retainOnDelete: false,
    },
  ];

const set =
  (name: string, value: unknown) =>
  (properties: Properties): void => {
    properties[name] = value;
  };

/** Changes what stands at the end of a path of names and indexes. */
const setAt =
  (path: readonly (string | number)[], value: unknown) =>
  (properties: Properties): void => {
    let here: unknown = properties;
    for (const step of path.slice(0, -1)) here = (here as Record<string | number, unknown>)[step];
    (here as Record<string | number, unknown>)[path.at(-1) ?? ""] = value;
  };

/** Adds a rule to a lifecycle. */
const addRule =
  (rule: Properties) =>
  (properties: Properties): void => {
    (properties["rules"] as Properties[]).push({ id: "planted", status: "Enabled", filter: { prefix: "" }, ...rule });
  };

/** Adds a statement to the document in `property`. */
const addStatement =
  (statement: Properties, property = "policy") =>
  (properties: Properties): void => {
    (properties[property] as { Statement: Properties[] }).Statement.push(statement);
  };

const ANY_ACCOUNT_ROOT = { AWS: "arn:aws:iam::111122223333:root" };
const allow = (Action: string, Resource = "*"): Properties => ({ Sid: "Planted", Effect: "Allow", Action, Resource });
const DATA = "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-production-c01-data";

export const planted: readonly Planted[] = [
  {
    guardrail: "public-access-blocked",
    fault: "a bucket that lets public policies in",
    message: "blockPublicPolicy is off",
    plant: change(PUBLIC_ACCESS, "ArchivePublicAccess", set("blockPublicPolicy", false)),
  },
  {
    guardrail: "public-access-blocked",
    fault: "a bucket with a public ACL",
    message: "the bucket has a public ACL",
    plant: change(BUCKET, "Attachments", set("acl", "public-read")),
  },
  {
    guardrail: "bucket-complete",
    fault: "a bucket without a public access block",
    message: "the bucket has no public access block",
    plant: remove(PUBLIC_ACCESS, "AttachmentsPublicAccess"),
  },
  {
    guardrail: "bucket-complete",
    fault: "an unencrypted bucket",
    message: "the bucket has no default encryption",
    plant: remove(ENCRYPTION, "ArchiveEncryption"),
  },
  {
    guardrail: "bucket-complete",
    fault: "a bucket without versions",
    message: "the bucket has no versioning",
    plant: remove(VERSIONING, "AttachmentsVersioning"),
  },
  {
    guardrail: "bucket-complete",
    fault: "a bucket without a policy",
    message: "the bucket has no policy",
    plant: remove(BUCKET_POLICY, "ArchivePolicy"),
  },
  {
    guardrail: "bucket-complete",
    fault: "a bucket that answers without TLS",
    message: "the bucket answers without TLS",
    plant: change(BUCKET_POLICY, "AttachmentsPolicy", (properties) => {
      const document = properties["policy"] as { Statement: { Sid: string }[] };
      document.Statement = document.Statement.filter(({ Sid }) => Sid !== "TlsOnly");
    }),
  },
  {
    guardrail: "bucket-kept",
    fault: "a bucket that a removal empties",
    message: "forceDestroy is not off: removing the bucket would empty it",
    plant: change(BUCKET, "Attachments", set("forceDestroy", true)),
  },
  {
    guardrail: "bucket-kept",
    fault: "suspended versions",
    message: "versioning is not enabled",
    plant: change(VERSIONING, "ArchiveVersioning", set("versioningConfiguration", { status: "Suspended" })),
  },
  {
    guardrail: "bucket-kept",
    fault: "an unprotected bucket with PHI",
    message: "the bucket is not protected",
    plant: replace(BUCKET, "Archive", (resource) => ({ ...resource, isProtected: false })),
  },
  {
    guardrail: "bucket-encrypted",
    fault: "encryption under AWS's own KMS key",
    message: "the KMS key of the encryption rule is AWS's own",
    plant: change(
      ENCRYPTION,
      "ArchiveEncryption",
      set("rules", [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }]),
    ),
  },
  {
    guardrail: "bucket-encrypted",
    fault: "an encryption configuration without a rule",
    message: "there is no encryption rule",
    plant: change(ENCRYPTION, "AttachmentsEncryption", set("rules", [])),
  },
  {
    guardrail: "archive-locked",
    fault: "an archive made without Object Lock",
    message: "the bucket is made without Object Lock",
    plant: change(BUCKET, "Archive", set("objectLockEnabled", false)),
  },
  {
    guardrail: "archive-locked",
    fault: "a lock in GOVERNANCE mode",
    message: "the lock is not in COMPLIANCE mode",
    plant: change(OBJECT_LOCK, "ArchiveLock", set("rule", { defaultRetention: { mode: "GOVERNANCE", years: 7 } })),
  },
  {
    guardrail: "archive-locked",
    fault: "a lock of a year where PHI is",
    message: "the lock is shorter than 7 years",
    plant: change(OBJECT_LOCK, "ArchiveLock", set("rule", { defaultRetention: { mode: "COMPLIANCE", days: 365 } })),
  },
  {
    guardrail: "archive-locked",
    fault: "a lock without a retention",
    message: "the lock has no default retention",
    stage: "dev",
    plant: change(OBJECT_LOCK, "ArchiveLock", set("rule", { defaultRetention: { mode: "COMPLIANCE" } })),
  },
  {
    guardrail: "lock-configured",
    fault: "a missing Object Lock",
    message: "objects in the bucket are not locked by default",
    plant: remove(OBJECT_LOCK, "ArchiveLock"),
  },
  {
    guardrail: "table-recoverable",
    fault: "a table of charts without point-in-time recovery",
    message: "point-in-time recovery is off",
    plant: change(TABLE, "TableData", set("pointInTimeRecovery", { enabled: false })),
  },
  {
    guardrail: "table-recoverable",
    fault: "a key table that could be restored",
    message: "a restore would bring back what was shredded",
    plant: change(TABLE, "TableKeys", set("pointInTimeRecovery", { enabled: true })),
  },
  {
    guardrail: "table-recoverable",
    fault: "a table without deletion protection in production",
    message: "deletion protection is off",
    plant: change(TABLE, "TableOutbox", set("deletionProtectionEnabled", false)),
  },
  {
    guardrail: "table-recoverable",
    fault: "an unprotected table in production",
    message: "the table is not protected",
    plant: replace(TABLE, "TableRegistry", (resource) => ({ ...resource, isProtected: false })),
  },
  {
    guardrail: "table-recoverable",
    fault: "a table that no definition describes",
    message: "the table has no definition in core/table/definitions.ts",
    plant: add(TABLE, { name: "keyward-production-c01-notes", hashKey: "pk" }),
  },
  {
    guardrail: "tenant-boundary",
    fault: "an index keyed by a medical record number",
    message: "index byMrn of table data is keyed by mrn, which does not begin with the tenant",
    plant: change(TABLE, "TableData", (properties) => {
      (properties["globalSecondaryIndexes"] as unknown[]).push({ name: "byMrn", hashKey: "mrn", rangeKey: "sk" });
    }),
  },
  {
    guardrail: "tenant-boundary",
    fault: "a table keyed by patient",
    message: "table outbox is keyed by patientId, which does not begin with the tenant",
    plant: change(TABLE, "TableOutbox", set("hashKey", "patientId")),
  },
  {
    guardrail: "tenant-boundary",
    fault: "a table that no definition describes",
    message: "the table has no definition in core/table/definitions.ts",
    plant: add(TABLE, { name: "keyward-production-c01-notes", hashKey: "pk" }),
  },
  {
    guardrail: "table-guarded",
    fault: "a table of charts without a policy of its own",
    message: "the table has no policy of its own",
    plant: remove("aws:dynamodb/resourcePolicy:ResourcePolicy", "TablePolicyData"),
  },
  {
    guardrail: "queue-encrypted",
    fault: "an unencrypted queue",
    message: "the queue is not encrypted",
    plant: change(QUEUE, "ArchiveDeadLetters", set("sqsManagedSseEnabled", false)),
  },
  {
    guardrail: "queue-encrypted",
    fault: "dead letters that are gone after four days",
    message: "messages are kept less than 14 days",
    plant: change(QUEUE, "ArchiveDeadLetters", set("messageRetentionSeconds", 345_600)),
  },
  {
    guardrail: "key-rotated",
    fault: "missing rotation",
    message: "rotation is off",
    plant: change(KEY, "KeyCell", set("enableKeyRotation", false)),
  },
  {
    guardrail: "key-rotated",
    fault: "rotation every five years",
    message: "the key rotates less than once a year",
    plant: change(KEY, "KeyAudit", set("rotationPeriodInDays", 1825)),
  },
  {
    guardrail: "key-kept",
    fault: "a key policy under which a key can be deleted",
    message: "statement Planted allows the deletion of a key",
    plant: change(KEY, "KeyCell", addStatement({ ...allow("kms:ScheduleKeyDeletion"), Principal: ANY_ACCOUNT_ROOT })),
  },
  {
    guardrail: "key-kept",
    fault: "an unprotected key",
    message: "the key is not protected",
    plant: replace(KEY, "KeyToken", (resource) => ({ ...resource, isProtected: false })),
  },
  {
    guardrail: "key-kept",
    fault: "a key that goes with the config",
    message: "the key is deleted when it leaves the config",
    plant: replace(KEY, "KeyCell", (resource) => ({ ...resource, retainOnDelete: false })),
  },
  {
    guardrail: "key-kept",
    fault: "a week to undo a deletion",
    message: "a deletion could not be undone for 30 days",
    plant: change(KEY, "KeySession", set("deletionWindowInDays", 7)),
  },
  {
    guardrail: "documents-linted",
    fault: "a wildcard action",
    message: "statement Planted breaks wildcard-action",
    plant: change(ROLE_POLICY, "TenantRequestPolicy", addStatement(allow("dynamodb:*", DATA))),
  },
  {
    guardrail: "documents-linted",
    fault: "a read of charts without leading keys",
    message: "statement Planted breaks tenant-table-without-leading-keys",
    plant: change(ROLE_POLICY, "TenantRequestPolicy", addStatement(allow("dynamodb:GetItem", DATA))),
  },
  {
    guardrail: "documents-linted",
    fault: "ForAllValues alone, which holds where the key is absent",
    message: "statement Planted breaks for-all-values-without-null",
    plant: change(
      ROLE_POLICY,
      "TenantRequestPolicy",
      addStatement({
        ...allow("dynamodb:Query", DATA),
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#${aws:PrincipalTag/tenant}#*"] } },
      }),
    ),
  },
  {
    guardrail: "documents-linted",
    fault: "a wildcard action in an inline policy of a role",
    message: "statement Planted breaks wildcard-action",
    plant: change(
      ROLE,
      "FnFhirRole",
      set("inlinePolicies", [
        {
          name: "more",
          policy: JSON.stringify({ Version: "2012-10-17", Statement: allow("s3:*", "arn:aws:s3:::b/*") }),
        },
      ]),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "a role that trusts the account's root",
    message: "every principal of an account may assume the role",
    plant: change(
      ROLE,
      "TenantRequestRole",
      addStatement({ Effect: "Allow", Principal: ANY_ACCOUNT_ROOT, Action: "sts:AssumeRole" }, "assumeRolePolicy"),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "SST's own trust of a function role: Lambda and the root",
    message: "every principal of an account may assume the role",
    plant: change(
      ROLE,
      "FnFhirRole",
      set("assumeRolePolicy", {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "lambda.amazonaws.com", ...ANY_ACCOUNT_ROOT },
          },
        ],
      }),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "a role that anybody may assume",
    message: "anybody may assume the role",
    plant: change(
      ROLE,
      "IdentityRole",
      addStatement({ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }, "assumeRolePolicy"),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "a function role that another service may assume",
    message: "Service ec2.amazonaws.com may assume a function's role",
    plant: change(
      ROLE,
      "FnSealRole",
      addStatement(
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
        "assumeRolePolicy",
      ),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "a role that every role of a pattern may assume",
    message: "AWS arn:aws:iam::111122223333:role/keyward-* is a pattern",
    plant: change(
      ROLE,
      "ControlPlaneRole",
      addStatement(
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:role/keyward-*" }, Action: "sts:AssumeRole" },
        "assumeRolePolicy",
      ),
    ),
  },
  {
    guardrail: "trust-narrow",
    fault: "a role whose trust names nobody",
    message: "nobody is named who may assume the role",
    plant: change(ROLE, "SchedulerRole", set("assumeRolePolicy", { Version: "2012-10-17", Statement: [] })),
  },
  {
    guardrail: "function-rights",
    fault: "a zone's function with a right to data",
    message: "function fhir may dynamodb:GetItem",
    plant: change(ROLE_POLICY, "FnFhirPolicy", addStatement(allow("dynamodb:GetItem", DATA))),
  },
  {
    guardrail: "function-rights",
    fault: "an archive writer that can read the archive",
    message: "function archive may s3:GetObject",
    plant: change(ROLE_POLICY, "FnArchivePolicy", addStatement(allow("s3:GetObject", "arn:aws:s3:::archive/*"))),
  },
  {
    guardrail: "function-rights",
    fault: "a function that writes another's log",
    message: "function public may write another log than its own",
    plant: change(
      ROLE_POLICY,
      "FnPublicPolicy",
      addStatement(
        allow(
          "logs:PutLogEvents",
          "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/keyward-production-fhir:*",
        ),
      ),
    ),
  },
  {
    guardrail: "function-rights",
    fault: "a policy for a function that nobody knows",
    message: "keyward-production-fn-report is the role of no known function",
    plant: add(ROLE_POLICY, { role: "keyward-production-fn-report", policy: { Version: "2012-10-17", Statement: [] } }),
  },
  {
    guardrail: "no-managed-policy",
    fault: "an attached managed policy",
    message: "a managed policy is attached",
    plant: add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {
      role: "keyward-production-fn-fhir",
      policyArn: "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
    }),
  },
  {
    guardrail: "no-managed-policy",
    fault: "SST's own managed policy on a function role",
    message: "a managed policy is attached",
    plant: change(
      ROLE,
      "FnFhirRole",
      set("managedPolicyArns", ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]),
    ),
  },
  {
    guardrail: "resource-policies-deny",
    fault: "a table policy that allows",
    message: "statement Planted allows",
    plant: change(
      "aws:dynamodb/resourcePolicy:ResourcePolicy",
      "TablePolicyData",
      addStatement({ ...allow("dynamodb:GetItem", DATA), Principal: ANY_ACCOUNT_ROOT }),
    ),
  },
  {
    guardrail: "resource-policies-deny",
    fault: "a bucket that anybody may read",
    message: "statement Planted allows",
    plant: change(
      BUCKET_POLICY,
      "AttachmentsPolicy",
      addStatement({ ...allow("s3:GetObject", "arn:aws:s3:::b/*"), Principal: "*" }),
    ),
  },
  {
    guardrail: "resource-policies-deny",
    fault: "a service that may write for any source",
    message: "statement Planted allows",
    plant: change(
      BUCKET_POLICY,
      "ArchivePolicy",
      addStatement({
        ...allow("s3:PutObject", "arn:aws:s3:::b/*"),
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } },
      }),
    ),
  },
  {
    guardrail: "environment-open",
    fault: "a variable that is named like a secret",
    message: "variable COOKIE_SECRET looks like a secret",
    plant: change(FUNCTION, "FunctionSessionFunction", set("environment", { variables: { COOKIE_SECRET: "short" } })),
  },
  {
    guardrail: "environment-open",
    fault: "SST's key for linked values",
    message: "variable SST_KEY looks like a secret",
    plant: change(
      FUNCTION,
      "FunctionFhirFunction",
      set("environment", { variables: { SST_KEY: Buffer.alloc(32, 7).toString("base64") } }),
    ),
  },
  {
    guardrail: "environment-open",
    fault: "an access key under a harmless name",
    message: "variable UPLOAD_AS looks like a secret",
    plant: change(
      FUNCTION,
      "FunctionSealFunction",
      set("environment", { variables: { UPLOAD_AS: `AKIA${"EXAMPLE7".repeat(2)}` } }),
    ),
  },
  {
    guardrail: "functions-private",
    fault: "a function with a URL",
    message: "the function has a URL of its own",
    plant: add("aws:lambda/functionUrl:FunctionUrl", { functionName: "keyward-production-fhir" }),
  },
  {
    guardrail: "functions-private",
    fault: "a function that anybody may start",
    message: "the caller is no AWS service",
    plant: change(PERMISSION, "ApiInvokesFhir", set("principal", "*")),
  },
  {
    guardrail: "functions-private",
    fault: "a function that any API may start",
    message: "any source of the service may call",
    plant: change(PERMISSION, "ApiInvokesFhir", set("sourceArn", undefined)),
  },
  {
    guardrail: "functions-private",
    fault: "a function that another account's API may start",
    message: "any account's source may call",
    plant: change(PERMISSION, "ApiInvokesFhir", set("sourceArn", "arn:aws:s3:::somebody")),
  },
  {
    guardrail: "logs-kept",
    fault: "a log without a retention",
    message: "no retention: the log is kept, and paid for, without end",
    stage: "dev",
    plant: change(LOG_GROUP, "ApiLogGroup", set("retentionInDays", undefined)),
  },
  {
    guardrail: "logs-kept",
    fault: "a log of a month where PHI is",
    message: "the log is kept for 30 days",
    plant: change(LOG_GROUP, "FunctionFhirLogGroup", set("retentionInDays", 30)),
  },
  {
    guardrail: "function-logs-own",
    fault: "a function with Lambda's own log group",
    message: "the function's log group is not of this stack",
    plant: remove(LOG_GROUP, "FunctionSealLogGroup"),
  },
  {
    guardrail: "streams-lossless",
    fault: "a stream read from its end",
    message: "records from before the mapping are passed over",
    plant: change(MAPPING, "OutboxToArchive", set("startingPosition", "LATEST")),
  },
  {
    guardrail: "streams-lossless",
    fault: "a stream without partial failures",
    message: "one failure repeats its whole batch",
    plant: change(MAPPING, "OutboxToArchive", set("functionResponseTypes", [])),
  },
  {
    guardrail: "streams-lossless",
    fault: "a stream whose failing batch is not halved",
    message: "a failing batch is not halved",
    plant: change(MAPPING, "DataToCrossCheck", set("bisectBatchOnFunctionError", false)),
  },
  {
    guardrail: "streams-lossless",
    fault: "a stream without dead letters",
    message: "a record that is given up is lost",
    plant: change(MAPPING, "DataToCrossCheck", set("destinationConfig", undefined)),
  },
  {
    guardrail: "streams-lossless",
    fault: "a poison record that holds its shard",
    message: "a poison record holds its shard",
    plant: change(MAPPING, "OutboxToArchive", set("maximumRecordAgeInSeconds", -1)),
  },
  {
    guardrail: "streams-lossless",
    fault: "records given up after three tries",
    message: "records are given up by count and not by age",
    plant: change(MAPPING, "OutboxToArchive", set("maximumRetryAttempts", 3)),
  },
  {
    guardrail: "routes-served",
    fault: "a route that the route table does not have",
    message: "GET /debug is not in the route table",
    plant: change(ROUTE, "RouteFhirRead", set("routeKey", "GET /debug")),
  },
  {
    guardrail: "routes-served",
    fault: "a route without a zone function",
    message: "POST /fhir has no function",
    plant: remove(INTEGRATION, "IntegrationFhir"),
  },
  {
    guardrail: "routes-served",
    fault: "a route answered by another zone",
    message: "GET /fhir/{type}/{id} is not answered by zone fhir",
    plant: (resources) => {
      const target = resources.find(({ name }) => name === "IntegrationPlatform")?.id;
      return change(ROUTE, "RouteFhirRead", set("target", `integrations/${target}`))(resources);
    },
  },
  {
    guardrail: "routes-served",
    fault: "a route answered by a stream function",
    message: "POST /fhir has no function",
    plant: change(
      INTEGRATION,
      "IntegrationFhir",
      set("integrationUri", "arn:aws:lambda:us-east-1:111122223333:function:keyward-production-archive"),
    ),
  },
  {
    guardrail: "routes-served",
    fault: "a route of the table that is not made",
    message: "POST /session/sign-out is not made",
    plant: remove(ROUTE, "RouteSignOut"),
  },
  {
    guardrail: "api-closed",
    fault: "an API that any origin may call",
    message: "any origin may call",
    plant: change(API, "Api", set("corsConfiguration", { allowOrigins: ["*"] })),
  },
  {
    guardrail: "api-closed",
    fault: "an API without throttling",
    message: "there is no rate limit",
    plant: change(API_STAGE, "ApiStage", set("defaultRouteSettings", undefined)),
  },
  {
    guardrail: "api-closed",
    fault: "an API without an access log",
    message: "there is no access log",
    plant: change(API_STAGE, "ApiStage", set("accessLogSettings", undefined)),
  },
  {
    guardrail: "api-closed",
    fault: "an access log with paths, and so with ids",
    message: "the access log holds ids",
    plant: change(API_STAGE, "ApiStage", set("accessLogSettings", { format: '{"path":"$context.path"}' })),
  },
  {
    guardrail: "archive-tiered",
    fault: "an archive that forgets",
    message: "a rule lets objects expire",
    plant: change(LIFECYCLE, "ArchiveTiers", addRule({ expiration: { days: 2200 } })),
  },
  {
    guardrail: "archive-tiered",
    fault: "an archive whose old versions are forgotten",
    message: "a rule lets objects expire",
    plant: change(LIFECYCLE, "ArchiveTiers", addRule({ noncurrentVersionExpiration: { noncurrentDays: 1 } })),
  },
  {
    guardrail: "archive-tiered",
    fault: "an archive that must be thawed for half a day",
    message: "objects in DEEP_ARCHIVE are not read at once",
    plant: change(LIFECYCLE, "ArchiveTiers", addRule({ transitions: [{ days: 1, storageClass: "DEEP_ARCHIVE" }] })),
  },
  {
    guardrail: "items-trailed",
    fault: "a trail that does not see charts",
    message: "calls on charts leave no record in CloudTrail",
    plant: change("aws:cloudtrail/trail:Trail", "Trail", (properties) => {
      properties["advancedEventSelectors"] = (properties["advancedEventSelectors"] as unknown[]).slice(0, 2);
    }),
  },
  {
    guardrail: "items-trailed",
    fault: "a trail that sees writes to charts alone",
    message: "calls on charts leave no record in CloudTrail",
    plant: change("aws:cloudtrail/trail:Trail", "Trail", (properties) => {
      const selectors = properties["advancedEventSelectors"] as { fieldSelectors: unknown[] }[];
      selectors[2]?.fieldSelectors.push({ field: "readOnly", equals: ["false"] });
    }),
  },
  {
    guardrail: "witness-apart",
    fault: "a second signer with the witness's key",
    message: "statement Planted lets another than the witness sign",
    plant: change(
      KEY,
      "KeyWitness",
      addStatement({
        ...allow("kms:Sign"),
        Principal: { AWS: "arn:aws:iam::111122223333:role/keyward-production-fn-seal" },
      }),
    ),
  },
  {
    guardrail: "witness-apart",
    fault: "a sealer that writes the witness's bucket",
    message: "another role than the witness writes its bucket",
    plant: change(
      ROLE_POLICY,
      "FnSealPolicy",
      addStatement(allow("s3:PutObject", "arn:aws:s3:::keyward-production-c01-witness-444455556666/*")),
    ),
  },
  {
    guardrail: "witness-apart",
    fault: "a sealer that signs with the witness's key",
    message: "another role than the witness signs with its key",
    plant: (resources) => {
      const key = resources.find(({ type, name }) => type === KEY && name === "KeyWitness")?.id;
      const arn = `arn:aws:kms:us-east-1:444455556666:key/${key}`;
      return change(ROLE_POLICY, "FnSealPolicy", addStatement(allow("kms:Sign", arn)))(resources);
    },
  },
  {
    guardrail: "witness-apart",
    fault: "a witness in the account that it watches",
    message: "the witness stands in the account that it watches",
    plant: change(BUCKET, "Witness", set("bucket", "keyward-production-c01-witness-111122223333")),
  },
  {
    guardrail: "background-blind",
    fault: "a reconciler that reads charts",
    message: "function reconcile reaches whole rows of all charts",
    plant: change(ROLE_POLICY, "FnReconcilePolicy", addStatement(allow("dynamodb:Query", DATA))),
  },
  {
    guardrail: "background-blind",
    fault: "an index function that looks into charts by their index",
    message: "function index reaches whole rows of all charts",
    plant: change(ROLE_POLICY, "FnIndexPolicy", addStatement(allow("dynamodb:Query", `${DATA}/index/gsi1`))),
  },
  {
    guardrail: "background-blind",
    fault: "an export function that reads every tenant's wrapped keys by itself",
    message: "function export reaches the wrapped keys of all tenants",
    plant: change(
      ROLE_POLICY,
      "FnExportPolicy",
      addStatement(
        allow("dynamodb:Query", "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-production-c01-keys"),
      ),
    ),
  },
  {
    guardrail: "background-blind",
    fault: "an export function that writes files of every tenant by itself",
    message: "function export reaches the attachments of all tenants",
    plant: change(
      ROLE_POLICY,
      "FnExportPolicy",
      addStatement(allow("s3:PutObject", "arn:aws:s3:::keyward-production-c01-att-111122223333/*")),
    ),
  },
  {
    guardrail: "background-blind",
    fault: "a meter that reads what it counts",
    message: "function meter reaches the attachments of all tenants",
    plant: change(
      ROLE_POLICY,
      "FnMeterPolicy",
      addStatement(allow("s3:GetObject", "arn:aws:s3:::keyward-production-c01-att-111122223333/*")),
    ),
  },
  {
    guardrail: "background-blind",
    fault: "an index function that opens sealed detail",
    message: "function index uses the key of all tenants",
    plant: (resources) => {
      const key = resources.find(({ type, name }) => type === KEY && name === "KeyCell")?.id;
      const arn = `arn:aws:kms:us-east-1:111122223333:key/${key}`;
      return change(ROLE_POLICY, "FnIndexPolicy", addStatement(allow("kms:Decrypt", arn)))(resources);
    },
  },
  {
    guardrail: "resource-policies-deny",
    fault: "an archive that another account may write",
    message: "statement Planted allows",
    plant: change(
      BUCKET_POLICY,
      "ArchivePolicy",
      addStatement({
        ...allow("s3:PutObject", "arn:aws:s3:::keyward-production-c01-archive-111122223333/*"),
        Principal: { AWS: "arn:aws:iam::444455556666:role/keyward-production-fn-witness" },
      }),
    ),
  },
  {
    guardrail: "function-rights",
    fault: "a reconciler that writes another function's log",
    message: "function reconcile may write another log than its own",
    plant: change(
      ROLE_POLICY,
      "FnReconcilePolicy",
      addStatement(
        allow(
          "logs:PutLogEvents",
          "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/keyward-production-fhir:*",
        ),
      ),
    ),
  },
  {
    guardrail: "kinds-known",
    fault: "a public site",
    message: "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration is not on the list of kinds",
    plant: add("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", {}),
  },
  {
    guardrail: "api-behind-edge",
    fault: "an API that is shown nothing",
    message: "CloudFront shows the API no secret",
    plant: change(DISTRIBUTION, "Portal", setAt(["origins", 1, "customHeaders"], [])),
  },
  {
    guardrail: "api-behind-edge",
    fault: "a zone that does not ask what it is shown",
    message: "the function answers whoever asks the API itself",
    plant: change(FUNCTION, "FunctionFhirFunction", setAt(["environment", "variables", "EDGE_DIGEST"], undefined)),
  },
  {
    guardrail: "api-behind-edge",
    fault: "a zone that holds the secret itself",
    message: "the function holds the secret",
    plant: change(FUNCTION, "FunctionFhirFunction", setAt(["environment", "variables", "EDGE"], "0".repeat(64))),
  },
  {
    guardrail: "nothing-cached",
    fault: "answers of the API that are cached",
    message: "* is cached",
    plant: change(
      DISTRIBUTION,
      "Portal",
      setAt(["defaultCacheBehavior", "cachePolicyId"], "658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ),
  },
  {
    guardrail: "nothing-cached",
    fault: "style sheets of any path that are cached: a chart with .css behind it",
    message: "*.css is cached",
    plant: change(DISTRIBUTION, "Portal", setAt(["orderedCacheBehaviors", 0, "pathPattern"], "*.css")),
  },
  {
    guardrail: "nothing-cached",
    fault: "a key that a cookie is part of",
    message: "/app/assets/* has a cache key of its own",
    plant: change(
      DISTRIBUTION,
      "Portal",
      setAt(["orderedCacheBehaviors", 0, "forwardedValues"], { queryString: true, cookies: { forward: "all" } }),
    ),
  },
  {
    guardrail: "edge-encrypted",
    fault: "a domain of ours that answers TLS 1.0",
    message: "a browser may use older TLS than 1.2",
    plant: change(
      DISTRIBUTION,
      "Portal",
      set("viewerCertificate", { acmCertificateArn: "arn:aws:acm:x", minimumProtocolVersion: "TLSv1" }),
    ),
  },
  {
    guardrail: "edge-encrypted",
    fault: "a domain of ours under AWS's certificate",
    message: "a browser may use older TLS than 1.2",
    plant: change(DISTRIBUTION, "Portal", set("aliases", ["ehr.clinic.org"])),
  },
  {
    guardrail: "edge-encrypted",
    fault: "a portal without TLS",
    message: "/app/* is answered without TLS",
    plant: change(DISTRIBUTION, "Portal", setAt(["orderedCacheBehaviors", 2, "viewerProtocolPolicy"], "allow-all")),
  },
  {
    guardrail: "edge-encrypted",
    fault: "a bucket that is read by its public address",
    message: "portal is read without a signature",
    plant: change(DISTRIBUTION, "Portal", setAt(["origins", 0, "originAccessControlId"], undefined)),
  },
  {
    guardrail: "edge-encrypted",
    fault: "an API that is asked in the clear",
    message: "api is asked over older TLS than 1.2",
    plant: change(
      DISTRIBUTION,
      "Portal",
      setAt(["origins", 1, "customOriginConfig", "originProtocolPolicy"], "match-viewer"),
    ),
  },
  {
    guardrail: "edge-headers",
    fault: "pages without headers",
    message: "/app/* is answered without our headers",
    plant: change(DISTRIBUTION, "Portal", setAt(["orderedCacheBehaviors", 2, "responseHeadersPolicyId"], undefined)),
  },
  ...(
    [
      ["script-src 'self' 'unsafe-inline'", "the policy lets foreign or inline code in"],
      ["script-src https://cdn.example.org", "the policy lets foreign or inline code in"],
      ["img-src data:", "the policy lets foreign or inline code in"],
    ] as const
  ).map(([directive, message]): Planted => ({
    guardrail: "edge-headers",
    fault: `a policy with ${directive}`,
    message,
    plant: change(
      EDGE_HEADERS,
      "PortalPageHeaders",
      setAt(
        ["securityHeadersConfig", "contentSecurityPolicy", "contentSecurityPolicy"],
        `default-src 'none'; ${directive}`,
      ),
    ),
  })),
  ...["sandbox allow-scripts allow-same-origin", "sandbox allow-scripts allow-top-navigation", ""].map(
    (sandbox): Planted => ({
      guardrail: "edge-headers",
      fault: `a viewer of files with ${sandbox === "" ? "no sandbox" : sandbox}`,
      message: "the policy lets foreign or inline code in",
      plant: change(
        EDGE_HEADERS,
        "ViewerHeaders",
        setAt(
          ["securityHeadersConfig", "contentSecurityPolicy", "contentSecurityPolicy"],
          `default-src 'none'; script-src https://documents.x.org 'wasm-unsafe-eval'; ${sandbox}; base-uri 'none'`,
        ),
      ),
    }),
  ),
  {
    guardrail: "edge-headers",
    fault: "a policy that begins with what it forbids",
    message: "the policy allows what it does not name",
    plant: change(
      EDGE_HEADERS,
      "PortalPageHeaders",
      setAt(["securityHeadersConfig", "contentSecurityPolicy", "contentSecurityPolicy"], "script-src 'self'"),
    ),
  },
  {
    guardrail: "edge-headers",
    fault: "an HSTS of an hour",
    message: "HSTS is shorter than a year",
    plant: change(
      EDGE_HEADERS,
      "ApiHeaders",
      setAt(["securityHeadersConfig", "strictTransportSecurity", "accessControlMaxAgeSec"], 3600),
    ),
  },
  {
    guardrail: "edge-headers",
    fault: "answers whose type is guessed",
    message: "types are sniffed",
    plant: change(EDGE_HEADERS, "ApiHeaders", setAt(["securityHeadersConfig", "contentTypeOptions"], undefined)),
  },
  {
    guardrail: "edge-headers",
    fault: "pages that another site frames",
    message: "pages may be framed",
    plant: change(
      EDGE_HEADERS,
      "PortalPageHeaders",
      setAt(["securityHeadersConfig", "frameOptions", "frameOption"], "SAMEORIGIN"),
    ),
  },
  {
    guardrail: "edge-headers",
    fault: "answers that another site reads",
    message: "another origin may read answers",
    plant: change(EDGE_HEADERS, "ApiHeaders", set("corsConfig", { accessControlAllowOrigins: { items: ["*"] } })),
  },
  {
    guardrail: "edge-watched",
    fault: "a stage with PHI and no firewall",
    message: "there is no firewall",
    plant: change(DISTRIBUTION, "Portal", set("webAclId", undefined)),
  },
  {
    guardrail: "edge-watched",
    fault: "CloudFront's older log, with the address of every request",
    message: "the access log holds ids",
    plant: change(DISTRIBUTION, "Portal", set("loggingConfig", { bucket: "x.s3.amazonaws.com" })),
  },
  {
    guardrail: "edge-watched",
    fault: "a log with paths",
    message: "the access log holds ids",
    plant: change(DELIVERY, "EdgeLogDelivery", set("recordFields", ["sc-status", "cs-uri-stem"])),
  },
  {
    guardrail: "edge-watched",
    fault: "a log with every field there is",
    message: "the access log's fields are not chosen",
    plant: change(DELIVERY, "EdgeLogDelivery", set("recordFields", undefined)),
  },
  {
    guardrail: "edge-watched",
    fault: "a firewall that keeps samples",
    message: "the firewall keeps samples of requests",
    plant: change(FIREWALL, "PortalFirewall", setAt(["rules", 0, "visibilityConfig", "sampledRequestsEnabled"], true)),
  },
  {
    guardrail: "edge-watched",
    fault: "a firewall without a limit",
    message: "one address may ask without limit",
    plant: change(FIREWALL, "PortalFirewall", (properties) => {
      properties["rules"] = (properties["rules"] as Properties[]).slice(0, 2);
    }),
  },
];
