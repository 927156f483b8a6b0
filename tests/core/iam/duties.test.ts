import { describe, expect, it } from "vitest";
import {
  apiLogGroupArn,
  ARCHIVE_PREFIXES,
  archiveArn,
  attachmentArn,
  costArn,
  auditAppendRoleArn,
  cloudTrailArn,
  deadLetterQueueArn,
  evaluate,
  FUNCTION_NAMES,
  functionArn,
  indexArn,
  logGroupArn,
  principalContext,
  tableArn,
  tenantRoleArn,
  witnessArn,
  type AccessContext,
  type PolicyDocument,
} from "../../../core/iam/index.ts";
import { A, B, JOB, keys, principals, site, tagged, USER, wrapped } from "./stage.ts";
import { ask, documentOf, type Ask } from "./whole-stage.ts";

const data = tableArn(site, "data");
const outbox = tableArn(site, "outbox");
const keyTable = tableArn(site, "keys");
const registry = tableArn(site, "registry");
const arc = archiveArn(site);
const att = attachmentArn(site);
const trail = tableArn(site, "trail");
const wit = witnessArn(site);
const event = `${arc}/${ARCHIVE_PREFIXES.events}t/${A}/e`;
const checkpoint = `${arc}/${ARCHIVE_PREFIXES.log}t/${A}/checkpoint`;
const cosigned = `${wit}/${ARCHIVE_PREFIXES.log}t/${A}/cosigned/1`;
const note = { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" };
const inTransaction = { "dynamodb:EnclosingOperation": "TransactWriteItems", "dynamodb:ReturnValues": "NONE" };
const leading = (...names: readonly string[]): AccessContext => ({ "dynamodb:LeadingKeys": names });
const throughS3 = { "kms:ViaService": "s3.us-east-1.amazonaws.com" };
const create = { "s3:if-none-match": "*" };
const plain = { "dynamodb:Attributes": ["pk", "sk", "_aud"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" };

type Row = readonly [title: string, action: string, resource: string, context?: AccessContext];

const named = (rows: readonly Row[]) =>
  rows.map(([title, action, resource, context = {}]) => ({ title, action, resource, context }));

function may(as: Ask["as"], rows: readonly Row[]): void {
  it.each(named(rows))("may $title", ({ action, resource, context }) => {
    expect(ask({ as, action, resource, context }).reason).toBe("allowed");
  });
}

function mayNot(as: Ask["as"], rows: readonly Row[]): void {
  it.each(named(rows))("may not $title", ({ action, resource, context }) => {
    expect(ask({ as, action, resource, context }).allowed).toBe(false);
  });
}

const row = leading(`T#${A}#C#P#1`);
const anyItemAction = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "ConditionCheckItem",
  "Scan",
];

describe.each(["fhir", "clinic", "patient", "session", "admin", "platform", "finance"] as const)(
  "ISO-8 the execution role of zone %s",
  (zone) => {
    const as = zone === "admin" ? "adminZone" : zone === "patient" ? "patientZone" : zone;
    may(as, [["write its own log", "logs:PutLogEvents", `${logGroupArn(site, zone)}:log-stream:x`]]);
    mayNot(as, [
      ["write another function's log", "logs:PutLogEvents", `${logGroupArn(site, "seal")}:log-stream:x`],
      ...[data, outbox, keyTable, registry].flatMap((table) =>
        anyItemAction.map((name): Row => [
          `${name} ${table.split("/")[1]}`,
          `dynamodb:${name}`,
          table,
          { ...row, ...tagged(A) },
        ]),
      ),
      ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
      ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`],
      ["assume an administrator", "sts:AssumeRole", principals.admin.roleArn],
    ]);
  },
);

describe("ISO-8 which zone may assume which role", () => {
  const allowed = {
    fhir: ["tenant", "registryRead"],
    clinic: ["tenant", "registryRead", "registryPrivacy", "auditRead", "peopleNames"],
    export: ["tenantExport", "registryRead"],
    session: ["identity", "auditAppend", "peopleNames"],
    adminZone: ["registryPeople", "registryRead", "auditAppend", "peopleNames", "statementRead"],
    finance: ["books", "registryRead", "auditAppend"],
    platform: ["controlPlane", "auditAppend"],
  } as const;
  const all = [
    "tenant",
    "tenantExport",
    "registryRead",
    "registryPrivacy",
    "registryPeople",
    "identity",
    "controlPlane",
    "auditAppend",
    "peopleNames",
    "books",
    "statementRead",
    "auditRead",
  ] as const;
  const functions = [
    "fhir",
    "clinic",
    "session",
    "adminZone",
    "platform",
    "finance",
    "archive",
    "index",
    "crossCheck",
    "seal",
    "reconcile",
    "export",
    "witness",
  ] as const;
  it.each(functions)("%s", (as) => {
    const reached = all.filter(
      (role) => ask({ as, action: "sts:AssumeRole", resource: principals[role].roleArn }).allowed,
    );
    expect(reached.toSorted()).toEqual((as in allowed ? [...allowed[as as "fhir"]] : []).toSorted());
  });
});

describe("the archive writer", () => {
  may("archive", [
    ["read the outbox stream", "dynamodb:GetRecords", `${outbox}/stream/2026`],
    ["create an event", "s3:PutObject", event, create],
    ["encrypt through S3", "kms:GenerateDataKey", keys.audit, throughS3],
    ["park what it cannot archive", "sqs:SendMessage", deadLetterQueueArn(site)],
  ]);
  mayNot("archive", [
    ["put without If-None-Match", "s3:PutObject", event],
    ["write into the log of checkpoints", "s3:PutObject", checkpoint, create],
    ["read an event back", "s3:GetObject", event],
    ["delete", "s3:DeleteObject", event],
    ["delete a version", "s3:DeleteObjectVersion", event],
    ["change retention", "s3:PutObjectRetention", event],
    ["set a legal hold", "s3:PutObjectLegalHold", event],
    ["bypass governance", "s3:BypassGovernanceRetention", event],
    ["let objects expire", "s3:PutLifecycleConfiguration", arc],
    ["read the data stream", "dynamodb:GetRecords", `${data}/stream/2026`],
    ["use the audit key directly", "kms:GenerateDataKey", keys.audit],
    ["decrypt the archive", "kms:Decrypt", keys.audit, throughS3],
    ["unwrap a tenant's key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    [
      "sign a checkpoint",
      "kms:Sign",
      keys.checkpoint,
      { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    ],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
    ...[data, outbox, keyTable].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, row]),
    ),
  ]);
});

describe("the cross-check", () => {
  may("crossCheck", [
    ["read the data stream", "dynamodb:GetRecords", `${data}/stream/2026`],
    ["read the event id of a row", "dynamodb:GetItem", data, { ...row, ...plain }],
    ["ask whether an event exists", "dynamodb:GetItem", outbox, { ...leading(`T#${A}#A#2026-11-22`), ...plain }],
  ]);
  mayNot("crossCheck", [
    ["read a whole row", "dynamodb:GetItem", data, row],
    [
      "read the sealed attribute",
      "dynamodb:GetItem",
      data,
      { ...row, "dynamodb:Attributes": ["pk", "phi"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
    ],
    ["read a whole event", "dynamodb:GetItem", outbox, leading(`T#${A}#A#2026-11-22`)],
    ["read a wrapped key", "dynamodb:GetItem", keyTable, { ...leading(`T#${A}#C#K`), ...plain }],
    ["read the registry", "dynamodb:GetItem", registry, { ...leading(`TENANT#${A}`), ...plain }],
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    ["read the archive", "s3:GetObject", event],
    ...anyItemAction
      .filter((name) => name !== "GetItem")
      .map((name): Row => [`${name} data`, `dynamodb:${name}`, data, { ...row, ...plain }]),
  ]);
});

describe("the sealer", () => {
  const sign = { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" };
  may("seal", [
    ["read an event", "s3:GetObject", event],
    ["list the archive", "s3:ListBucket", arc],
    ["create a checkpoint", "s3:PutObject", checkpoint, create],
    ["decrypt through S3", "kms:Decrypt", keys.audit, throughS3],
    ["sign a checkpoint", "kms:Sign", keys.checkpoint, sign],
    ["name its public key", "kms:GetPublicKey", keys.checkpoint],
  ]);
  mayNot("seal", [
    ["put a checkpoint over another", "s3:PutObject", checkpoint],
    ["create an event", "s3:PutObject", event, create],
    ["delete an event", "s3:DeleteObject", event],
    ["sign in another way", "kms:Sign", keys.checkpoint, { ...sign, "kms:SigningAlgorithm": "ED25519_PH_SHA_512" }],
    ["sign an access token", "kms:Sign", keys.token, { "kms:SigningAlgorithm": "ECDSA_SHA_256" }],
    ["unwrap a tenant's key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
    ...[data, outbox, keyTable, registry].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, row]),
    ),
  ]);
});

describe("AW-20 KEY-10 the control plane", () => {
  const pair = { "kms:DataKeyPairSpec": "ECC_NIST_P256" };
  may("controlPlane", [
    ["make a tenant", "dynamodb:PutItem", registry, leading(`TENANT#${A}`)],
    ["list tenants", "dynamodb:Query", indexArn(site, "registry"), leading("TENANTS")],
    ["keep a wrapped key", "dynamodb:PutItem", keyTable, leading(`T#${A}#C#K`)],
    ["mint a wrapped key", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, wrapped(A, "C")],
    ["mint the pair for names", "kms:GenerateDataKeyPairWithoutPlaintext", keys.cell, { ...wrapped(A, "U"), ...pair }],
    ["mint the audit pair", "kms:GenerateDataKeyPairWithoutPlaintext", keys.cell, { ...wrapped(A, "A"), ...pair }],
    ["hash a login", "kms:GenerateMac", keys.session, { "kms:MacAlgorithm": "HMAC_SHA_256" }],
  ]);
  mayNot("controlPlane", [
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    ["see a key that it mints", "kms:GenerateDataKey", keys.cell, wrapped(A, "C")],
    ["see a pair that it mints", "kms:GenerateDataKeyPair", keys.cell, { ...wrapped(A, "A"), ...pair }],
    ["mint the audit class as a data key", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, wrapped(A, "A")],
    [
      "mint a pair for another class",
      "kms:GenerateDataKeyPairWithoutPlaintext",
      keys.cell,
      { ...wrapped(A, "C"), ...pair },
    ],
    [
      "mint a pair of another kind",
      "kms:GenerateDataKeyPairWithoutPlaintext",
      keys.cell,
      { ...wrapped(A, "A"), "kms:DataKeyPairSpec": "RSA_2048" },
    ],
    ["mint for another cell", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, wrapped(A, "C", { cell: "c02" })],
    ["mint for what is no tenant", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, wrapped("acme", "C")],
    ["mint without a version", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, wrapped(A, "C", { without: "kver" })],
    ["rewrap a key for another tenant", "kms:ReEncryptTo", keys.cell, wrapped(B, "C")],
    ["delete a key", "kms:ScheduleKeyDeletion", keys.cell],
    ["change a key policy", "kms:PutKeyPolicy", keys.cell],
    ["grant a key", "kms:CreateGrant", keys.cell, wrapped(A, "C")],
    ["sign an access token", "kms:Sign", keys.token, { "kms:SigningAlgorithm": "ECDSA_SHA_256" }],
    ["forge a session", "dynamodb:PutItem", registry, leading("SESSION#d")],
    ["forge a session beside another row", "dynamodb:PutItem", registry, leading(`USER#${A}`, "SESSION#d")],
    ["forge a passkey", "dynamodb:PutItem", registry, leading(`CREDENTIAL#${A}`, "PASSKEY#d")],
    ["forge the answer to a challenge", "dynamodb:PutItem", registry, leading("CHALLENGE#d")],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
    ["become an appender of events", "sts:AssumeRole", auditAppendRoleArn(site)],
    ["make a role", "iam:CreateRole", principals.admin.roleArn],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`],
    ...[data, outbox].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, { ...row, ...tagged(A) }]),
    ),
  ]);
});

describe("the identity role", () => {
  may("identity", [
    ["find a login", "dynamodb:GetItem", registry, leading("LOGIN#d")],
    ["open a session", "dynamodb:PutItem", registry, leading("SESSION#d")],
    ["keep a passkey", "dynamodb:PutItem", registry, leading(`CREDENTIAL#${A}`, "PASSKEY#d")],
    ["find whose passkey it is", "dynamodb:GetItem", registry, leading("PASSKEY#d")],
    ["use a challenge up", "dynamodb:PutItem", registry, leading("CHALLENGE#d")],
    ["list a user's sessions", "dynamodb:Query", indexArn(site, "registry"), leading(`SESSIONS#${A}`)],
    ["find an enrolment by its code", "dynamodb:Query", indexArn(site, "registry"), leading("ENROLMENT#d")],
    ["make the login of who enrols", "dynamodb:PutItem", registry, leading("LOGIN#d")],
    ["tell a clinic of a sign-in", "dynamodb:PutItem", registry, leading(`SIGNINS#${A}`)],
    [
      "sign an access token",
      "kms:Sign",
      keys.token,
      { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" },
    ],
    ["derive a secret", "kms:GenerateMac", keys.session, { "kms:MacAlgorithm": "HMAC_SHA_256" }],
  ]);
  mayNot("identity", [
    ["change a tenant", "dynamodb:UpdateItem", registry, leading(`TENANT#${A}`)],
    ["make a member", "dynamodb:PutItem", registry, leading(`PEOPLE#${A}`)],
    ["change an account", "dynamodb:PutItem", registry, leading(`ACCOUNT#${A}`)],
    ["list tenants", "dynamodb:Query", indexArn(site, "registry"), leading("TENANTS")],
    ["list members", "dynamodb:Query", indexArn(site, "registry"), leading(`MEMBERS#${A}`)],
    ["read the registry whole", "dynamodb:Scan", registry],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...tagged(A) }],
    ["read a wrapped key", "dynamodb:GetItem", keyTable, leading(`T#${A}#C#K`)],
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    [
      "sign a checkpoint",
      "kms:Sign",
      keys.checkpoint,
      { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    ],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
  ]);
});

describe("the registry reader", () => {
  may("registryRead", [
    ["read a tenant's state", "dynamodb:GetItem", registry, leading(`TENANT#${A}`)],
    [
      "read tenant, member and session together",
      "dynamodb:BatchGetItem",
      registry,
      leading(`TENANT#${A}`, `USER#${A}`, "SESSION#d"),
    ],
    ["know the key of access tokens", "kms:GetPublicKey", keys.token],
  ]);
  mayNot("registryRead", [
    ["read a login", "dynamodb:GetItem", registry, leading("LOGIN#d")],
    ["read a passkey", "dynamodb:Query", registry, leading(`CREDENTIAL#${A}`)],
    ["find whose passkey it is", "dynamodb:GetItem", registry, leading("PASSKEY#d")],
    ["read a challenge", "dynamodb:GetItem", registry, leading("CHALLENGE#d")],
    ["read a grant", "dynamodb:GetItem", registry, leading("OIDC#AccessToken#d")],
    ["list tenants", "dynamodb:Query", indexArn(site, "registry"), leading("TENANTS")],
    ["write a session", "dynamodb:PutItem", registry, leading("SESSION#d")],
    ["sign an access token", "kms:Sign", keys.token, { "kms:SigningAlgorithm": "ECDSA_SHA_256" }],
    ["derive a secret", "kms:GenerateMac", keys.session, { "kms:MacAlgorithm": "HMAC_SHA_256" }],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...tagged(A) }],
  ]);
});

describe("TEN-4 who opens the names of people, with a session of tenant A", () => {
  const a = principalContext(principals.peopleNames, { tenant: A });
  const key = (tenant: string, letter: string): AccessContext => ({ ...leading(`T#${tenant}#${letter}#K`), ...a });
  may("peopleNames", [
    ["read the row of its key", "dynamodb:GetItem", keyTable, key(A, "U")],
    ["find its versions", "dynamodb:Query", keyTable, key(A, "U")],
    ["unwrap it", "kms:Decrypt", keys.cell, { ...wrapped(A, "U"), ...a }],
  ]);
  mayNot("peopleNames", [
    ["read the key of another tenant", "dynamodb:Query", keyTable, key(B, "U")],
    ["unwrap the key of another tenant", "kms:Decrypt", keys.cell, { ...wrapped(B, "U"), ...a }],
    ["unwrap without a tag", "kms:Decrypt", keys.cell, wrapped(A, "U")],
    ...["C", "S", "B", "D", "X", "A"].flatMap((letter): Row[] => [
      [`read the wrapped key of class ${letter}`, "dynamodb:Query", keyTable, key(A, letter)],
      [`unwrap the key of class ${letter}`, "kms:Decrypt", keys.cell, { ...wrapped(A, letter), ...a }],
    ]),
    ...["PEOPLE", "ACCOUNT"].map((kept): Row => [
      `read ${kept}, which it opens`,
      "dynamodb:Query",
      registry,
      { ...leading(`${kept}#${A}`), ...a },
    ]),
    ["replace its key", "dynamodb:PutItem", keyTable, { ...key(A, "U"), ...inTransaction }],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...a }],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`, a],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site), a],
  ]);
  mayNot("tenant", [["unwrap the key of names", "kms:Decrypt", keys.cell, { ...wrapped(A, "U"), ...tagged(A) }]]);
  mayNot("controlPlane", [["unwrap the key of names", "kms:Decrypt", keys.cell, wrapped(A, "U")]]);
  mayNot("identity", [["unwrap the key of names", "kms:Decrypt", keys.cell, wrapped(A, "U")]]);
  mayNot("registryPeople", [
    [
      "unwrap the key of names",
      "kms:Decrypt",
      keys.cell,
      { ...wrapped(A, "U"), ...principalContext(principals.registryPeople, { tenant: A }) },
    ],
  ]);
});

describe("COST-7 who reads the books, with a session of the platform's own tenant", () => {
  const a = principalContext(principals.books, { tenant: A });
  const at = (name: string): string => `${costArn(site)}/v1/${name}`;
  const through = { "kms:ViaService": `s3.${site.region}.amazonaws.com` };
  const first = { "s3:if-none-match": "*" };
  may("books", [
    ["read a book", "s3:GetObject", at("months/2026-11/book.jsonl.gz"), a],
    ["read a closed month", "s3:GetObject", at("closed/2026-10/manifest.json"), a],
    ["find what was put in", "s3:ListBucket", costArn(site), { "s3:prefix": "v1/inputs/", ...a }],
    ["put in once", "s3:PutObject", at("inputs/budgets/all/x/000001.json"), { ...first, ...a }],
    ["open the bucket's files through S3", "kms:Decrypt", keys.cost, { ...through, ...a }],
    ["list the clinics", "dynamodb:Query", indexArn(site, "registry"), { ...leading("TENANTS"), ...a }],
  ]);
  mayNot("books", [
    ["put in over what stands", "s3:PutObject", at("inputs/budgets/all/x/000001.json"), a],
    ["write a book", "s3:PutObject", at("months/2026-11/book.jsonl.gz"), { ...first, ...a }],
    ["write a closed month", "s3:PutObject", at("closed/2026-10/manifest.json"), { ...first, ...a }],
    ["read a raw fact", "s3:GetObject", at("facts/2026-11/x"), a],
    ["read a clinic's statement", "s3:GetObject", at(`clinics/${A}/2026-11.json`), a],
    ["destroy what was put in", "s3:DeleteObject", at("inputs/budgets/all/x/000001.json"), a],
    ["use the bucket's key by itself", "kms:Decrypt", keys.cost, a],
    ["work without its tag", "s3:GetObject", at("months/2026-11/book.jsonl.gz")],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`, a],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...a }],
    ["read an event", "dynamodb:Query", outbox, { ...leading(`T#${A}#A#2026-11-22`), ...a }],
    ["list a clinic's members", "dynamodb:Query", indexArn(site, "registry"), { ...leading(`MEMBERS#${A}`), ...a }],
    ["read a session", "dynamodb:GetItem", registry, { ...leading("SESSION#d"), ...a }],
    ["unwrap a key", "kms:Decrypt", keys.cell, { ...wrapped(A, "C"), ...a }],
    ["become a tenant's request", "sts:AssumeRole", tenantRoleArn(site), a],
  ]);
});

