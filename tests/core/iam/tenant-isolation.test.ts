import { describe, expect, it } from "vitest";
import {
  attachmentArn,
  evaluate,
  indexArn,
  sessionPolicy,
  tableArn,
  type AccessContext,
  type PolicyDocument,
} from "../../../core/iam/index.ts";
import type { DataClass } from "../../../core/kernel/data-class.ts";
import { A, B, keys, principals, site, tagged, wrapped } from "./stage.ts";
import { allow, document } from "./statements.ts";
import { ask } from "./whole-stage.ts";

const data = tableArn(site, "data");
const outbox = tableArn(site, "outbox");
const keyTable = tableArn(site, "keys");
const gsi1 = indexArn(site, "data");
const att = attachmentArn(site);

const session = (tenantId: typeof A, classes: readonly DataClass[], purpose: "TREAT" | "HPAYMT" | "ETREAT" = "TREAT") =>
  sessionPolicy(site, keys, { tenantId, classes, purpose });
const physician = session(A, ["C", "D", "X", "I"]);
const billing = session(A, ["B", "D", "I"], "HPAYMT");
const breakGlass = session(A, ["C", "S", "D", "X", "I"], "ETREAT");

const leading = (...names: readonly string[]): AccessContext => ({ "dynamodb:LeadingKeys": names });
const inTransaction = { "dynamodb:EnclosingOperation": "TransactWriteItems", "dynamodb:ReturnValues": "NONE" };

interface Row {
  readonly title: string;
  readonly want: "allowed" | "implicit-deny" | "explicit-deny";
  readonly action: string;
  readonly resource: string;
  readonly context?: AccessContext;
  readonly session?: PolicyDocument | null;
  readonly tags?: AccessContext;
}

const run = (rows: readonly Row[]): void => {
  it.each(rows)("$title: $want", (row) => {
    const decision = ask({
      as: "tenant",
      action: row.action,
      resource: row.resource,
      context: { ...(row.tags ?? tagged(A)), ...row.context },
      ...(row.session === null ? {} : { session: row.session ?? physician }),
    });
    expect(decision.reason).toBe(row.want);
  });
};

const DENIED = "implicit-deny";
const NEVER = "explicit-deny";
const OK = "allowed";

describe("ISO-3 a tenant's session on its own rows", () => {
  run([
    { title: "reads a record", want: OK, action: "dynamodb:GetItem", resource: data, context: leading(`T#${A}#C#P#1`) },
    { title: "queries the index", want: OK, action: "dynamodb:Query", resource: gsi1, context: leading(`T#${A}#C#x`) },
    {
      title: "checks a condition",
      want: OK,
      action: "dynamodb:ConditionCheckItem",
      resource: data,
      context: leading(`T#${A}#D#x`),
    },
    {
      title: "writes in a transaction",
      want: OK,
      action: "dynamodb:PutItem",
      resource: data,
      context: { ...leading(`T#${A}#C#P#1`), ...inTransaction },
    },
    {
      title: "appends an audit event",
      want: OK,
      action: "dynamodb:PutItem",
      resource: outbox,
      context: { ...leading(`T#${A}#A#2026-11-22`), "dynamodb:ReturnValues": "NONE" },
    },
    {
      title: "reads its wrapped key",
      want: OK,
      action: "dynamodb:GetItem",
      resource: keyTable,
      context: leading(`T#${A}#C#K`),
    },
    {
      title: "reads the public key for audit detail",
      want: OK,
      action: "dynamodb:Query",
      resource: keyTable,
      context: leading(`T#${A}#A#K`),
    },
    { title: "unwraps its key", want: OK, action: "kms:Decrypt", resource: keys.cell, context: wrapped(A, "C") },
    { title: "reads an attachment", want: OK, action: "s3:GetObject", resource: `${att}/t/${A}/C/o` },
    {
      title: "creates an attachment",
      want: OK,
      action: "s3:PutObject",
      resource: `${att}/t/${A}/C/o`,
      context: { "s3:if-none-match": "*" },
    },
    {
      title: "with break-glass reads class S",
      want: OK,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#S#P#1`),
      session: breakGlass,
      tags: tagged(A, "ETREAT"),
    },
  ]);
});

