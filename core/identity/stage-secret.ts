import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { invariant } from "../kernel/invariant.ts";

/** HMAC-SHA-256 by a key that never leaves KMS. */
export interface MacKey {
  generateMac(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * Secrets of a stage, derived and never stored: each is a MAC of a fixed label under the stage's KMS HMAC key.
 * Whoever may not call GenerateMac has none of them, and there is nothing to leak from a configuration.
 */
export class StageSecrets {
  readonly #key: MacKey;
  readonly #derived = new Map<string, Promise<Buffer>>();

  constructor(key: MacKey) {
    this.#key = key;
  }

  /** 32 bytes for one use. `label` is a constant of the code, never input. */
  derive(label: string): Promise<Buffer> {
    let secret = this.#derived.get(label);
    if (secret === undefined) {
      secret = this.#key.generateMac(Buffer.from(`keyward/${label}`)).then((mac) => Buffer.from(mac));
      secret.catch(() => this.#derived.delete(label));
      this.#derived.set(label, secret);
    }
    return secret;
  }

  /** A look-up key for something that must not be readable in the registry, such as a login. Hex. */
  async lookup(label: string, value: string): Promise<string> {
    return createHmac("sha256", await this.derive(`lookup/${label}`))
      .update(value)
      .digest("hex");
  }

  /** Seals a short secret that must be read again (a TOTP seed), bound to `context`. */
  async seal(label: string, context: string, plaintext: string): Promise<Uint8Array> {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", await this.derive(`seal/${label}`), nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** Opens what `seal` made. Throws for another context or an altered byte. */
  async open(label: string, context: string, sealed: Uint8Array): Promise<string> {
    invariant(sealed.length > 28, "a sealed stage secret has a nonce and a tag");
    const decipher = createDecipheriv("aes-256-gcm", await this.derive(`seal/${label}`), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString("utf8");
  }
}