describe("COST-6 who reads a clinic's statement, with a session of tenant A", () => {
  const a = principalContext(principals.statementRead, { tenant: A });
  const at = (name: string): string => `${costArn(site)}/v1/${name}`;
  const list = (prefix: string): AccessContext => ({ "s3:prefix": prefix, ...a });
  may("statementRead", [
    ["read its statement", "s3:GetObject", at(`clinics/${A}/2026-11.json`), a],
    ["find its statements", "s3:ListBucket", costArn(site), list(`v1/clinics/${A}/`)],
  ]);
  mayNot("statementRead", [
    ["read another clinic's", "s3:GetObject", at(`clinics/${B}/2026-11.json`), a],
    ["find another clinic's", "s3:ListBucket", costArn(site), list(`v1/clinics/${B}/`)],
    ["find all clinics", "s3:ListBucket", costArn(site), list("v1/clinics/")],
    ["find everything", "s3:ListBucket", costArn(site), a],
    ["read a book", "s3:GetObject", at("months/2026-11/book.jsonl.gz"), a],
    ["write its statement", "s3:PutObject", at(`clinics/${A}/2026-11.json`), { "s3:if-none-match": "*", ...a }],
    ["work without its tag", "s3:GetObject", at(`clinics/${A}/2026-11.json`)],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...a }],
    ["unwrap a key", "kms:Decrypt", keys.cell, { ...wrapped(A, "C"), ...a }],
  ]);
});

