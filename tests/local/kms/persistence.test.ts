import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../core/iam/index.ts";
import { createKms, type KeyDefinition } from "../../../scripts/local/kms/index.ts";
import type { ServiceDeps } from "../../../scripts/local/service.ts";
import { kmsBench } from "./clients.ts";
import { testClock, testDeps } from "./harness.ts";

const policy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
  ],
};
const definition: KeyDefinition = {
  keyId: "44444444-4444-4444-8444-444444444444",
  spec: "SYMMETRIC_DEFAULT",
  usage: "ENCRYPT_DECRYPT",
  policy,
  rotationPeriodDays: 365,
  aliases: ["alias/keyward-dev-c01-cell"],
  tags: { app: "keyward" },
  description: "cell",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kms-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every form in which bytes could stand in a file: raw, hexadecimal, base64. */
const isInFiles = (bytes: Buffer): boolean =>
  readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (!entry.isFile()) return false;
    const content = readFileSync(join(folder, entry.name));
    return [bytes, bytes.toString("hex"), bytes.toString("base64"), bytes.toString("base64url")].some((form) =>
      content.includes(form),
    );
  });

/** Deps that keep every secret that was wrapped, so that the files can be searched for it. */
function spyingDeps(): { readonly deps: ServiceDeps; readonly secrets: Buffer[] } {
  const deps = testDeps(testClock(), folder);
  const secrets: Buffer[] = [];
  return {
    deps: {
      ...deps,
      wrapSecret(plaintext) {
        secrets.push(Buffer.from(plaintext));
        return deps.wrapSecret(plaintext);
      },
    },
    secrets,
  };
}

describe("persistence", () => {
  it("keeps keys, policies, aliases and material over a restart", async () => {
    const first = await kmsBench({ folder });
    first.kms.provisionKey(definition);
    const sealed = await first
      .client()
      .send(new EncryptCommand({ KeyId: definition.keyId, Plaintext: Buffer.from("record") }));
    const made = await first
      .client()
      .send(new CreateKeyCommand({ KeySpec: "ECC_NIST_EDWARDS25519", KeyUsage: "SIGN_VERIFY" }));
    const KeyId = made.KeyMetadata?.KeyId;
    const publicKey = await first.client().send(new GetPublicKeyCommand({ KeyId }));
    await first.close();

    const second = await kmsBench({ folder });
    // The provisioner runs at every start and must not make new material.
    second.kms.provisionKey({ ...definition, description: "cell, described anew" });
    const opened = await second
      .client()
      .send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, KeyId: "alias/keyward-dev-c01-cell" }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe("record");
    expect((await second.client().send(new GetPublicKeyCommand({ KeyId }))).PublicKey).toEqual(publicKey.PublicKey);
    await second.close();
  });

  it("writes no key material in clear, and the search finds it where it is", () => {
    const { deps, secrets } = spyingDeps();
    const kms = createKms(deps);
    for (const [index, spec] of (["SYMMETRIC_DEFAULT", "HMAC_256", "ECC_NIST_P256"] as const).entries()) {
      const usage = (
        { SYMMETRIC_DEFAULT: "ENCRYPT_DECRYPT", HMAC_256: "GENERATE_VERIFY_MAC", ECC_NIST_P256: "SIGN_VERIFY" } as const
      )[spec];
      const keyId = definition.keyId.replace(/^./, String(index));
      const { rotationPeriodDays: _none, ...rest } = definition;
      kms.provisionKey({ ...rest, keyId, spec, usage, aliases: [] });
    }
    expect(secrets).toHaveLength(3);
    expect(secrets.map(isInFiles)).toEqual([false, false, false]);
    kms.close();
    expect(secrets.map(isInFiles)).toEqual([false, false, false]);
  });

  it("the search finds a planted key", () => {
    const { deps, secrets } = spyingDeps();
    const careless = createKms({
      ...deps,
      wrapSecret: (plaintext) => {
        secrets.push(Buffer.from(plaintext));
        return plaintext;
      },
    });
    careless.provisionKey(definition);
    careless.close();
    expect(secrets.map(isInFiles)).toEqual([true]);
  });

  it("overwrites the wrapped material of a deleted key", async () => {
    const clock = testClock();
    const deps = testDeps(clock, folder);
    const wrapped: Buffer[] = [];
    const kms = createKms({
      ...deps,
      wrapSecret: (plaintext) => {
        const text = deps.wrapSecret(plaintext);
        wrapped.push(text);
        return text;
      },
    });
    kms.provisionKey(definition);
    kms.close();
    expect(wrapped.map(isInFiles)).toEqual([true]);
    const bench = await kmsBench({ folder, clock });
    await bench.client().send(new ScheduleKeyDeletionCommand({ KeyId: definition.keyId, PendingWindowInDays: 7 }));
    clock.advance(7 * 86_400_000);
    bench.kms.provisionKey({ ...definition, keyId: definition.keyId.replace(/^./, "5"), aliases: [] });
    expect(wrapped.map(isInFiles)).toEqual([false]);
    await bench.close();
  });

  it.each([
    ["an id that is no UUID", { keyId: "cell" }],
    ["a usage that does not fit", { usage: "SIGN_VERIFY" }],
    ["rotation of a signing key", { spec: "ECC_NIST_P256", usage: "SIGN_VERIFY" }],
  ] as const)("provisionKey refuses %s", (_name, change) => {
    const kms = createKms(testDeps(testClock()));
    expect(() => kms.provisionKey({ ...definition, ...change })).toThrow();
    kms.close();
  });
});
