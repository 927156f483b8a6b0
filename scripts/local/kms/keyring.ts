import { randomUUID } from "node:crypto";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { ServiceDeps } from "../service.ts";
import { openBlob, readHeader, sealBlob } from "./envelope.ts";
import { invalidCiphertext, kmsError } from "./errors.ts";
import type { EncryptionContext } from "./input.ts";
import { newMaterial, SPEC_RULES, type KeySpec, type KeyUsage } from "./key-specs.ts";
import { openStore, type Key, type Rotation, type Store } from "./store.ts";

export const DAY_MS = 86_400_000;

export interface NewKey {
  readonly id?: string;
  /** The cloud's own account when left out. */
  readonly accountId?: string | undefined;
  readonly spec: KeySpec;
  readonly description: string;
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly manager?: Key["manager"];
}

/** What the operations work with: keys as they stand at this moment, and what can be done with their material. */
export interface Keyring {
  readonly store: Store;
  arn(keyId: string): string;
  aliasArn(name: string): string;
  nowMs(): number;
  /** The key with overdue deletions and rotations done, or undefined. */
  find(keyId: string): Key | undefined;
  create(input: NewKey): Key;
  /** Throws DisabledException or KMSInvalidStateException unless the key is enabled. */
  requireEnabled(key: Key): void;
  /** Throws KMSInvalidStateException when the key waits for its deletion. */
  requireNotPendingDeletion(key: Key): void;
  /** Throws InvalidKeyUsageException when the key is made for something else. */
  requireUsage(key: Key, usage: KeyUsage, operation: string): void;
  rotate(key: Key, kind: Rotation["kind"], atMs: number): void;
  /** The newest material: what encrypts, signs and makes MACs. */
  material(key: Key): Buffer;
  encrypt(key: Key, plaintext: Buffer, context: EncryptionContext): Buffer;
  /** Opens a blob that was made under any version of `key`; throws InvalidCiphertextException. */
  decrypt(key: Key, blob: Buffer, context: EncryptionContext): Buffer;
}

/** Opens the store and gives the keyring over it. */
export function openKeyring(deps: ServiceDeps): Keyring {
  const store = openStore(deps);
  const nowMs = (): number => deps.clock.now();
  const arn = (keyId: string): string =>
    `arn:aws:kms:${deps.region}:${store.ownerOf(keyId) ?? deps.accountId}:key/${keyId}`;

  // The clock deletes and rotates keys, not a request: what fell due is done before anybody looks.
  const settle = (): void => {
    const due = store.dueForDeletion(nowMs());
    if (due.length > 0) store.eraseKeys(due);
  };

  const addVersion = (key: Key, kind: Rotation["kind"], atMs: number): void => {
    store.addMaterial(key.id, store.latestVersion(key.id) + 1, newMaterial(key.spec), atMs, kind);
  };

  const rotateWhenDue = (key: Key): Key => {
    if (key.rotation === undefined || key.state !== "Enabled" || key.rotation.nextAtMs > nowMs()) return key;
    const { periodDays } = key.rotation;
    let { nextAtMs } = key.rotation;
    return store.transaction(() => {
      while (nextAtMs <= nowMs()) {
        addVersion(key, "AUTOMATIC", nextAtMs);
        nextAtMs += periodDays * DAY_MS;
      }
      const rotated = { ...key, rotation: { periodDays, nextAtMs } };
      store.putKey(rotated);
      return rotated;
    });
  };

  const keyring: Keyring = {
    store,
    arn,
    aliasArn: (name) => `arn:aws:kms:${deps.region}:${deps.accountId}:${name}`,
    nowMs,
    find(keyId) {
      settle();
      const key = store.key(keyId);
      return key && rotateWhenDue(key);
    },
    create(input) {
      const key: Key = {
        id: input.id ?? randomUUID(),
        accountId: input.accountId,
        spec: input.spec,
        description: input.description,
        state: "Enabled",
        manager: input.manager ?? "CUSTOMER",
        createdAtMs: nowMs(),
        deleteAtMs: undefined,
        rotation: undefined,
        policy: input.policy,
      };
      store.transaction(() => {
        store.putKey(key);
        store.addMaterial(key.id, 0, newMaterial(key.spec), key.createdAtMs, undefined);
        for (const [name, value] of Object.entries(input.tags)) store.putTag(key.id, name, value);
      });
      return key;
    },
    requireEnabled(key) {
      keyring.requireNotPendingDeletion(key);
      if (key.state === "Disabled") throw kmsError("DisabledException", `${arn(key.id)} is disabled.`);
    },
    requireNotPendingDeletion(key) {
      if (key.state === "PendingDeletion") {
        throw kmsError("KMSInvalidStateException", `${arn(key.id)} is pending deletion.`);
      }
    },
    requireUsage(key, usage, operation) {
      const actual = SPEC_RULES[key.spec].usage;
      if (actual !== usage) {
        const message = `${arn(key.id)} key usage is ${actual} which is not valid for ${operation}.`;
        throw kmsError("InvalidKeyUsageException", message);
      }
    },
    rotate: addVersion,
    material(key) {
      const material = store.material(key.id, store.latestVersion(key.id));
      invariant(material !== undefined, "a key has material");
      return material;
    },
    encrypt(key, plaintext, context) {
      return sealBlob(key.id, store.latestVersion(key.id), keyring.material(key), plaintext, context);
    },
    decrypt(key, blob, context) {
      const header = readHeader(blob);
      const material = header.keyId === key.id ? store.material(key.id, header.version) : undefined;
      if (material === undefined) throw invalidCiphertext();
      return openBlob(material, blob, context);
    },
  };
  return keyring;
}