describe("AUD-8 the audit appender, with a session of tenant A", () => {
  const a = principalContext(principals.auditAppend, { tenant: A });
  const events = (tenant: string): AccessContext => ({ ...leading(`T#${tenant}#A#2026-11-22`), ...a });
  const auditKey = { ...leading(`T#${A}#A#K`), ...a };
  may("auditAppend", [
    ["append an event", "dynamodb:PutItem", outbox, { ...events(A), "dynamodb:ReturnValues": "NONE" }],
    ["read the row of the audit key", "dynamodb:GetItem", keyTable, auditKey],
    ["find its active version", "dynamodb:Query", keyTable, auditKey],
  ]);
  const pair = { "kms:DataKeyPairSpec": "ECC_NIST_P256" };
  mayNot("auditAppend", [
    ["append an event without a tag", "dynamodb:PutItem", outbox, leading(`T#${A}#A#2026-11-22`)],
    ["append an event of another tenant", "dynamodb:PutItem", outbox, events(B)],
    ["append for two tenants", "dynamodb:PutItem", outbox, { ...events(A), ...leading(`T#${A}#A#d`, `T#${B}#A#d`) }],
    [
      "overwrite and see what was there",
      "dynamodb:PutItem",
      outbox,
      { ...events(A), "dynamodb:ReturnValues": "ALL_OLD" },
    ],
    ["put what is no event into the outbox", "dynamodb:PutItem", outbox, { ...leading(`T#${A}#C#P#1`), ...a }],
    ...anyItemAction
      .filter((name) => name !== "PutItem")
      .map((name): Row => [`${name} outbox`, `dynamodb:${name}`, outbox, events(A)]),
    ["read the outbox stream", "dynamodb:GetRecords", `${outbox}/stream/2026`, a],
    ...[data, registry].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, { ...row, ...a }]),
    ),
    ["look into an index", "dynamodb:Query", indexArn(site, "data"), { ...row, ...a }],
    ["read another tenant's audit key", "dynamodb:GetItem", keyTable, { ...leading(`T#${B}#A#K`), ...a }],
    ...["C", "S", "B", "D", "X"].map((dataClass): Row => [
      `read a wrapped key of class ${dataClass}`,
      "dynamodb:GetItem",
      keyTable,
      { ...leading(`T#${A}#${dataClass}#K`), ...a },
    ]),
    ["replace the audit key", "dynamodb:PutItem", keyTable, auditKey],
    ["unwrap the audit key", "kms:Decrypt", keys.cell, { ...wrapped(A, "A"), ...a }],
    ["unwrap a data key", "kms:Decrypt", keys.cell, { ...wrapped(A, "C"), ...a }],
    ["mint a key", "kms:GenerateDataKeyWithoutPlaintext", keys.cell, { ...wrapped(A, "C"), ...a }],
    ["mint an audit pair", "kms:GenerateDataKeyPairWithoutPlaintext", keys.cell, { ...wrapped(A, "A"), ...pair, ...a }],
    ["sign an access token", "kms:Sign", keys.token, { "kms:SigningAlgorithm": "ECDSA_SHA_256", ...a }],
    ["derive a secret", "kms:GenerateMac", keys.session, { "kms:MacAlgorithm": "HMAC_SHA_256", ...a }],
    ["read the archive", "s3:GetObject", event, a],
    ["put into the archive", "s3:PutObject", event, { ...create, ...a }],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`, a],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site), a],
    ["make a role", "iam:CreateRole", principals.admin.roleArn, a],
  ]);

  it("may read no wrapped key but the audit key's, also where its own policy would let it", () => {
    const open: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    const decide = (dataClass: string) =>
      evaluate(
        {
          principal: principals.auditAppend,
          action: "dynamodb:GetItem",
          resource: keyTable,
          context: { ...a, ...leading(`T#${A}#${dataClass}#K`) },
        },
        { identity: [open], resource: documentOf("table/keys") },
      );
    expect(decide("A").allowed).toBe(true);
    expect(decide("C")).toMatchObject({ reason: "explicit-deny", sid: "TheTrailsRolesReadTheAuditKey" });
  });
});

