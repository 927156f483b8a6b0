import { readFileSync } from "node:fs";
import {
  apiLogGroupArn,
  archiveArn,
  assumeRoleRequests,
  attachmentArn,
  CONTENT_TAG,
  catalog,
  cloudTrailArn,
  costArn,
  deadLetterQueueArn,
  evaluate,
  evaluateTrust,
  FUNCTION_NAMES,
  functionArn,
  indexArn,
  logGroupArn,
  principalContext,
  SESSION_PURPOSES,
  sessionPolicy,
  tableArn,
  tenantRoleArn,
  witnessArn,
  exportSessionPolicy,
  type AccessContext,
  type AccessPrincipal,
  type AccessRequest,
  type Decision,
  type LintKind,
  type PolicyDocument,
} from "../../../core/iam/index.ts";
import { A, B, JOB, keys, ownerOf, principals, site, tagged, USER, wrapped } from "./stage.ts";
import { allow, document } from "./statements.ts";

/**
 * Each document judged alone, over every action of the services it could reach, crossed with resources, keys, tags and
 * callers. The other layers are wide open meanwhile, so that none hides a hole in another.
 */
export interface Layer {
  readonly name: string;
  readonly document: PolicyDocument;
  readonly requests: readonly AccessRequest[];
  readonly judge: (document: PolicyDocument, request: AccessRequest) => Decision;
}

/** With this variable set, condition keys are also put where AWS would not supply them. */
export const isFullRun = process.env["IAM_MATRIX"] === "full";

type Service = "dynamodb" | "kms" | "s3" | "sts" | "sqs" | "iam" | "lambda" | "logs";
const actions = JSON.parse(
  readFileSync(new URL("../../fixtures/iam/actions.json", import.meta.url), "utf8"),
) as Readonly<Record<Service | "s3Objects", readonly string[]>>;
const ON_OBJECTS = new Set(actions.s3Objects);
const isBucket = (arn: string): boolean => !arn.includes("/");
/** S3 asks about an object or about its bucket, by the action. */
const fits = (service: Service, action: string, resource: string): boolean =>
  service !== "s3" || isFullRun || ON_OBJECTS.has(action) !== isBucket(resource);

const cross = (...dimensions: readonly (readonly AccessContext[])[]): readonly AccessContext[] =>
  dimensions.reduce<readonly AccessContext[]>(
    (sofar, dimension) => sofar.flatMap((context) => dimension.map((more) => ({ ...context, ...more }))),
    [{}],
  );

/** Which actions carry which keys: Service Authorization Reference. */
const KEYED = new Set([
  ...["Get", "BatchGet", "Put", "Update", "Delete", "BatchWrite", "ConditionCheck"].map((verb) => `${verb}Item`),
  "Query",
  ...["Select", "Insert", "Update", "Delete"].map((verb) => `PartiQL${verb}`),
]);
const ENCLOSED = new Set(["GetItem", "PutItem", "UpdateItem", "DeleteItem"]);
const CONTEXTUAL = /^(Decrypt|Encrypt|GenerateDataKey.*|ReEncrypt.*|CreateGrant|RetireGrant)$/;

