import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { PolicyDocument } from "../../core/iam/document.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface RoleSession {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly sourceIdentity?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly policy?: PolicyDocument;
}

/** The shortest life that STS gives; a stolen copy is dead soon. */
const DURATION_SECONDS = 900;
const RENEW_BEFORE_MS = 5 * 60_000;
/** At least a cell's tenants times their usual class sets (notes on STS quotas): one entry is about 2 KB. */
const CACHE_MAX = 6_000;

/**
 * Assumes roles with the function's own credentials, which can do nothing else. Sessions are cached by everything
 * that shapes them, so that no grant is ever served by another grant's credentials.
 */
export function createVendor(sts: STSClient, clock: Clock) {
  const cache = new Map<string, Promise<Credentials>>();
  const expiries = new Map<string, number>();

  async function assume(session: RoleSession): Promise<Credentials> {
    const answer = await sts.send(
      new AssumeRoleCommand({
        RoleArn: session.roleArn,
        RoleSessionName: session.sessionName,
        DurationSeconds: DURATION_SECONDS,
        ...(session.sourceIdentity === undefined ? {} : { SourceIdentity: session.sourceIdentity }),
        ...(session.tags === undefined
          ? {}
          : { Tags: Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value })) }),
        ...(session.policy === undefined ? {} : { Policy: JSON.stringify(session.policy) }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    invariant(AccessKeyId && SecretAccessKey && SessionToken && Expiration, "STS gives whole credentials or throws");
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  }

  return function vend(session: RoleSession): Promise<Credentials> {
    const key = JSON.stringify([
      session.roleArn,
      session.sessionName,
      session.sourceIdentity,
      session.tags,
      session.policy,
    ]);
    const known = cache.get(key);
    if (known !== undefined && (expiries.get(key) ?? 0) > clock.now()) return known;
    if (cache.size >= CACHE_MAX) {
      const oldest = cache.keys().next().value;
      if (oldest !== undefined) {
        cache.delete(oldest);
        expiries.delete(oldest);
      }
    }
    const fresh = assume(session);
    cache.delete(key);
    cache.set(key, fresh);
    expiries.set(key, clock.now() + DURATION_SECONDS * 1000 - RENEW_BEFORE_MS);
    fresh.catch(() => cache.get(key) === fresh && cache.delete(key));
    return fresh;
  };
}

export type Vend = ReturnType<typeof createVendor>;