describe("the operator", () => {
  may("operator", [
    ["read an event", "s3:GetObject", event],
    ["read every version of it", "s3:GetObjectVersion", event],
    ["list versions", "s3:ListBucketVersions", arc],
    ["decrypt through S3", "kms:Decrypt", keys.audit, throughS3],
    ["know the checkpoint key", "kms:GetPublicKey", keys.checkpoint],
  ]);
  mayNot("operator", [
    ["use the audit key directly", "kms:Decrypt", keys.audit],
    ["put an object", "s3:PutObject", event, create],
    ["read a chart", "dynamodb:GetItem", data, row],
    ["read the registry", "dynamodb:GetItem", registry, leading(`TENANT#${A}`)],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
    ["start a function", "lambda:InvokeFunction", functionArn(site, "platform")],
  ]);
});

describe("AUD-4 the reader of a clinic's own trail, with a session of tenant A", () => {
  const a = principalContext(principals.auditRead, { tenant: A, purpose: "HOPERAT", role: "auditor" });
  const rows = (tenant: string): AccessContext => ({ ...leading(`T#${tenant}#A#I#C#success`), ...a });
  const list = (prefix: string): AccessContext => ({ "s3:prefix": prefix, ...a });
  may("auditRead", [
    ["search the index", "dynamodb:Query", trail, rows(A)],
    ["read a row of it", "dynamodb:GetItem", trail, rows(A)],
    ["read its events", "s3:GetObject", event, a],
    ["read its checkpoints", "s3:GetObject", checkpoint, a],
    ["list its events", "s3:ListBucket", arc, list(`v1/events/t/${A}/2026-11-22/`)],
    ["list its checkpoints", "s3:ListBucket", arc, list(`v1/log/t/${A}/seal/`)],
    ["read what the witness countersigned", "s3:GetObject", cosigned, a],
    ["list what the witness countersigned", "s3:ListBucket", wit, list(`v1/log/t/${A}/cosigned/`)],
    ["decrypt through S3", "kms:Decrypt", keys.audit, { ...throughS3, ...a }],
    ["read its audit key", "dynamodb:Query", keyTable, { ...leading(`T#${A}#A#K`), ...a }],
    ["open its sealed detail", "kms:Decrypt", keys.cell, { ...wrapped(A, "A"), ...a }],
  ]);
  mayNot("auditRead", [
    ["search another tenant's index", "dynamodb:Query", trail, rows(B)],
    ["search without a tag", "dynamodb:Query", trail, leading(`T#${A}#A#I#C#success`)],
    ["write into the index", "dynamodb:PutItem", trail, rows(A)],
    ["forget a signal", "dynamodb:UpdateItem", trail, { ...leading(`T#${A}#A#S`), ...a }],
    ["read the index whole", "dynamodb:Scan", trail, a],
    ["read another tenant's events", "s3:GetObject", `${arc}/v1/events/t/${B}/e`, a],
    ["list another tenant's events", "s3:ListBucket", arc, list(`v1/events/t/${B}/`)],
    ["list all tenants", "s3:ListBucket", arc, list("v1/events/t/")],
    ["list without a prefix", "s3:ListBucket", arc, a],
    ["read evidence of no tenant", "s3:GetObject", `${arc}/v1/events/quarantine/2026-11-22/x`, a],
    ["read the trail of the account", "s3:GetObject", `${cloudTrailArn(site)}/AWSLogs/${site.accountId}/f`, a],
    ["put into the archive", "s3:PutObject", event, { ...create, ...a }],
    ["put into the witness's bucket", "s3:PutObject", cosigned, { ...create, ...a }],
    ["append an event", "dynamodb:PutItem", outbox, { ...leading(`T#${A}#A#2026-11-22`), ...a }],
    ["read the outbox", "dynamodb:Query", outbox, { ...leading(`T#${A}#A#2026-11-22`), ...a }],
    ["open another tenant's detail", "kms:Decrypt", keys.cell, { ...wrapped(B, "A"), ...a }],
    ...["C", "S", "B", "D", "X"].map((dataClass): Row => [
      `unwrap a key of class ${dataClass}`,
      "kms:Decrypt",
      keys.cell,
      { ...wrapped(A, dataClass), ...a },
    ]),
    ["read a wrapped chart key", "dynamodb:GetItem", keyTable, { ...leading(`T#${A}#C#K`), ...a }],
    ...[data, registry].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, { ...row, ...a }]),
    ),
    ["sign a checkpoint", "kms:Sign", keys.checkpoint, { ...note, ...a }],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site), a],
  ]);
});