describe("AW-01 foreign keys", () => {
  run([
    { title: "GetItem", want: DENIED, action: "dynamodb:GetItem", resource: data, context: leading(`T#${B}#C#P#1`) },
    { title: "Query", want: DENIED, action: "dynamodb:Query", resource: data, context: leading(`T#${B}#C#P#1`) },
    {
      title: "BatchGetItem with one foreign key",
      want: DENIED,
      action: "dynamodb:BatchGetItem",
      resource: data,
      context: leading(`T#${A}#C#1`, `T#${B}#C#1`),
    },
    {
      title: "TransactGetItems, judged as GetItem",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: { ...leading(`T#${B}#C#1`), "dynamodb:EnclosingOperation": "TransactGetItems" },
    },
    {
      title: "TransactWriteItems, judged as PutItem",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: data,
      context: { ...leading(`T#${B}#C#1`), ...inTransaction },
    },
    {
      title: "TransactWriteItems, judged as UpdateItem",
      want: DENIED,
      action: "dynamodb:UpdateItem",
      resource: data,
      context: { ...leading(`T#${B}#C#1`), ...inTransaction },
    },
    {
      title: "the outbox",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: outbox,
      context: leading(`T#${B}#A#2026-11-22`),
    },
    {
      title: "wrapped keys",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: keyTable,
      context: leading(`T#${B}#C#K`),
    },
  ]);
});

describe("AW-02 calls without a key", () => {
  const never = [
    "Scan",
    "DescribeTable",
    "ExportTableToPointInTime",
    "RestoreTableToPointInTime",
    "ListTables",
    "DeleteTable",
  ];
  run([
    ...never.map((name): Row => ({ title: name, want: NEVER, action: `dynamodb:${name}`, resource: data })),
    { title: "Scan of the index", want: NEVER, action: "dynamodb:Scan", resource: gsi1 },
    { title: "GetRecords of the stream", want: NEVER, action: "dynamodb:GetRecords", resource: `${data}/stream/2026` },
    ...["Select", "Insert", "Update", "Delete"].flatMap((verb): Row[] => [
      {
        title: `PartiQL${verb} with an own key`,
        want: NEVER,
        action: `dynamodb:PartiQL${verb}`,
        resource: data,
        context: leading(`T#${A}#C#1`),
      },
      { title: `PartiQL${verb} without a key`, want: NEVER, action: `dynamodb:PartiQL${verb}`, resource: data },
    ]),
    { title: "Query whose key is missing from the request", want: DENIED, action: "dynamodb:Query", resource: data },
    {
      title: "GetItem whose key is missing from the request",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
    },
  ]);
});

describe("AW-03 existence and content by the back door", () => {
  run([
    {
      title: "a condition on a foreign row",
      want: DENIED,
      action: "dynamodb:ConditionCheckItem",
      resource: data,
      context: { ...leading(`T#${B}#C#1`), "dynamodb:ReturnValues": "ALL_OLD" },
    },
    {
      title: "UpdateItem that answers ALL_NEW",
      want: DENIED,
      action: "dynamodb:UpdateItem",
      resource: data,
      context: { ...leading(`T#${A}#C#P#1`), ...inTransaction, "dynamodb:ReturnValues": "ALL_NEW" },
    },
    {
      title: "PutItem that answers ALL_OLD",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: data,
      context: { ...leading(`T#${A}#C#P#1`), ...inTransaction, "dynamodb:ReturnValues": "ALL_OLD" },
    },
  ]);
});

describe("AW-04 writes outside a transaction", () => {
  run([
    {
      title: "PutItem",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: data,
      context: { ...leading(`T#${A}#C#P#1`), "dynamodb:ReturnValues": "NONE" },
    },
    {
      title: "UpdateItem",
      want: DENIED,
      action: "dynamodb:UpdateItem",
      resource: data,
      context: { ...leading(`T#${A}#C#P#1`), "dynamodb:ReturnValues": "NONE" },
    },
    {
      title: "BatchWriteItem",
      want: NEVER,
      action: "dynamodb:BatchWriteItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
    },
    { title: "DeleteItem", want: NEVER, action: "dynamodb:DeleteItem", resource: data, context: leading(`T#${A}#C#1`) },
    {
      title: "DeleteItem in a transaction",
      want: NEVER,
      action: "dynamodb:DeleteItem",
      resource: data,
      context: { ...leading(`T#${A}#C#1`), ...inTransaction },
    },
    {
      title: "UpdateItem in a transaction",
      want: OK,
      action: "dynamodb:UpdateItem",
      resource: data,
      context: { ...leading(`T#${A}#C#1`), ...inTransaction },
    },
  ]);
});

describe("AW-05 the outbox is append-only", () => {
  const own = leading(`T#${A}#A#2026-11-22`);
  run([
    { title: "GetItem", want: NEVER, action: "dynamodb:GetItem", resource: outbox, context: own },
    { title: "Query", want: NEVER, action: "dynamodb:Query", resource: outbox, context: own },
    {
      title: "UpdateItem",
      want: NEVER,
      action: "dynamodb:UpdateItem",
      resource: outbox,
      context: { ...own, ...inTransaction },
    },
    { title: "DeleteItem", want: NEVER, action: "dynamodb:DeleteItem", resource: outbox, context: own },
    {
      title: "PutItem that answers ALL_OLD",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: outbox,
      context: { ...own, "dynamodb:ReturnValues": "ALL_OLD" },
    },
    {
      title: "PutItem of another class",
      want: DENIED,
      action: "dynamodb:PutItem",
      resource: outbox,
      context: leading(`T#${A}#C#P#1`),
    },
    {
      title: "PutItem into the keys table",
      want: NEVER,
      action: "dynamodb:PutItem",
      resource: keyTable,
      context: leading(`T#${A}#C#K`),
    },
    {
      title: "UpdateItem of the keys table",
      want: NEVER,
      action: "dynamodb:UpdateItem",
      resource: keyTable,
      context: { ...leading(`T#${A}#C#K`), ...inTransaction },
    },
  ]);
});