const keysets: readonly AccessContext[] = [
  {},
  ...[
    [`T#${A}#C#P#1`],
    [`T#${A}#S#P#1`],
    [`T#${A}#B#P#1`],
    [`T#${A}#D#DIR`],
    [`T#${A}#X#t`],
    [`T#${A}#I#K#1`],
    [`T#${A}#A#2026-11-22`],
    [`T#${A}#A#S`],
    [`T#${A}#A#S#STATE`],
    [`T#${A}#A#S0`],
    [`T#${A}#A#2026-11-22`, `T#${A}#D#DIR`],
    [`T#${A}#D#JOB`],
    [`T#${A}#D#JOB0`],
    [`T#${A}#D#JOB`, `T#${B}#D#JOB`],
    [`T#${A}#D#JOB`, `T#${A}#D#PRV`],
    [`T#${A}#A#S`, `T#${A}#A#I#C#success`],
    [`T#${A}#C#K`],
    [`T#${A}#A#K`],
    [`T#${A}#U#K`],
    [`T#${A}#U#K`, `T#${B}#U#K`],
    [`T#${B}#C#P#1`],
    [`T#${B}#C#K`],
    [`T#${A}#C#P#1`, `T#${B}#C#P#1`],
    [`T#${A}#D#DIR`, `T#${B}#D#DIR`],
    [`T#${A}#A#2026-11-22`, `T#${B}#A#2026-11-22`],
    [`T#${A}#C#K`, `T#${B}#C#K`],
    [`T#${A}#A#K`, `T#${B}#A#K`],
    [`T#${A}#C#K`, `T#${A}#C#P#1`],
    ...["C", "S", "B", "D", "X", "I", "A", "U"].map((dataClass) => [`T#${A}#${dataClass}0#1`]),
    [`T#${A}0#C#P#1`],
    [`T#${A}`],
    [` T#${A}#C#P#1`],
    [`t#${A}#C#P#1`],
    [`TENANT#${A}`],
    [`USER#${USER}`],
    [`TENANT#${A}`],
    [`PRIVACY#${A}`],
    [`PRIVACY#${A}`, `PRIVACY#${B}`],
    [`PRIVACY#${A}0`],
    [`PRIVACY#${A}`, "SESSION#d"],
    ["PRIVACYS#d"],
    ...["PEOPLE", "ACCOUNT", "ONCE", "SIGNINS"].flatMap((kept) => [
      [`${kept}#${A}`],
      [`${kept}#${A}0`],
      [`${kept}S#${A}`],
      [`${kept}#${A}`, "SESSION#d"],
    ]),
    ["CLIENT#d"],
    ["CLIENTS#d"],
    ["ENROLMENT#d"],
    ["ENROLMENTS#d"],
    [`MEMBERS#${A}`],
    [`MEMBERS#${A}0`],
    [`MEMBERS#${A}`, "TENANTS"],
    [`CREDENTIAL#${USER}`],
    ["CREDENTIALS#d"],
    ["PASSKEY#d"],
    ["CHALLENGE#d"],
    [`CREDENTIAL#${USER}`, "PASSKEY#d"],
    ["LOGIN#d"],
    ["THROTTLE#d"],
    ["SESSION#d"],
    ["OIDC#AccessToken#d"],
    [`SESSIONS#${USER}`],
    ["OIDCGROUP#Grant#d"],
    ["TENANTS"],
    ["OPERATIONS"],
    ["USERS#d"],
    ["LOGINS#d"],
    ["THROTTLES#d"],
    ["PASSKEYS#d"],
    ["CHALLENGES#d"],
    ["SESSION0#d"],
    ["SESSIONS0#d"],
    ["OIDCGROUPS#d"],
    [`USER#${USER}`, "LOGIN#d"],
    ["SESSION#d", "LOGIN#d"],
    [`USER#${USER}`, `T#${A}#C#P#1`],
    [`SESSIONS#${USER}`, "TENANTS"],
    [""],
  ].map((names) => ({ "dynamodb:LeadingKeys": names })),
];
const writeVariants: readonly AccessContext[] = [
  {},
  { "dynamodb:ReturnValues": "NONE", "dynamodb:EnclosingOperation": "TransactWriteItems" },
  { "dynamodb:ReturnValues": "ALL_OLD", "dynamodb:EnclosingOperation": "TransactWriteItems" },
  { "dynamodb:ReturnValues": "NONE", "dynamodb:EnclosingOperation": "TransactGetItems" },
];
const projections: readonly AccessContext[] = [
  {},
  { "dynamodb:Attributes": ["pk", "sk", "_aud", "_ver", "_tx"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk", "phi"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk"] },
  { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk", "sk", "event", "ttl"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk", "event"], "dynamodb:Select": "ALL_ATTRIBUTES" },
  { "dynamodb:Attributes": ["pk", "sk", "tenantId", "profile", "timeZone"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  {
    "dynamodb:Attributes": ["pk", "sk", "gpk", "gsk", "tenantId", "userId", "patientId", "roles", "status"],
    "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
  },
  {
    "dynamodb:Attributes": [
      "pk",
      "sk",
      "gpk",
      "gsk",
      "tenantId",
      "name",
      "tier",
      "cell",
      "status",
      "createdAtMs",
      "isOperations",
    ],
    "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
  },
];

function dynamodbContexts(action: string, keysets: readonly AccessContext[]): readonly AccessContext[] {
  const variants =
    action === "GetItem"
      ? projections
      : /^(BatchGetItem|Query)$/.test(action)
        ? projections.filter((_each, index) => index !== 2)
        : /^(Put|Update|Delete)Item$/.test(action)
          ? writeVariants
          : [{}];
  // No document lets these through, whatever the keys: twenty show it as well as sixty.
  const asked = /^(PartiQL.*|BatchWriteItem|DeleteItem)$/.test(action) && !isFullRun ? keysets.slice(0, 20) : keysets;
  if (KEYED.has(action)) return cross(asked, variants);
  return isFullRun ? cross(keysets.slice(0, 12), ENCLOSED.has(action) ? writeVariants : [{}]) : [{}];
}

const kmsContexts: readonly AccessContext[] = [
  {},
  ...["C", "S", "B", "D", "X", "A", "U", "Z"].map((dataClass) => wrapped(A, dataClass)),
  wrapped(B, "C"),
  wrapped(B, "D"),
  wrapped("short", "C"),
  wrapped("short", "A"),
  wrapped("short", "U"),
  wrapped(B, "U"),
  wrapped(A, "U", { cell: "c02" }),
  wrapped(A, "U", { extra: ["evil"] }),
  ...["tenant", "cell", "class", "kver"].map((without) => wrapped(A, "U", { without })),
  wrapped(A, "C", { cell: "c02" }),
  wrapped(A, "C", { cell: "c02", extra: ["evil"] }),
  wrapped(A, "C", { extra: ["evil"] }),
  wrapped(A, "A", { extra: ["evil"] }),
  ...["tenant", "cell", "class", "kver"].map((without) => wrapped(A, "C", { without })),
  ...["tenant", "cell", "class", "kver"].map((without) => wrapped(A, "A", { without })),
  { ...wrapped(A, "C"), "kms:EncryptionContextKeys": [] },
];
const throughS3 = { "kms:ViaService": `s3.${site.region}.amazonaws.com` };
function kmsVariants(action: string): readonly AccessContext[] {
  if (/DataKeyPair/.test(action)) {
    return cross(kmsContexts, [{}, { "kms:DataKeyPairSpec": "ECC_NIST_P256" }, { "kms:DataKeyPairSpec": "RSA_2048" }]);
  }
  if (action === "Sign" || action === "Verify") {
    const algorithms = ["ED25519_SHA_512", "ECDSA_SHA_256", "ED25519_PH_SHA_512"];
    return cross(
      [{}, ...algorithms.map((name) => ({ "kms:SigningAlgorithm": name }))],
      [{}, { "kms:MessageType": "RAW" }, { "kms:MessageType": "DIGEST" }],
    );
  }
  if (action.endsWith("Mac"))
    return [{}, { "kms:MacAlgorithm": "HMAC_SHA_256" }, { "kms:MacAlgorithm": "HMAC_SHA_512" }];
  if (CONTEXTUAL.test(action))
    return [...kmsContexts, throughS3, { "kms:ViaService": "dynamodb.us-east-1.amazonaws.com" }];
  return isFullRun ? kmsContexts : [{}];
}

/** `s3:prefix` of a listing: none, one's own folders, another's, and beside them. */
const listings: readonly AccessContext[] = [
  {},
  ...[
    "",
    "v1/log/",
    "v1/log/verifier-key",
    `v1/log/t/${A}/seal/`,
    `v1/events/t/${A}/2026`,
    `v1/events/t/${B}/2026`,
    `t/${A}/X/${JOB}/`,
    `t/${A}/X/${JOB}0/`,
    `t/${A}/X/queue/`,
    `t/${B}/X/${JOB}/`,
    `v1/clinics/${A}/`,
    `v1/clinics/${B}/`,
    "AWSLogs/",
  ].map((prefix) => ({ "s3:prefix": prefix })),
];
/** What stands on a part of a document, and what a request would put there. */
const existingTag = (value: string): AccessContext => ({ [`s3:ExistingObjectTag/${CONTENT_TAG.key}`]: value });
const requestTag = (value: string): AccessContext => ({ [`s3:RequestObjectTag/${CONTENT_TAG.key}`]: value });
const tagVariants = (action: string): readonly AccessContext[] =>
  cross(
    [{}, existingTag(CONTENT_TAG.filed)],
    action.startsWith("Put") ? [{}, ...[CONTENT_TAG.open, CONTENT_TAG.filed, "other"].map(requestTag)] : [{}],
  );
const objectVariants = (action: string): readonly AccessContext[] =>
  cross(
    /^(Put|Delete)Object(Version)?Tagging$/.test(action) ? tagVariants(action) : [{}],
    action === "PutObject" ? [{}, requestTag(CONTENT_TAG.open)] : [{}],
    action === "PutObject" || isFullRun ? [{}, { "s3:if-none-match": "*" }] : [{}],
    /^ListBucket(Versions)?$/.test(action) ? listings : [{}],
    [{ "aws:SecureTransport": "true" }, { "aws:SecureTransport": "false" }],
  );

const att = attachmentArn(site);
/** A part of a document, as a patient's own request names it. */
const OBJECT = `C/${"0a".repeat(32)}`;
const arc = archiveArn(site);
const costs = costArn(site);
const trailFiles = cloudTrailArn(site);
const wit = witnessArn(site);
const OTHER_GROUPS = [
  `arn:aws:logs:${site.region}:${site.accountId}:log-group:/aws/lambda/other`,
  `arn:aws:logs:${site.region}:${site.accountId}:log-group:/aws/apigateway/other`,
  `arn:aws:logs:${site.region}:${site.witnessAccountId}:log-group:/aws/lambda/other`,
];
const RESOURCES: Readonly<Record<Service, readonly string[]>> = {
  dynamodb: [
    tableArn(site, "data"),
    indexArn(site, "data"),
    `${tableArn(site, "data")}/index/gsi2`,
    `${tableArn(site, "data")}/stream/2026`,
    tableArn(site, "outbox"),
    `${tableArn(site, "outbox")}/stream/2026`,
    tableArn(site, "keys"),
    tableArn(site, "trail"),
    tableArn(site, "registry"),
    indexArn(site, "registry"),
    `${tableArn(site, "registry")}/index/gsi2`,
    `${tableArn(site, "outbox")}/other`,
    `${tableArn(site, "trail")}/other`,
    tableArn({ ...site, cell: "c02" }, "data"),
  ],
  kms: [
    keys.cell,
    keys.audit,
    keys.checkpoint,
    keys.token,
    keys.session,
    keys.cost,
    keys.witness,
    `${keys.cell}0`,
    `${keys.witness}0`,
  ],
  s3: [
    att,
    ...["C", "S", "B", "D", "X"].map((dataClass) => `${att}/t/${A}/${dataClass}/o`),
    `${att}/t/${A}/${OBJECT}`,
    `${att}/t/${B}/C/o`,
    `${att}/t/${B}/../${A}/C/o`,
    `${att}/t/${A}0/C/o`,
    `${att}/t/${A}/X/${JOB}/part-1`,
    `${att}/t/${A}/X/${JOB}0/part-1`,
    `${att}/t/${A}/X/queue/part-1`,
    `${att}/t/${B}/X/${JOB}/part-1`,
    `${att}/other`,
    arc,
    `${arc}/v1/events/t/${A}/e`,
    `${arc}/v1/events/t/${B}/e`,
    `${arc}/v1/log/t/${A}/checkpoint`,
    `${arc}/v1/log/t/${B}/checkpoint`,
    `${arc}/v1/log/verifier-key`,
    `${arc}/v1/cost/2026-11.json`,
    `${arc}/v1/other`,
    `${arc}/other`,
    wit,
    `${wit}/v1/log/t/${A}/cosigned/1`,
    `${wit}/v1/log/t/${B}/cosigned/1`,
    `${wit}/v1/log/verifier-key`,
    `${wit}/v1/other`,
    `${wit}/other`,
    costs,
    ...[
      "facts/2026-11/f",
      "hours/h",
      "inputs/budgets/b",
      "closed/2026-11/c",
      "months/2026-11/m",
      "mark.json",
      "alerts/a",
      "days/d",
      "state/s",
      "roster/r",
      "daily/d",
      "bills/b",
      "summaries/s",
    ].map((name) => `${costs}/v1/${name}`),
    `${costs}/v1/clinics/${A}/s`,
    `${costs}/v1/clinics/${B}/s`,
    `${costs}/other`,
    trailFiles,
    `${trailFiles}/AWSLogs/${site.accountId}/f`,
    `${trailFiles}/AWSLogs/999988887777/f`,
    `${trailFiles}/other`,
    "arn:aws:s3:::somebody-elses/o",
  ],
  sts: [
    tenantRoleArn(site),
    ...[
      principals.registryRead,
      principals.identity,
      principals.controlPlane,
      principals.peopleNames,
      principals.books,
      principals.statementRead,
      principals.auditAppend,
      principals.registryPrivacy,
      principals.registryPeople,
      principals.auditRead,
      principals.tenantExport,
      principals.admin,
    ].map((principal) => principal.roleArn),
  ],
  sqs: [deadLetterQueueArn(site), `${deadLetterQueueArn(site)}-2`],
  iam: [principals.admin.roleArn],
  lambda: FUNCTION_NAMES.map((name) => functionArn(site, name)),
  logs: [...FUNCTION_NAMES.map((name) => logGroupArn(site, name)), apiLogGroupArn(site), ...OTHER_GROUPS].flatMap(
    (group) => [`${group}:log-stream:x`, `${group}:*`],
  ),
};

function contextsOf(
  service: Service,
  action: string,
  asked: readonly AccessContext[] | undefined,
): readonly AccessContext[] {
  if (service === "dynamodb") return dynamodbContexts(action, isFullRun ? keysets : (asked ?? keysets));
  if (service === "kms") return kmsVariants(action);
  if (service === "s3") return objectVariants(action);
  return [{}];
}

interface Sweep {
  readonly services: readonly Service[];
  readonly isRelevant?: (resource: string) => boolean;
  /** For a document that asks about few partitions: any other is as good as fifty. */
  readonly keysets?: readonly AccessContext[];
  readonly callers: readonly { readonly principal: AccessPrincipal; readonly context: AccessContext }[];
}

function sweep({ services, callers, isRelevant = () => true, keysets: asked }: Sweep): readonly AccessRequest[] {
  const requests = services.flatMap((service) =>
    actions[service].flatMap((name) => {
      const contexts = contextsOf(service, name, asked);
      return RESOURCES[service]
        .filter((resource) => isRelevant(resource) && fits(service, name, resource))
        .flatMap((resource) =>
          callers.flatMap(({ principal, context: own }) =>
            contexts.map((context) => ({
              principal,
              action: `${service}:${name}`,
              resource,
              ...ownerOf(resource),
              context: { ...own, ...context },
            })),
          ),
        );
    }),
  );
  return shuffled(requests);
}

/** In a fixed disorder, so that a mutant that matters is met early. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const mixed = [...items];
  let state = 20_261_122;
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}

const caller = (principal: AccessPrincipal, tags: Readonly<Record<string, string>> = {}) => ({
  principal,
  context: principalContext(principal, tags),
});
const tenantCallers = [
  { principal: principals.tenant, context: tagged(A) },
  { principal: principals.tenant, context: tagged(A, "HPAYMT") },
  { principal: principals.tenant, context: tagged(B) },
  caller(principals.tenant),
  caller(principals.tenant, { tenant: "*", purpose: "TREAT" }),
];
/** Sessions that append events: of two tenants, untagged, and of one whose tag would be a wildcard if tags were patterns. */
const appendCallers = [
  caller(principals.auditAppend, { tenant: A }),
  caller(principals.auditAppend, { tenant: B }),
  caller(principals.auditAppend),
  caller(principals.auditAppend, { tenant: "*" }),
];
const ofTenants = (principal: AccessPrincipal) => [
  caller(principal, { tenant: A }),
  caller(principal),
  caller(principal, { tenant: "*" }),
];
/** Sessions of exports: of one job, of the queue, of another tenant, and each without one of its tags. */
const exportCallers = [
  caller(principals.tenantExport, { tenant: A, job: JOB }),
  caller(principals.tenantExport, { tenant: A, job: "queue" }),
  caller(principals.tenantExport, { tenant: B, job: JOB }),
  caller(principals.tenantExport, { tenant: A }),
  caller(principals.tenantExport, { job: JOB }),
  caller(principals.tenantExport, { tenant: A, job: "*" }),
];
/** Everybody who might stand before a table, bucket or key, each with and without a tenant's tag. */
const everybody = [
  ...Object.values(principals).flatMap((principal: AccessPrincipal) =>
    principal.type === "AssumedRole"
      ? [caller(principal), caller(principal, { tenant: A, purpose: "TREAT" }), caller(principal, { tenant: B })]
      : [caller(principal)],
  ),
  caller(principals.tenantExport, { tenant: A, job: JOB }),
  caller(principals.tenant, { tenant: A, job: JOB }),
];

const ANY = document(allow("*", "*"));
const SERVICES: readonly Service[] = ["dynamodb", "kms", "s3", "sts", "sqs", "iam", "lambda", "logs"];

const OPEN_TO_ALL: PolicyDocument = document({ ...allow("*", "*"), Principal: "*" });
/** Another account's resource is open by its own policy: what is asked is what the role's document says. */
const ofOthers = ({
  principal,
  resource,
  resourceAccountId,
}: AccessRequest): { readonly resource?: PolicyDocument } => {
  const owner = resource.split(":", 5)[4] || resourceAccountId;
  return owner !== undefined && owner !== principal.accountId ? { resource: OPEN_TO_ALL } : {};
};

const judges: Readonly<Record<LintKind, Layer["judge"]>> = {
  role: (subject, request) => evaluate(request, { identity: [subject], ...ofOthers(request) }),
  session: (subject, request) => evaluate(request, { identity: [ANY], session: [subject], ...ofOthers(request) }),
  trust: (subject, request) => evaluateTrust(request, subject, { identity: [ANY] }),
  table: (subject, request) => evaluate(request, { identity: [ANY], resource: subject }),
  bucket: (subject, request) => evaluate(request, { identity: [ANY], resource: subject }),
  key: (subject, request) => evaluate(request, { identity: [ANY], resource: subject, resourceMandatory: true }),
};

function trustRequests(): readonly AccessRequest[] {
  const full = { tenant: A as string, purpose: "TREAT", role: "physician" };
  const { tenant, ...withoutTenant } = full;
  const { purpose, ...withoutPurpose } = full;
  const tagSets: readonly Readonly<Record<string, string>>[] = [
    full,
    {},
    withoutTenant,
    withoutPurpose,
    { tenant, purpose },
    { tenant },
    { tenant: "short" },
    { ...full, tenant: `${A}0` },
    { ...full, tenant: "short" },
    { ...full, purpose: "MARKETING" },
    { ...full, purpose: "HPAYMT" },
    { ...full, purpose: "HOPERAT" },
    { ...full, purpose: "ETREAT" },
    ...["PATRQT", "HRESCH", "MLTRAINING"].map((other) => ({ ...full, purpose: other })),
    ...SESSION_PURPOSES.map((other) => ({ ...full, purpose: other, job: JOB })),
    { ...full, admin: "yes" },
    { ...full, job: "queue" },
    { ...full, job: "short" },
    { tenant, job: JOB },
    { ...withoutTenant, job: JOB },
    { ...full, job: JOB, admin: "yes" },
    { ...full, purpose: "MARKETING", job: JOB },
  ];
  const identities = [undefined, `u-${USER}`, "u-short", USER];
  const calls = Object.values(principals).flatMap((principal: AccessPrincipal) =>
    tagSets.flatMap((tags) =>
      identities.flatMap((sourceIdentity) =>
        [site.accountId, site.witnessAccountId, "999988887777"].flatMap((sourceAccount) =>
          assumeRoleRequests({
            principal,
            roleArn: tenantRoleArn(site),
            roleSessionName: "s",
            tags,
            transitiveTagKeys: [],
            ...(sourceIdentity !== undefined && { sourceIdentity }),
            context: {
              ...principalContext(principal),
              ...(principal.type === "AWSService" && { "aws:SourceAccount": sourceAccount }),
            },
          }),
        ),
      ),
    ),
  );
  return shuffled([
    ...calls,
    ...sweep({ services: ["sts", "iam"], callers: Object.values(principals).map((each) => caller(each)) }),
  ]);
}

const withKeys = (...names: readonly (readonly string[])[]): readonly AccessContext[] => [
  {},
  ...names.map((each) => ({ "dynamodb:LeadingKeys": each })),
];
/** The partitions that a table's own policy tells apart. */
const askedOf: Readonly<Record<string, readonly AccessContext[]>> = {
  keys: keysets,
  data: withKeys(
    [`T#${A}#C#P#1`],
    [`T#${A}#D#JOB`],
    [`T#${A}#D#JOB0`],
    [`T#${A}0#D#JOB`],
    [`T#${A}#D#JOB`, `T#${A}#D#PRV`],
  ),
  trail: withKeys(
    [`T#${A}#A#I#C#success`],
    [`T#${A}#A#S`],
    [`T#${A}#A#S0`],
    [`T#${A}#A#S#STATE`],
    [`T#${A}0#A#S`],
    [`T#${A}#A#S`, `T#${A}#A#I#C#success`],
  ),
};

/** The documents of a stage and the sessions of each way to work, as layers. */
export function layers(): readonly Layer[] {
  const bySession = new Map<string, Parameters<typeof sessionPolicy>[2]>([
    ["physician", { tenantId: A, classes: ["C", "D", "X", "I"], purpose: "TREAT" }],
    ["break-glass", { tenantId: A, classes: ["C", "S", "D", "X", "I"], purpose: "ETREAT" }],
    ["billing", { tenantId: A, classes: ["B", "D", "I"], purpose: "HPAYMT" }],
    ["front-desk", { tenantId: A, classes: ["D", "I"], purpose: "HOPERAT" }],
    ["export-file", { tenantId: A, classes: ["D", "X", "I"], purpose: "HOPERAT", exportJobId: JOB }],
    ["one-object", { tenantId: A, classes: [], purpose: "PATRQT", onlyObject: OBJECT }],
    ["nothing", { tenantId: A, classes: [], purpose: "TREAT" }],
  ]);
  const roleRequests = sweep({ services: SERVICES, callers: tenantCallers });
  const appendRequests = sweep({ services: SERVICES, callers: appendCallers });
  const byRole: Readonly<Record<string, readonly AccessRequest[]>> = {
    "tenant-request": roleRequests,
    "audit-append": appendRequests,
    "audit-read": sweep({ services: SERVICES, callers: ofTenants(principals.auditRead) }),
    books: sweep({ services: SERVICES, callers: ofTenants(principals.books) }),
    "statement-read": sweep({ services: SERVICES, callers: ofTenants(principals.statementRead) }),
    "people-names": sweep({ services: SERVICES, callers: ofTenants(principals.peopleNames) }),
    "registry-people": sweep({ services: SERVICES, callers: ofTenants(principals.registryPeople) }),
    "registry-privacy": sweep({ services: SERVICES, callers: ofTenants(principals.registryPrivacy) }),
    "tenant-export": sweep({ services: SERVICES, callers: exportCallers }),
  };
  const exportRequests = sweep({
    services: ["dynamodb", "kms", "s3", "sts", "iam"],
    callers: [...exportCallers.slice(0, 2), caller(principals.tenantExport)],
  });
  const stageRequests = sweep({ services: SERVICES, callers: [caller(principals.admin)] });
  const byPurpose = new Map<string, readonly AccessRequest[]>();
  const sessionRequests = (purpose: string): readonly AccessRequest[] => {
    const known = byPurpose.get(purpose);
    if (known !== undefined) return known;
    const requests = sweep({
      services: ["dynamodb", "kms", "s3", "sts", "iam"],
      callers: [
        { principal: principals.tenant, context: tagged(A, purpose) },
        { principal: principals.tenant, context: tagged(A, purpose === "TREAT" ? "ETREAT" : "TREAT") },
        caller(principals.tenant),
      ],
    });
    byPurpose.set(purpose, requests);
    return requests;
  };
  const onTrust = trustRequests();
  const ofResource = (kind: "table" | "bucket" | "key", name: string): readonly AccessRequest[] => {
    if (kind === "table") {
      const table = tableArn(site, name as "data");
      return sweep({
        services: ["dynamodb"],
        keysets: askedOf[name] ?? keysets.slice(0, 2),
        callers: everybody,
        isRelevant: (arn) => arn === table || arn.startsWith(`${table}/index/`),
      });
    }
    if (kind === "bucket") {
      const bucket = { archive: arc, attachments: att, cost: costs, witness: wit }[name] ?? "";
      return sweep({
        services: ["s3"],
        callers: everybody,
        isRelevant: (arn) => arn === bucket || arn.startsWith(`${bucket}/`),
      });
    }
    return sweep({ services: ["kms"], callers: everybody, isRelevant: (arn) => arn === keys[name as "cell"] });
  };
  const standing = catalog(site, keys).map(({ name, kind, document: subject }): Layer => {
    const local = name.slice(name.indexOf("/") + 1);
    const requests =
      kind === "trust"
        ? onTrust
        : kind === "table" || kind === "bucket" || kind === "key"
          ? ofResource(kind, local)
          : (byRole[local] ?? stageRequests);
    return { name, document: subject, requests, judge: judges[kind] };
  });
  const sessions = [...bySession].map(([name, scope]): Layer => ({
    name: `session/${name}`,
    document: sessionPolicy(site, keys, scope),
    requests: sessionRequests(scope.purpose),
    judge: judges.session,
  }));
  const exports = (["job", "queue"] as const).map((kind): Layer => ({
    name: `session/export-${kind}`,
    document: exportSessionPolicy(site, keys, {
      tenantId: A,
      jobId: kind === "job" ? JOB : "queue",
      classes: kind === "job" ? ["C", "D", "X"] : [],
      purpose: "HOPERAT",
    }),
    requests: exportRequests,
    judge: judges.session,
  }));
  return [...standing, ...sessions, ...exports];
}

/** One letter per decision: allowed by an identity layer or by the resource's policy, denied silently or explicitly. */
export function letterOf(decision: Decision): "A" | "R" | "." | "X" {
  if (decision.allowed) return decision.layer === "resource" ? "R" : "A";
  return decision.reason === "explicit-deny" ? "X" : ".";
}