describe("AUD-12 a tenant's request beside its trail", () => {
  const a = tagged(A);
  may("tenant", [
    [
      "append an event together with a check of the consent that it was answered under",
      "dynamodb:ConditionCheckItem",
      data,
      { ...leading(`T#${A}#D#PRV`), ...a },
    ],
    [
      "put that event in the same transaction",
      "dynamodb:PutItem",
      outbox,
      { ...leading(`T#${A}#A#2026-11-22`), ...inTransaction, ...a },
    ],
  ]);
  mayNot("tenant", [
    ["check another tenant's consent", "dynamodb:ConditionCheckItem", data, { ...leading(`T#${B}#D#PRV`), ...a }],
    ["read the index of events", "dynamodb:Query", trail, { ...leading(`T#${A}#A#I#C#success`), ...a }],
    ["forge a row of the index", "dynamodb:PutItem", trail, { ...leading(`T#${A}#A#S`), ...a }],
    ["open audit detail", "kms:Decrypt", keys.cell, { ...wrapped(A, "A"), ...a }],
    ["write the file of an export", "s3:PutObject", `${att}/t/${A}/X/${JOB}/part-1`, { ...create, ...a }],
    ["destroy the file of an export", "s3:DeleteObject", `${att}/t/${A}/X/${JOB}/part-1`, a],
  ]);
});