describe("AW-06 indexes", () => {
  run([
    {
      title: "an index that is not listed",
      want: DENIED,
      action: "dynamodb:Query",
      resource: `${data}/index/gsi2`,
      context: leading(`T#${A}#C#1`),
    },
    {
      title: "a foreign key of the index",
      want: DENIED,
      action: "dynamodb:Query",
      resource: gsi1,
      context: leading(`T#${B}#C#1`),
    },
    {
      title: "an index key without a tenant",
      want: DENIED,
      action: "dynamodb:Query",
      resource: gsi1,
      context: leading("mrn#4711"),
    },
  ]);
});

describe("AW-07 keys that look alike", () => {
  const keysets = [
    `T#${A}`,
    `T#${A}0#C#P#1`,
    `T#${A.toUpperCase()}#C#P#1`,
    `t#${A}#C#P#1`,
    `T#${A}#C`,
    ` T#${A}#C#P#1`,
    `T#${A}##C#P#1`,
    `T##C#P#1`,
    "T#*#C#P#1",
    "",
  ];
  run(
    keysets.flatMap((key): Row[] => [
      { title: `GetItem of "${key}"`, want: DENIED, action: "dynamodb:GetItem", resource: data, context: leading(key) },
      {
        title: `PutItem of "${key}"`,
        want: DENIED,
        action: "dynamodb:PutItem",
        resource: data,
        context: { ...leading(key), ...inTransaction },
      },
    ]),
  );
});

describe("AW-08 class walls", () => {
  const asBilling = { session: billing, tags: tagged(A, "HPAYMT") };
  run([
    {
      title: "billing reads a clinical record",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#P#1`),
      ...asBilling,
    },
    {
      title: "billing reads a segmented record",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#S#P#1`),
      ...asBilling,
    },
    {
      title: "billing reads the wrapped clinical key",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: keyTable,
      context: leading(`T#${A}#C#K`),
      ...asBilling,
    },
    {
      title: "billing unwraps the clinical key",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "C"),
      ...asBilling,
    },
    {
      title: "billing unwraps its own key",
      want: OK,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "B"),
      ...asBilling,
    },
    {
      title: "billing reads a clinical attachment",
      want: DENIED,
      action: "s3:GetObject",
      resource: `${att}/t/${A}/C/o`,
      ...asBilling,
    },
    {
      title: "a physician reads a segmented record",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#S#P#1`),
    },
    {
      title: "a physician unwraps the segmented key",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "S"),
    },
    {
      title: "nobody unwraps the audit key, by session policy",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "A"),
    },
    {
      title: "nobody unwraps the audit key, without a session policy",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "A"),
      session: null,
    },
  ]);
});

describe("AW-09 the encryption context", () => {
  run([
    { title: "another tenant's", want: DENIED, action: "kms:Decrypt", resource: keys.cell, context: wrapped(B, "C") },
    { title: "none", want: NEVER, action: "kms:Decrypt", resource: keys.cell },
    {
      title: "one key more",
      want: NEVER,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "C", { extra: ["evil"] }),
    },
    {
      title: "another cell's",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "C", { cell: "c02" }),
    },
    ...["cell", "class", "kver"].map((without): Row => ({
      title: `without ${without}`,
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "C", { without }),
    })),
    {
      title: "without tenant",
      want: NEVER,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(A, "C", { without: "tenant" }),
    },
    { title: "another key", want: DENIED, action: "kms:Decrypt", resource: keys.audit, context: wrapped(A, "C") },
    ...["CreateGrant", "ReEncryptFrom", "ReEncryptTo", "ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy"].map(
      (name): Row => ({
        title: name,
        want: NEVER,
        action: `kms:${name}`,
        resource: keys.cell,
        context: wrapped(A, "C"),
      }),
    ),
    ...["GenerateDataKey", "Encrypt"].map((name): Row => ({
      title: name,
      want: NEVER,
      action: `kms:${name}`,
      resource: keys.cell,
      context: wrapped(A, "C"),
    })),
  ]);
});

