import {
  CreateAliasCommand,
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import type { Check } from "../../../scripts/local/service.ts";
import { errorName, kmsBench, type KmsBench } from "./clients.ts";
import { allow, type TestPrincipal } from "./harness.ts";

const TENANT_A = "01hxyzabcd0123456789abcdef";
const TENANT_B = "01hxyzabcd0123456789abcdeg";
const CELL_KEY = "11111111-1111-4111-8111-111111111111";
const OPEN_KEY = "22222222-2222-4222-8222-222222222222";
const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const USES = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/** The cell key's policy: the guards live here, because an Allow of a key policy is enough by itself (P17). */
const cellPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "TenantUnwrap",
      Effect: "Allow",
      Principal: { AWS: role("tenant-request") },
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: {
        StringEquals: {
          "kms:EncryptionContext:tenant": "${aws:PrincipalTag/tenant}",
          "kms:EncryptionContext:cell": "c01",
        },
      },
    },
    {
      Sid: "MintWrapped",
      Effect: "Allow",
      Principal: { AWS: role("control-plane") },
      Action: ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:EncryptionContext:cell": "c01" },
        Null: { "kms:EncryptionContext:tenant": "false" },
      },
    },
    {
      Sid: "Admin",
      Effect: "Allow",
      Principal: { AWS: role("key-admin") },
      Action: ["kms:Describe*", "kms:CreateAlias", "kms:PutKeyPolicy", "kms:CreateGrant"],
      Resource: "*",
    },
    {
      Sid: "NoContextNoUse",
      Effect: "Deny",
      Principal: "*",
      Action: USES,
      Resource: "*",
      Condition: { Null: { "kms:EncryptionContext:tenant": "true" } },
    },
    {
      Sid: "OnlyKnownContextKeys",
      Effect: "Deny",
      Principal: "*",
      Action: USES,
      Resource: "*",
      Condition: {
        "ForAnyValue:StringNotEquals": { "kms:EncryptionContextKeys": ["tenant", "cell", "class", "kver"] },
      },
    },
  ],
};
const rootPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
  ],
};

const principals: Readonly<Record<string, TestPrincipal>> = {
  TENANT_A: { roleName: "tenant-request", policies: [], tags: { tenant: TENANT_A } },
  TENANT_B: { roleName: "tenant-request", policies: [], tags: { tenant: TENANT_B } },
  CONTROL: { roleName: "control-plane", policies: [] },
  KEY_ADMIN: { roleName: "key-admin", policies: [allow("kms:CreateAlias")] },
  NOBODY: { roleName: "nobody", policies: [] },
  BY_TAG: {
    roleName: "by-tag",
    policies: [
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "kms:*",
            Resource: "*",
            Condition: { StringEquals: { "aws:ResourceTag/tier": "dedicated", "kms:KeySpec": "SYMMETRIC_DEFAULT" } },
          },
        ],
      },
    ],
  },
  BY_ALIAS: {
    roleName: "by-alias",
    policies: [
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "kms:*",
            Resource: "*",
            Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/open" } },
          },
        ],
      },
    ],
  },
};

let bench: KmsBench;
let wrapped: Uint8Array;

const contextOf = (tenant: string): Record<string, string> => ({ tenant, cell: "c01", class: "C", kver: "1" });
const decrypt = (who: string, EncryptionContext?: Record<string, string>): Promise<string> =>
  errorName(bench.client(who).send(new DecryptCommand({ CiphertextBlob: wrapped, EncryptionContext })));
const lastChecks = (): readonly Check[] => bench.server.prepared.at(-1)?.checks ?? [];

beforeAll(async () => {
  bench = await kmsBench({ principals });
  bench.kms.provisionKey({
    keyId: CELL_KEY,
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    policy: cellPolicy,
    rotationPeriodDays: 365,
    aliases: ["alias/cell"],
    tags: { app: "keyward" },
    description: "cell",
  });
  bench.kms.provisionKey({
    keyId: OPEN_KEY,
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    policy: rootPolicy,
    aliases: ["alias/open"],
    tags: { tier: "dedicated" },
    description: "open",
  });
  const minted = await bench.client("CONTROL").send(
    new GenerateDataKeyWithoutPlaintextCommand({
      KeyId: "alias/cell",
      KeySpec: "AES_256",
      EncryptionContext: contextOf(TENANT_A),
    }),
  );
  wrapped = minted.CiphertextBlob ?? new Uint8Array();
});
afterAll(() => bench.close());