describe("EXP-1 the export of one job, of tenant A", () => {
  const a = principalContext(principals.tenantExport, { tenant: A, job: JOB, purpose: "HOPERAT", role: "x" });
  const queue = { ...a, "aws:PrincipalTag/job": "queue" };
  const file = `${att}/t/${A}/X/${JOB}/part-1`;
  const list = (prefix: string): AccessContext => ({ "s3:prefix": prefix, ...a });
  const jobs = leading(`T#${A}#D#JOB`);
  may("tenantExport", [
    ["read a chart", "dynamodb:Query", data, { ...row, ...a }],
    ["check a consent", "dynamodb:ConditionCheckItem", data, { ...leading(`T#${A}#D#PRV`), ...a }],
    ["unwrap a key", "kms:Decrypt", keys.cell, { ...wrapped(A, "C"), ...a }],
    ["read a wrapped key", "dynamodb:Query", keyTable, { ...leading(`T#${A}#C#K`), ...a }],
    ["keep its row", "dynamodb:PutItem", data, { ...jobs, ...inTransaction, ...a }],
    [
      "append an event",
      "dynamodb:PutItem",
      outbox,
      { ...leading(`T#${A}#A#d`), "dynamodb:ReturnValues": "NONE", ...a },
    ],
    ["write its file", "s3:PutObject", file, { ...create, ...a }],
    ["read its file", "s3:GetObject", file, a],
    ["read what a document holds", "s3:GetObject", `${att}/t/${A}/C/o`, a],
    ["list its files", "s3:ListBucketVersions", att, list(`t/${A}/X/${JOB}/`)],
    ["destroy its file", "s3:DeleteObject", file, a],
    ["destroy the version behind it", "s3:DeleteObjectVersion", file, a],
    ["with the queue's session find jobs", "dynamodb:Query", data, { ...jobs, ...queue }],
  ]);
  mayNot("tenantExport", [
    ["read a chart with the queue's session", "dynamodb:Query", data, { ...row, ...queue }],
    ["keep a row with the queue's session", "dynamodb:PutItem", data, { ...jobs, ...inTransaction, ...queue }],
    [
      "read a chart without a job",
      "dynamodb:Query",
      data,
      { ...row, ...principalContext(principals.tenantExport, { tenant: A }) },
    ],
    [
      "read a chart without a tenant",
      "dynamodb:Query",
      data,
      { ...row, ...principalContext(principals.tenantExport, { job: JOB }) },
    ],
    ["read another tenant's chart", "dynamodb:Query", data, { ...leading(`T#${B}#C#P#1`), ...a }],
    ["change a chart", "dynamodb:PutItem", data, { ...row, ...inTransaction, ...a }],
    ["lift a legal hold", "dynamodb:PutItem", data, { ...leading(`T#${A}#D#PRV`), ...inTransaction, ...a }],
    ["keep its row without an event", "dynamodb:PutItem", data, { ...jobs, ...a }],
    ["change its row in place", "dynamodb:UpdateItem", data, { ...jobs, ...inTransaction, ...a }],
    ["read another job's file", "s3:GetObject", `${att}/t/${A}/X/${JOB}0/part-1`, a],
    ["read another tenant's attachment", "s3:GetObject", `${att}/t/${B}/C/o`, a],
    ["read an attachment with the queue's session", "s3:GetObject", `${att}/t/${A}/C/o`, queue],
    ["write another job's file", "s3:PutObject", `${att}/t/${A}/X/${JOB}0/part-1`, { ...create, ...a }],
    ["write its file twice", "s3:PutObject", file, a],
    ["destroy another job's file", "s3:DeleteObject", `${att}/t/${A}/X/${JOB}0/part-1`, a],
    ["destroy an attachment", "s3:DeleteObject", `${att}/t/${A}/C/o`, a],
    ["write an attachment", "s3:PutObject", `${att}/t/${A}/C/o`, { ...create, ...a }],
    ["list another job's files", "s3:ListBucketVersions", att, list(`t/${A}/X/${JOB}0/`)],
    ["list all attachments", "s3:ListBucket", att, list(`t/${A}/`)],
    ["open audit detail", "kms:Decrypt", keys.cell, { ...wrapped(A, "A"), ...a }],
    ["unwrap another tenant's key", "kms:Decrypt", keys.cell, { ...wrapped(B, "C"), ...a }],
    ["read the trail", "dynamodb:Query", trail, { ...leading(`T#${A}#A#S`), ...a }],
    ["become a tenant's request", "sts:AssumeRole", tenantRoleArn(site), a],
  ]);
});

describe("TEN-4 the keeper of a clinic's people and apps, with a session of tenant A", () => {
  const a = principalContext(principals.registryPeople, { tenant: A });
  const kept = ["PEOPLE", "ACCOUNT", "ONCE"];
  may("registryPeople", [
    ...kept.map((name): Row => [`read its ${name}`, "dynamodb:Query", registry, { ...leading(`${name}#${A}`), ...a }]),
    ["read what it is told of sign-ins", "dynamodb:Query", registry, { ...leading(`SIGNINS#${A}`), ...a }],
    ...kept.map((name): Row => [
      `keep its ${name} in a transaction`,
      "dynamodb:PutItem",
      registry,
      { ...leading(`${name}#${A}`), ...inTransaction, ...a },
    ]),
  ]);
  mayNot("registryPeople", [
    ...[...kept, "SIGNINS"].flatMap((name): Row[] => [
      [`read another clinic's ${name}`, "dynamodb:Query", registry, { ...leading(`${name}#${B}`), ...a }],
      [
        `write another clinic's ${name}`,
        "dynamodb:PutItem",
        registry,
        { ...leading(`${name}#${B}`), ...inTransaction, ...a },
      ],
    ]),
    ...["SESSION#d", `CREDENTIAL#${USER}`, "LOGIN#d", `USER#${USER}`, `TENANT#${A}`, `PRIVACY#${A}`].flatMap(
      (name): Row[] => [
        [`read ${name}`, "dynamodb:GetItem", registry, { ...leading(name), ...a }],
        [`write ${name}`, "dynamodb:PutItem", registry, { ...leading(name), ...inTransaction, ...a }],
      ],
    ),
    ["write its own outside of a transaction", "dynamodb:PutItem", registry, { ...leading(`PEOPLE#${A}`), ...a }],
    ["tell itself of a sign-in", "dynamodb:PutItem", registry, { ...leading(`SIGNINS#${A}`), ...inTransaction, ...a }],
    [
      "list somebody's sessions",
      "dynamodb:Query",
      indexArn(site, "registry"),
      { ...leading(`SESSIONS#${USER}`), ...a },
    ],
    ["write an event by itself", "dynamodb:PutItem", outbox, { ...leading(`T#${A}#A#d`), ...inTransaction, ...a }],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...a }],
    ["read a wrapped key", "dynamodb:GetItem", keyTable, { ...leading(`T#${A}#A#K`), ...a }],
    ["unwrap a key", "kms:Decrypt", keys.cell, { ...wrapped(A, "C"), ...a }],
    ["derive a secret of sign-in", "kms:GenerateMac", keys.session, { "kms:MacAlgorithm": "HMAC_SHA_256", ...a }],
    ["work without its tag", "dynamodb:Query", registry, leading(`PEOPLE#${A}`)],
    ["become a tenant's request", "sts:AssumeRole", tenantRoleArn(site), a],
  ]);
});

describe("the changer of privacy settings, with a session of tenant A", () => {
  const a = principalContext(principals.registryPrivacy, { tenant: A });
  const own = { ...leading(`PRIVACY#${A}`), ...a };
  may("registryPrivacy", [
    ["change its clinic's settings in a transaction", "dynamodb:PutItem", registry, { ...own, ...inTransaction }],
    ["tell of it in the same", "dynamodb:PutItem", outbox, { ...leading(`T#${A}#A#d`), ...inTransaction, ...a }],
    ["list its members", "dynamodb:Query", indexArn(site, "registry"), { ...leading(`MEMBERS#${A}`), ...a }],
  ]);
  mayNot("registryPrivacy", [
    [
      "list another clinic's members",
      "dynamodb:Query",
      indexArn(site, "registry"),
      { ...leading(`MEMBERS#${B}`), ...a },
    ],
    ["list tenants", "dynamodb:Query", indexArn(site, "registry"), { ...leading("TENANTS"), ...a }],
    ["list somebody's sessions", "dynamodb:Query", indexArn(site, "registry"), { ...leading(`SESSIONS#${A}`), ...a }],
    ["query the registry itself", "dynamodb:Query", registry, { ...leading(`PEOPLE#${A}`), ...a }],
    ["change them without an event", "dynamodb:PutItem", registry, own],
    ["change another clinic's", "dynamodb:PutItem", registry, { ...leading(`PRIVACY#${B}`), ...inTransaction, ...a }],
    ["suspend a tenant", "dynamodb:PutItem", registry, { ...leading(`TENANT#${A}`), ...inTransaction, ...a }],
    ["forge a session", "dynamodb:PutItem", registry, { ...leading("SESSION#d"), ...inTransaction, ...a }],
    ["make a member", "dynamodb:PutItem", registry, { ...leading(`PEOPLE#${A}`), ...inTransaction, ...a }],
    ["read a chart", "dynamodb:GetItem", data, { ...row, ...a }],
  ]);
});

