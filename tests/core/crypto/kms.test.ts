import {
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { ok } from "../../../core/kernel/result.ts";
import type { KeyRow } from "../../../core/crypto/index.ts";
import { keyContext, mintTenantKeys } from "../../../core/crypto/index.ts";
import { createKmsKeys } from "../../../core/crypto/kms.ts";
import { errorOf, TENANT_A, valueOf } from "./fixtures.ts";

const mock = mockClient(KMSClient);
const KEY = "arn:aws:kms:us-east-1:111122223333:key/cell";
const kms = createKmsKeys(new KMSClient({ region: "us-east-1" }), KEY);
const context = keyContext(TENANT_A, "c01", "C", 1);

beforeEach(() => mock.reset());

describe("KMS", () => {
  it("unwraps under the named KEK and the whole context", async () => {
    mock.on(DecryptCommand).resolves({ Plaintext: new Uint8Array(32).fill(9) });
    valueOf(await kms.decrypt({ enc: new Uint8Array([1, 2]), context }));
    expect(mock.commandCalls(DecryptCommand)[0]!.args[0].input).toEqual({
      KeyId: KEY,
      CiphertextBlob: new Uint8Array([1, 2]),
      EncryptionContext: { tenant: TENANT_A, cell: "c01", class: "C", kver: "1" },
    });
  });

  it.each([
    ["AccessDeniedException", "forbidden"],
    ["InvalidCiphertextException", "integrity"],
    ["IncorrectKeyException", "integrity"],
    ["ThrottlingException", "throttled"],
    ["KMSInternalException", "unavailable"],
    ["DisabledException", "unavailable"],
    ["TimeoutError", "unavailable"],
  ])("AW-09: %s is %s", async (name, kind) => {
    mock.on(DecryptCommand).rejects(Object.assign(new Error("with a secret message"), { name }));
    expect(errorOf(await kms.decrypt({ enc: new Uint8Array(1), context }))).toEqual({ kind });
  });
});

describe("minting a tenant's keys", () => {
  const stored: KeyRow[] = [];
  const createRows = (rows: readonly KeyRow[]) => {
    const exists = stored.some((row) => row.dataClass === rows[0]!.dataClass);
    if (!exists) stored.push(...rows);
    return Promise.resolve(exists ? { ok: false as const, error: { kind: "conflict" as const } } : ok(undefined));
  };
  const input = { tenantId: TENANT_A, cell: "c01", epoch: 1, nowMs: 5 };

  beforeEach(() => {
    stored.length = 0;
    mock.on(GenerateDataKeyWithoutPlaintextCommand).resolves({ CiphertextBlob: new Uint8Array([7]) });
    mock.on(GenerateDataKeyPairWithoutPlaintextCommand).resolves({
      PrivateKeyCiphertextBlob: new Uint8Array([8]),
      PublicKey: new Uint8Array([9]),
    });
  });

  it("KEY-3: makes one key for each class, none of which the maker ever sees", async () => {
    const done = valueOf(await mintTenantKeys(input, { kms, createRows }));
    expect(done).toEqual({ minted: ["C", "S", "B", "D", "X", "A", "U"], kept: [] });
    const calls = mock.commandCalls(GenerateDataKeyWithoutPlaintextCommand).map((call) => call.args[0].input);
    expect(calls.map((call) => call.EncryptionContext?.["class"])).toEqual(["C", "S", "B", "D", "X"]);
    expect(calls.every((call) => call.KeySpec === "AES_256" && call.KeyId === KEY)).toBe(true);
    expect(mock.commandCalls(GenerateDataKeyPairWithoutPlaintextCommand)[0]!.args[0].input).toMatchObject({
      KeyPairSpec: "ECC_NIST_P256",
      EncryptionContext: { tenant: TENANT_A, cell: "c01", class: "A", kver: "1" },
    });
    const pairs = mock.commandCalls(GenerateDataKeyPairWithoutPlaintextCommand).map((call) => call.args[0].input);
    expect(pairs.map(({ EncryptionContext }) => EncryptionContext?.["class"])).toEqual(["A", "U"]);
    expect(stored.filter((row) => row.slot === "active").every((row) => row.state === "ACTIVE" && row.kver === 1)).toBe(
      true,
    );
    expect(stored.find((row) => row.dataClass === "A" && row.slot === "version")).toEqual({
      slot: "version",
      tenantId: TENANT_A,
      dataClass: "A",
      kver: 1,
      state: "DECRYPT_ONLY",
      epoch: 1,
      createdAtMs: 5,
      enc: new Uint8Array([8]),
      publicKey: new Uint8Array([9]),
    });
  });

  it("run again after it broke off, keeps what is there and makes the rest", async () => {
    mock
      .on(GenerateDataKeyWithoutPlaintextCommand, { EncryptionContext: { ...keyContext(TENANT_A, "c01", "B", 1) } })
      .rejects(Object.assign(new Error("x"), { name: "ThrottlingException" }));
    expect(errorOf(await mintTenantKeys(input, { kms, createRows }))).toEqual({ kind: "throttled" });
    const before = [...stored];
    mock.on(GenerateDataKeyWithoutPlaintextCommand).resolves({ CiphertextBlob: new Uint8Array([70]) });
    expect(valueOf(await mintTenantKeys(input, { kms, createRows }))).toEqual({
      minted: ["B", "D", "X", "A", "U"],
      kept: ["C", "S"],
    });
    expect(stored.slice(0, before.length)).toEqual(before);
  });
});