describe("AW-09 KMS context", () => {
  it.each([
    ["tenant B with A's context", "TENANT_B", contextOf(TENANT_A), "AccessDeniedException"],
    ["tenant B with its own context", "TENANT_B", contextOf(TENANT_B), "InvalidCiphertextException"],
    ["tenant A without context", "TENANT_A", undefined, "AccessDeniedException"],
    ["tenant A with an extra key", "TENANT_A", { ...contextOf(TENANT_A), extra: "x" }, "AccessDeniedException"],
    ["tenant A in another cell", "TENANT_A", { ...contextOf(TENANT_A), cell: "c02" }, "AccessDeniedException"],
    ["tenant A for another class", "TENANT_A", { ...contextOf(TENANT_A), class: "S" }, "InvalidCiphertextException"],
    ["the control plane", "CONTROL", contextOf(TENANT_A), "AccessDeniedException"],
    ["nobody", "NOBODY", contextOf(TENANT_A), "AccessDeniedException"],
    ["an administrator whom the key policy does not name", "ADMIN", contextOf(TENANT_A), "AccessDeniedException"],
    ["tenant A with its own context", "TENANT_A", contextOf(TENANT_A), "resolved"],
  ])("Decrypt by %s", async (_name, who, context, expected) => {
    expect(await decrypt(who, context)).toBe(expected);
  });

  it("CreateGrant: not for tenants, and for nobody who may", async () => {
    const grant = (who: string): Promise<string> => {
      const command = new CreateGrantCommand({ KeyId: CELL_KEY, GranteePrincipal: role("x"), Operations: ["Decrypt"] });
      return errorName(bench.client(who).send(command));
    };
    expect(await grant("TENANT_A")).toBe("AccessDeniedException");
    expect(await grant("KEY_ADMIN")).toBe("NotImplemented");
  });
});