describe("AUD-3 the index of events", () => {
  may("index", [
    ["read the outbox stream", "dynamodb:GetRecords", `${outbox}/stream/2026`],
    ["write a row", "dynamodb:PutItem", trail, leading(`T#${A}#A#I#C#success`)],
    ["park what it cannot write", "sqs:SendMessage", deadLetterQueueArn(site)],
  ]);
  mayNot("index", [
    ["read a row back", "dynamodb:GetItem", trail, leading(`T#${A}#A#I#C#success`)],
    [
      "see what it overwrote",
      "dynamodb:PutItem",
      trail,
      { ...leading(`T#${A}#A#S`), "dynamodb:ReturnValues": "ALL_OLD" },
    ],
    ["write what is no trail", "dynamodb:PutItem", trail, leading(`T#${A}#C#P#1`)],
    ["read the data stream", "dynamodb:GetRecords", `${data}/stream/2026`],
    ["open sealed detail", "kms:Decrypt", keys.cell, wrapped(A, "A")],
    ["put into the archive", "s3:PutObject", event, create],
    ["become the reader of a trail", "sts:AssumeRole", principals.auditRead.roleArn],
    ...[data, outbox, keyTable].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, row]),
    ),
  ]);
});

describe("AUD-12 the reconciler", () => {
  const events = leading(`T#${A}#A#2026-11-22`);
  const text = { "dynamodb:Attributes": ["pk", "sk", "event"], "dynamodb:Select": "SPECIFIC_ATTRIBUTES" };
  may("reconcile", [
    ["list a day's events", "dynamodb:Query", outbox, { ...events, ...text }],
    ["raise a signal", "dynamodb:PutItem", trail, leading(`T#${A}#A#S`)],
    ["list what is archived", "s3:ListBucket", arc, { "s3:prefix": `v1/events/t/${A}/` }],
    ["read an archived batch", "s3:GetObject", event],
    ["read CloudTrail's files", "s3:GetObject", `${cloudTrailArn(site)}/AWSLogs/${site.accountId}/f`],
    ["read a function's log", "logs:FilterLogEvents", `${logGroupArn(site, "fhir")}:*`],
    ["read the access log", "logs:FilterLogEvents", `${apiLogGroupArn(site)}:*`],
  ]);
  const settings = leading(`PRIVACY#${A}`);
  const members = leading(`MEMBERS#${A}`);
  const only = (...names: readonly string[]): AccessContext => ({
    "dynamodb:Attributes": names,
    "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
  });
  const membersIndex = indexArn(site, "registry");
  may("reconcile", [
    [
      "know when a clinic works",
      "dynamodb:Query",
      registry,
      { ...settings, ...only("pk", "sk", "tenantId", "profile", "timeZone") },
    ],
    [
      "know who of it is a patient too",
      "dynamodb:Query",
      membersIndex,
      { ...members, ...only("pk", "sk", "gpk", "gsk", "tenantId", "userId", "patientId", "roles", "status") },
    ],
  ]);
  mayNot("reconcile", [
    ["know who is a privacy officer", "dynamodb:Query", registry, { ...settings, ...only("pk", "privacyOfficers") }],
    ["read settings whole", "dynamodb:Query", registry, settings],
    ["read settings one by one", "dynamodb:GetItem", registry, { ...settings, ...only("pk", "profile") }],
    ["change settings", "dynamodb:PutItem", registry, { ...settings, ...inTransaction }],
    ["read members whole", "dynamodb:Query", membersIndex, members],
    [
      "know which practitioner one is",
      "dynamodb:Query",
      membersIndex,
      { ...members, ...only("gpk", "practitionerId") },
    ],
    [
      "know which tenants there are",
      "dynamodb:Query",
      membersIndex,
      { ...leading("TENANTS"), ...only("gpk", "tenantId") },
    ],
    [
      "know who is signed in",
      "dynamodb:Query",
      membersIndex,
      { ...leading(`SESSIONS#${USER}`), ...only("gpk", "userId") },
    ],
    ["read a user", "dynamodb:Query", registry, { ...leading(`USER#${USER}`), ...only("pk", "userId") }],
    ["read a secret", "dynamodb:Query", registry, { ...leading(`CREDENTIAL#${USER}`), ...only("pk", "userId") }],
    ["list events whole", "dynamodb:Query", outbox, events],
    ["read one event", "dynamodb:GetItem", outbox, { ...events, ...text }],
    ["list rows that are no events", "dynamodb:Query", outbox, { ...row, ...text }],
    ["write a row of the index", "dynamodb:PutItem", trail, leading(`T#${A}#A#I#C#success`)],
    ["forget a signal", "dynamodb:DeleteItem", trail, leading(`T#${A}#A#S`)],
    ["read the trail", "dynamodb:Query", trail, leading(`T#${A}#A#S`)],
    ["append an event that was missing", "dynamodb:PutItem", outbox, events],
    ["put a batch that was missing", "s3:PutObject", event, create],
    ["rewrite CloudTrail's files", "s3:PutObject", `${cloudTrailArn(site)}/AWSLogs/${site.accountId}/f`, create],
    ["write a line into a log", "logs:PutLogEvents", `${logGroupArn(site, "fhir")}:log-stream:x`],
    ["open sealed detail", "kms:Decrypt", keys.cell, wrapped(A, "A")],
    ["sign a checkpoint", "kms:Sign", keys.checkpoint, note],
    ["become the reader of a trail", "sts:AssumeRole", principals.auditRead.roleArn],
    ...[data, keyTable, registry].flatMap((table) =>
      anyItemAction.map((name): Row => [`${name} ${table}`, `dynamodb:${name}`, table, row]),
    ),
  ]);
});

describe("the export function by itself", () => {
  may("export", [["know which tenants there are", "dynamodb:Query", indexArn(site, "registry"), leading("TENANTS")]]);
  mayNot("export", [
    ["list members", "dynamodb:Query", indexArn(site, "registry"), leading(`MEMBERS#${A}`)],
    ["find jobs", "dynamodb:Query", data, leading(`T#${A}#D#JOB`)],
    ["write a file", "s3:PutObject", `${att}/t/${A}/X/${JOB}/part-1`, create],
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
  ]);
});