describe("AW-10 object prefixes", () => {
  run([
    { title: "another tenant's", want: NEVER, action: "s3:GetObject", resource: `${att}/t/${B}/C/o` },
    { title: "a path that climbs out", want: NEVER, action: "s3:GetObject", resource: `${att}/t/${B}/../${A}/C/o` },
    {
      title: "a climb inside the own prefix is a name like any other",
      want: OK,
      action: "s3:GetObject",
      resource: `${att}/t/${A}/C/../../${B}/C/o`,
    },
    { title: "an encoded slash", want: NEVER, action: "s3:GetObject", resource: `${att}/t/${A}%2fC/o` },
    {
      title: "no prefix",
      want: NEVER,
      action: "s3:PutObject",
      resource: `${att}/o`,
      context: { "s3:if-none-match": "*" },
    },
    { title: "an object that exists", want: NEVER, action: "s3:PutObject", resource: `${att}/t/${A}/C/o` },
    { title: "list", want: NEVER, action: "s3:ListBucket", resource: att },
    { title: "delete", want: NEVER, action: "s3:DeleteObject", resource: `${att}/t/${A}/C/o` },
    { title: "delete a version", want: NEVER, action: "s3:DeleteObjectVersion", resource: `${att}/t/${A}/C/o` },
    {
      title: "without TLS",
      want: NEVER,
      action: "s3:GetObject",
      resource: `${att}/t/${A}/C/o`,
      context: { "aws:SecureTransport": "false" },
    },
  ]);
});

describe("AW-12 what the vending of a session forgets", () => {
  const ofB = session(B, ["C", "D", "X", "I"]);
  run([
    {
      title: "no session policy, another tenant",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${B}#C#1`),
      session: null,
    },
    {
      title: "no session policy, own tenant: still the tenant's bounds",
      want: OK,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      session: null,
    },
    {
      title: "no tag",
      want: NEVER,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      tags: {},
    },
    {
      title: "a tag of *",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      tags: tagged("*"),
      session: null,
    },
    {
      title: "tag A, session policy B, rows of A",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      session: ofB,
    },
    {
      title: "tag A, session policy B, rows of B",
      want: DENIED,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${B}#C#1`),
      session: ofB,
    },
    {
      title: "tag A, session policy B, key of B",
      want: DENIED,
      action: "kms:Decrypt",
      resource: keys.cell,
      context: wrapped(B, "C"),
      session: ofB,
    },
    {
      title: "a session policy for another purpose than the tag's",
      want: NEVER,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      tags: tagged(A, "ETREAT"),
    },
    {
      title: "a session policy without a purpose tag",
      want: NEVER,
      action: "dynamodb:GetItem",
      resource: data,
      context: leading(`T#${A}#C#1`),
      tags: { "aws:PrincipalTag/tenant": A },
    },
  ]);
});

describe("what the plain way of writing such policies would allow", () => {
  const plain = (action: string | readonly string[], pattern: string): PolicyDocument =>
    document(allow(action, data, { Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [pattern] } } }));
  it.each([
    { title: "a Scan of everything", action: "dynamodb:Scan", policy: plain("dynamodb:*", "acme-*") },
    { title: "the table's description", action: "dynamodb:DescribeTable", policy: plain("dynamodb:*", "acme-*") },
    { title: "the table's deletion", action: "dynamodb:DeleteTable", policy: plain("dynamodb:*", "acme-*") },
    {
      title: "an export of everything",
      action: "dynamodb:ExportTableToPointInTime",
      policy: plain("dynamodb:*", "acme-*"),
    },
    {
      title: "tenant t10 to tenant t1",
      action: "dynamodb:GetItem",
      policy: plain("dynamodb:GetItem", "t1*"),
      key: "t10#P1",
    },
    {
      title: "tenant acme-east to tenant acme",
      action: "dynamodb:GetItem",
      policy: plain("dynamodb:GetItem", "acme-*"),
      key: "acme-east-7",
    },
    {
      title: "everybody to a tenant named *",
      action: "dynamodb:GetItem",
      policy: plain("dynamodb:GetItem", "*-*"),
      key: "acme-7",
    },
  ])("AW-07 $title", ({ action, policy, key }) => {
    const context = key === undefined ? {} : leading(key);
    const request = { principal: principals.tenant, action, resource: data, context };
    expect(evaluate(request, { identity: [policy] }).reason).toBe("allowed");
    expect(
      ask({ as: "tenant", action, resource: data, context: { ...tagged(A), ...context }, session: physician }).allowed,
    ).toBe(false);
  });

  it("AW-02 the Null guard stops the Scan", () => {
    const guarded = document(
      allow("dynamodb:*", data, {
        Condition: {
          Null: { "dynamodb:LeadingKeys": "false" },
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["acme#*"] },
        },
      }),
    );
    const request = { principal: principals.tenant, action: "dynamodb:Scan", resource: data, context: {} };
    expect(evaluate(request, { identity: [guarded] }).reason).toBe("implicit-deny");
  });
});