describe("what a request asks for", () => {
  it("names the key by its ARN, whatever the request called it, with its policy mandatory", async () => {
    const send = (KeyId: string) =>
      bench
        .client("BY_ALIAS")
        .send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: { a: "1", b: "2" } }));
    await send("alias/open");
    expect(lastChecks()).toHaveLength(1);
    expect(lastChecks()[0]).toMatchObject({
      action: "kms:GenerateDataKey",
      resource: `arn:aws:kms:us-east-1:111122223333:key/${OPEN_KEY}`,
      resourcePolicyMandatory: true,
      resourcePolicy: rootPolicy,
      context: {
        "kms:RequestAlias": "alias/open",
        "kms:ResourceAliases": ["alias/open"],
        "kms:EncryptionContext:a": "1",
        "kms:EncryptionContext:b": "2",
        "kms:EncryptionContextKeys": ["a", "b"],
        "kms:KeyOrigin": "AWS_KMS",
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "aws:ResourceTag/tier": "dedicated",
      },
    });
    await send(`arn:aws:kms:us-east-1:111122223333:key/${OPEN_KEY}`);
    expect(lastChecks()[0]?.context).not.toHaveProperty("kms:RequestAlias");
  });

  it("finds the key of a Decrypt without KeyId in the ciphertext", async () => {
    await decrypt("TENANT_A", contextOf(TENANT_A));
    expect(lastChecks()[0]?.resource).toMatch(new RegExp(`key/${CELL_KEY}$`));
    expect(lastChecks()[0]?.context).not.toHaveProperty("kms:RequestAlias");
  });

  it("asks twice for ReEncrypt, each side with its own context", async () => {
    const moved = bench.client("CONTROL").send(
      new ReEncryptCommand({
        CiphertextBlob: wrapped,
        SourceEncryptionContext: contextOf(TENANT_A),
        DestinationKeyId: CELL_KEY,
        DestinationEncryptionContext: { ...contextOf(TENANT_A), kver: "2" },
      }),
    );
    await moved;
    expect(lastChecks().map((check) => [check.action, check.context["kms:EncryptionContext:kver"]])).toEqual([
      ["kms:ReEncryptFrom", "1"],
      ["kms:ReEncryptTo", "2"],
    ]);
    const foreign = new ReEncryptCommand({
      CiphertextBlob: wrapped,
      SourceEncryptionContext: contextOf(TENANT_A),
      DestinationKeyId: OPEN_KEY,
    });
    expect(await errorName(bench.client("CONTROL").send(foreign))).toBe("AccessDeniedException");
  });

  it("asks for the alias and for the key when an alias is made", async () => {
    const client = bench.client("KEY_ADMIN");
    await client.send(new CreateAliasCommand({ AliasName: "alias/second", TargetKeyId: CELL_KEY }));
    expect(lastChecks().map((check) => check.resource.replace(/^.*333:/, ""))).toEqual([
      "alias/second",
      `key/${CELL_KEY}`,
    ]);
    const other = new CreateAliasCommand({ AliasName: "alias/third", TargetKeyId: CELL_KEY });
    expect(await errorName(bench.client("CONTROL").send(other))).toBe("AccessDeniedException");
  });

  it("carries the tags of the key, so that a policy can ask for them", async () => {
    const encrypt = (KeyId: string): Promise<string> => {
      const command = new EncryptCommand({
        KeyId,
        Plaintext: Buffer.from("x"),
        EncryptionContext: contextOf(TENANT_A),
      });
      return errorName(bench.client("BY_TAG").send(command));
    };
    expect(await encrypt(OPEN_KEY)).toBe("resolved");
    expect(await encrypt(CELL_KEY)).toBe("AccessDeniedException");
  });

  it("carries the window of a deletion", async () => {
    await errorName(
      bench.client("NOBODY").send(new ScheduleKeyDeletionCommand({ KeyId: OPEN_KEY, PendingWindowInDays: 9 })),
    );
    expect(lastChecks()[0]?.context["kms:ScheduleKeyDeletionPendingWindowInDays"]).toBe(9);
  });

  it("tells that a key does not exist only to who may describe keys", async () => {
    const describeKey = (who: string): Promise<string> =>
      errorName(bench.client(who).send(new DescribeKeyCommand({ KeyId: "33333333-3333-4333-8333-333333333333" })));
    expect(await describeKey("NOBODY")).toBe("AccessDeniedException");
    expect(await describeKey("ADMIN")).toBe("NotFoundException");
  });

  it.each([
    "arn:aws:kms:us-east-1:999999999999:key/22222222-2222-4222-8222-222222222222",
    "arn:aws:kms:eu-west-1:111122223333:key/22222222-2222-4222-8222-222222222222",
    "arn:aws:kms:us-east-1:999999999999:alias/open",
  ])("does not take %s for a key of this account", async (KeyId) => {
    expect(await errorName(bench.client().send(new DescribeKeyCommand({ KeyId })))).not.toBe("resolved");
  });
});

describe("use by another service", () => {
  it("asks for the caller's permission with kms:ViaService", async () => {
    const { testCall } = await import("./harness.ts");
    const call = testCall(principals["TENANT_A"] ?? { roleName: "", policies: [] }, bench.clock);
    const use = bench.kms.useForService("s3");
    const prepared = use.generateDataKey({ keyId: "alias/open", context: { "aws:s3:arn": "arn:aws:s3:::b" } }, call);
    expect(prepared.checks[0]?.context).toMatchObject({
      "kms:ViaService": "s3.us-east-1.amazonaws.com",
      "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b",
    });
    const dataKey = prepared.run();
    const opened = use.decrypt({ ciphertext: dataKey.ciphertext, context: { "aws:s3:arn": "arn:aws:s3:::b" } }, call);
    expect(opened.run()).toEqual(dataKey.plaintext);
    expect(use.generateDataKey({ keyId: "alias/open", context: {} }, undefined).checks).toEqual([]);
  });

  it("has a key of its own where none is named, for everybody in the account and only through the service", async () => {
    const { ADMIN, isAllowed, testCall } = await import("./harness.ts");
    const call = testCall(ADMIN, bench.clock);
    const prepared = bench.kms.useForService("s3").generateDataKey({ keyId: undefined, context: {} }, call);
    expect(prepared.checks.map((check) => isAllowed(check, ADMIN, call))).toEqual([true]);
    const direct = new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext: Buffer.from("x") });
    expect(await errorName(bench.client().send(direct))).toBe("AccessDeniedException");
  });
});