describe("AUD-7 the witness, in an account of its own", () => {
  may("witness", [
    ["read the log", "s3:GetObject", checkpoint],
    ["list the log", "s3:ListBucket", arc, { "s3:prefix": "v1/log/t/" }],
    ["decrypt it through S3", "kms:Decrypt", keys.audit, throughS3],
    ["keep what it signed", "s3:PutObject", cosigned, create],
    ["read what it kept", "s3:GetObject", cosigned],
    ["list what it kept", "s3:ListBucket", wit],
    ["countersign", "kms:Sign", keys.witness, note],
  ]);
  mayNot("witness", [
    ["read an event", "s3:GetObject", event],
    ["list events", "s3:ListBucket", arc, { "s3:prefix": "v1/events/t/" }],
    ["list the archive whole", "s3:ListBucket", arc],
    ["put into the archive", "s3:PutObject", checkpoint, create],
    ["keep over what it kept", "s3:PutObject", cosigned],
    ["delete what it kept", "s3:DeleteObject", cosigned],
    ["sign as the log", "kms:Sign", keys.checkpoint, note],
    ["countersign in another way", "kms:Sign", keys.witness, { ...note, "kms:SigningAlgorithm": "ED25519_PH_SHA_512" }],
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    ["read a chart", "dynamodb:GetItem", data, row],
    ["become a tenant", "sts:AssumeRole", tenantRoleArn(site)],
  ]);
});

describe("AUD-7 the witness's key and bucket, seen from the cell's account", () => {
  const cellAccount = (Object.keys(principals) as (keyof typeof principals)[]).filter(
    (name) => principals[name].accountId === site.accountId,
  );
  it.each(cellAccount)("%s signs nothing with the key and writes nothing into the bucket", (as) => {
    const decisions = [
      ask({ as, action: "kms:Sign", resource: keys.witness, context: note }),
      ask({ as, action: "kms:PutKeyPolicy", resource: keys.witness }),
      ask({ as, action: "s3:PutObject", resource: cosigned, context: create }),
      ask({ as, action: "s3:DeleteObjectVersion", resource: cosigned }),
      ask({ as, action: "s3:PutObjectRetention", resource: cosigned }),
      ask({ as, action: "s3:PutBucketPolicy", resource: wit }),
    ];
    expect(decisions.map(({ allowed }) => allowed)).toEqual(decisions.map(() => false));
  });

  it("an administrator of the witness's own account signs nothing and puts nothing either", () => {
    expect(ask({ as: "witnessAdmin", action: "kms:Sign", resource: keys.witness, context: note }).allowed).toBe(false);
    expect(ask({ as: "witnessAdmin", action: "s3:PutObject", resource: cosigned, context: create }).allowed).toBe(
      false,
    );
    expect(ask({ as: "witnessAdmin", action: "s3:DeleteObjectVersion", resource: cosigned }).allowed).toBe(false);
  });
});

describe.each(["admin", "root"] as const)("an administrator (%s) of the account", (as) => {
  mayNot(as, [
    ["read a chart", "dynamodb:GetItem", data, row],
    ["read a chart with a tenant's tag", "dynamodb:GetItem", data, { ...row, "aws:PrincipalTag/tenant": A }],
    ["scan charts", "dynamodb:Scan", data],
    ["export charts", "dynamodb:ExportTableToPointInTime", data],
    ["write a chart", "dynamodb:PutItem", data, row],
    ["read events", "dynamodb:Query", outbox, row],
    ["forge an event", "dynamodb:PutItem", outbox, row],
    ["delete an event", "dynamodb:DeleteItem", outbox, row],
    ["replace a wrapped key", "dynamodb:PutItem", keyTable, leading(`T#${A}#C#K`)],
    ["delete a wrapped key", "dynamodb:DeleteItem", keyTable, leading(`T#${A}#C#K`)],
    ["unwrap a key", "kms:Decrypt", keys.cell, wrapped(A, "C")],
    [
      "sign a checkpoint",
      "kms:Sign",
      keys.checkpoint,
      { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    ],
    ["sign an access token", "kms:Sign", keys.token, { "kms:SigningAlgorithm": "ECDSA_SHA_256" }],
    ["put into the archive", "s3:PutObject", event, create],
    ["read the index of events", "dynamodb:Query", trail, leading(`T#${A}#A#S`)],
    ["forge a row of the index", "dynamodb:PutItem", trail, leading(`T#${A}#A#S`)],
    ["delete a signal", "dynamodb:DeleteItem", trail, leading(`T#${A}#A#S`)],
    ["write the file of an export", "s3:PutObject", `${att}/t/${A}/X/${JOB}/part-1`, create],
    ["destroy the file of an export", "s3:DeleteObject", `${att}/t/${A}/X/${JOB}/part-1`],
    ["delete from the archive", "s3:DeleteObject", event],
    ["delete a version from the archive", "s3:DeleteObjectVersion", event],
    ["shorten retention", "s3:PutObjectRetention", event],
    ["let the archive expire", "s3:PutLifecycleConfiguration", arc],
    ["read an attachment", "s3:GetObject", `${attachmentArn(site)}/t/${A}/C/o`, { "aws:PrincipalTag/tenant": A }],
  ]);
  may(as, [
    ["look after a table", "dynamodb:UpdateTable", data],
    ["rotate a key", "kms:RotateKeyOnDemand", keys.cell],
  ]);
});

describe("what no document of ours does", () => {
  it("grant DeleteItem", () => {
    const names = [
      "tenant-request",
      "tenant-export",
      "audit-read",
      "registry-privacy",
      "registry-people",
      "registry-read",
      "identity",
      "control-plane",
      "audit-append",
      "books",
      "statement-read",
      "people-names",
      "operator",
      ...FUNCTION_NAMES.map((name) => `fn-${name}`),
    ];
    const granting = names.filter((name) =>
      documentOf(`role/${name}`).Statement.some(
        (statement) => statement.Effect === "Allow" && JSON.stringify(statement.Action).includes("DeleteItem"),
      ),
    );
    expect(granting).toEqual([]);
  });

  it("name a role outside the stage", () => {
    const documents = [
      "trust/tenant-request",
      "trust/tenant-export",
      "trust/audit-append",
      "trust/people-names",
      "trust/audit-read",
      "key/cell",
      "key/witness",
      "table/data",
      "table/trail",
      "bucket/archive",
      "bucket/witness",
    ];
    const text = JSON.stringify(documents.map(documentOf));
    const roles = [...text.matchAll(/:role\/([a-z0-9-]+)/g)].map((match) => match[1] ?? "");
    expect(roles.filter((role) => !role.startsWith(`keyward-${site.stage}-`))).toEqual([]);
  });
});
