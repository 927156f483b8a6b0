import { Secret, TOTP } from "otpauth";

const PERIOD_SECONDS = 30;

const generator = (secretBase32: string): TOTP =>
  new TOTP({
    issuer: "Keyward",
    algorithm: "SHA1",
    digits: 6,
    period: PERIOD_SECONDS,
    secret: Secret.fromBase32(secretBase32),
  });

/** A new 160-bit secret in base32, as authenticator applications take it. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** `otpauth://` address for a QR code. `label` is shown by the authenticator. */
export function totpUri(secretBase32: string, label: string): string {
  const totp = generator(secretBase32);
  totp.label = label;
  return totp.toString();
}

/** The code of a moment, for tests, demos and the operator's CLI. */
export const totpAt = (secretBase32: string, nowMs: number): string =>
  generator(secretBase32).generate({ timestamp: nowMs });

/**
 * The time step that `code` belongs to, one step of drift either way, or undefined for a wrong code.
 * The caller keeps the step and refuses one not greater: RFC 6238 5.2 forbids a second use.
 */
export function totpStep(secretBase32: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = generator(secretBase32).validate({ token: code, timestamp: nowMs, window: 1 });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
}
