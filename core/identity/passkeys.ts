import { createHash, timingSafeEqual } from "node:crypto";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { PasskeyAssertion, PasskeyAttestation, PasskeyOptions } from "../contract/session.ts";
import { type Clock, toInstant } from "../kernel/clock.ts";
import type { UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryChange, RegistryKey, RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import {
  type ChallengeRow,
  CredentialRow,
  credentialKey,
  parseRow,
  PasskeyHolderRow,
  passkeyHolderKey,
  passkeyKey,
  PasskeyRow,
} from "../tenant/rows.ts";
import { type Bound, type ChallengeFor, CHALLENGE_TTL_MS, type Challenges } from "./challenge.ts";
import type { RelyingParty } from "./relying-party.ts";
import type { StageSecrets } from "./stage-secret.ts";

/** More than anybody has devices, and few enough to be looked through. */
export const MAX_PASSKEYS = 10;
/** EdDSA, ES256 and RS256: what authenticators have. RFC 9053 2.1, RFC 8812 2. */
const ALGORITHMS = [-8, -7, -257];

export interface Passkey {
  /** Opaque, ours; the authenticator's own id stays in the registry. */
  readonly id: string;
  readonly name: string;
  readonly row: PasskeyRow;
}

export type AssertionFailure =
  | { readonly kind: "unauthenticated" }
  /** Of a passkey that we know: whose it is, for the trail. */
  | { readonly kind: "known"; readonly userId: UserId; readonly reason: "passkey" | "passkey-counter" };

export interface Asserted {
  readonly userId: UserId;
  readonly passkeyId: string;
  readonly challenge: ChallengeRow;
}

export type RegistrationFailure = { readonly kind: "unauthenticated" | "too-many" };
export type RemovalFailure = { readonly kind: "not-found" | "last-factor" };

export interface PasskeyDeps {
  readonly store: RegistryStore;
  readonly secrets: StageSecrets;
  readonly clock: Clock;
  readonly party: RelyingParty;
  readonly challenges: Challenges;
}

const digestOf = (credentialId: string): string => createHash("sha256").update(credentialId).digest("hex");
const idOf = ({ sk }: { readonly sk: string }): string => sk.slice("PASSKEY#".length).slice(0, 32);

/** The challenge that an authenticator signed, as the browser says it; whether that is true, the signature says. */
function challengeOf(clientDataJSON: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8")) as {
      readonly challenge?: unknown;
    };
    return typeof challenge === "string" ? challenge : "";
  } catch {
    return "";
  }
}

/** The library throws for whatever does not hold, and reaches nothing of ours: each of its throws is a refusal. */
async function verified<T>(verify: () => Promise<T>): Promise<T | undefined> {
  try {
    return await verify();
  } catch {
    return undefined;
  }
}

/**
 * Passkeys: WebAuthn credentials that an authenticator keeps and opens with a PIN or a finger, so that one is two factors
 * (NIST SP 800-63B-4 3.1.6). User verification is asked for and checked; origin and relying party are exact.
 */
export function createPasskeys({ store, secrets, clock, party, challenges }: PasskeyDeps) {
  /** WebAuthn Level 3 14.6.1: the handle says nothing of the user, not even our id of it. */
  const handleOf = async (userId: UserId): Promise<Buffer> =>
    Buffer.from(await secrets.lookup("passkey-handle", userId), "hex");

  /** A label says whose phone it is: nobody who reads the registry reads it. */
  const sealName = ({ pk, sk }: RegistryKey, name: string): Promise<Uint8Array> =>
    secrets.seal("passkey-name", `${pk}/${sk}`, name);

  async function list(userId: UserId): Promise<Passkey[]> {
    const rows = await store.query(credentialKey(userId).pk);
    const live = rows
      .filter(({ sk }) => sk.startsWith("PASSKEY#"))
      .map((found) => parseRow(PasskeyRow, found) as PasskeyRow)
      .filter(({ status }) => status === "active")
      .toSorted((left, right) => left.createdAtMs - right.createdAtMs);
    return Promise.all(
      live.map(async (row) => ({
        id: idOf(row),
        name: await secrets.open("passkey-name", `${row.pk}/${row.sk}`, row.nameSealed),
        row,
      })),
    );
  }

  async function find(userId: UserId, id: string): Promise<Passkey | undefined> {
    return (await list(userId)).find((passkey) => passkey.id === id);
  }

  async function replace(row: PasskeyRow, changes: Partial<PasskeyRow>): Promise<boolean> {
    const next = { ...row, ...changes, rev: row.rev + 1 } as RegistryRow;
    return (await store.write([{ kind: "replace", row: next, rev: row.rev }])).ok;
  }

  const removed = () => ({ status: "removed" as const, ttl: Math.ceil(clock.now() / 1000) + REMOVED_KEPT_S });

  /** A new passkey, and whose it is. */
  const creations = ({ row }: Passkey): RegistryChange[] => [
    { kind: "create", row: row as unknown as RegistryRow },
    { kind: "create", row: { ...passkeyHolderKey(digestOf(row.credentialId)), rev: 1, userId: row.userId } },
  ];

  const descriptors = (passkeys: readonly Passkey[]) =>
    passkeys.map(({ row }) => ({ id: row.credentialId, transports: row.transports }));

  async function holderOf(digest: string): Promise<PasskeyRow | undefined> {
    const holder = await store.get(passkeyHolderKey(digest));
    if (holder === undefined) return undefined;
    const { userId } = parseRow(PasskeyHolderRow, holder);
    const found = await store.get(passkeyKey(userId, digest));
    const row = found === undefined ? undefined : (parseRow(PasskeyRow, found) as PasskeyRow);
    return row?.status === "active" ? row : undefined;
  }

  async function verifyAssertion(shown: PasskeyAssertion, row: PasskeyRow, challenge: string) {
    const { authenticationInfo: seen, ...answer } =
      (await verified(() =>
        verifyAuthenticationResponse({
          response: shown as AuthenticationResponseJSON,
          expectedChallenge: challenge,
          expectedOrigin: party.origin,
          expectedRPID: party.id,
          expectedType: "webauthn.get",
          requireUserVerification: true,
          // Counted below, once the signature is known to be the authenticator's.
          credential: { id: row.credentialId, publicKey: new Uint8Array(row.publicKey), counter: 0 },
        }),
      )) ?? {};
    if (seen === undefined || !("verified" in answer) || !answer.verified) return undefined;
    return seen.credentialDeviceType === row.deviceType ? seen : undefined;
  }

  return {
    list,
    find,

    /** Options for a new passkey, in the session with this digest. `too-many` where the user has ten. */
    async registrationOptions(
      user: { readonly id: UserId; readonly displayName: string },
      sessionDigest: string,
    ): Promise<Result<PasskeyOptions, { readonly kind: "too-many" }>> {
      const known = await list(user.id);
      if (known.length >= MAX_PASSKEYS) return err({ kind: "too-many" });
      const { text, expiresAtMs } = await challenges.issue("register", { userId: user.id, sessionDigest });
      const options = await generateRegistrationOptions({
        rpName: party.name,
        rpID: party.id,
        userID: new Uint8Array(await handleOf(user.id)),
        userName: user.displayName,
        userDisplayName: user.displayName,
        challenge: new Uint8Array(Buffer.from(text, "base64url")),
        timeout: CHALLENGE_TTL_MS,
        attestationType: "none",
        excludeCredentials: descriptors(known) as never,
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        supportedAlgorithmIDs: ALGORITHMS,
      });
      return ok({ options: { ...options }, expiresAt: toInstant(expiresAtMs) });
    },

    /**
     * The passkey that a browser made for our challenge, not stored yet. The challenge is used up first, whatever comes
     * after.
     */
    async check(
      userId: UserId,
      sessionDigest: string,
      shown: PasskeyAttestation,
      name: string,
    ): Promise<Result<Passkey, RegistrationFailure>> {
      const text = challengeOf(shown.response.clientDataJSON);
      const challenge = await challenges.consume(text, "register");
      if (challenge?.userId !== userId || challenge.sessionDigest !== sessionDigest)
        return err({ kind: "unauthenticated" });
      const answer = await verified(() =>
        verifyRegistrationResponse({
          response: shown as unknown as RegistrationResponseJSON,
          expectedChallenge: text,
          expectedOrigin: party.origin,
          expectedRPID: party.id,
          expectedType: "webauthn.create",
          requireUserPresence: true,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      );
      if (answer?.verified !== true) return err({ kind: "unauthenticated" });
      if ((await list(userId)).length >= MAX_PASSKEYS) return err({ kind: "too-many" });
      const { credential, credentialDeviceType, credentialBackedUp } = answer.registrationInfo;
      const digest = digestOf(credential.id);
      const key = passkeyKey(userId, digest);
      const row: PasskeyRow = {
        ...key,
        rev: 1,
        userId,
        credentialId: credential.id,
        publicKey: new Uint8Array(credential.publicKey),
        counter: credential.counter,
        deviceType: credentialDeviceType,
        backedUp: credentialBackedUp,
        transports: shown.response.transports ?? [],
        nameSealed: Uint8Array.from(await sealName(key, name)),
        createdAtMs: clock.now(),
        status: "active",
      };
      return ok({ id: idOf(row), name, row });
    },

    creations,

    /** What takes every passkey of a user away, with something else that is written. */
    async removals(userId: UserId): Promise<RegistryChange[]> {
      return (await list(userId)).map(({ row }) => ({
        kind: "replace",
        row: { ...row, ...removed(), rev: row.rev + 1 } as RegistryRow,
        rev: row.rev,
      }));
    },

    /** False where the credential is registered already. Its id is one user's, for ever: nobody takes another's. */
    async store(passkey: Passkey): Promise<boolean> {
      return (await store.write(creations(passkey))).ok;
    },

    /**
     * Options for showing a passkey.
     * @param bound For a step-up: the user, whose passkeys alone are asked for, the session, and what it is for.
     */
    async assertionOptions(
      purpose: Extract<ChallengeFor, "sign-in" | "step-up">,
      bound: Bound = {},
    ): Promise<PasskeyOptions | undefined> {
      const known = bound.userId === undefined ? undefined : await list(bound.userId as UserId);
      if (known?.length === 0) return undefined;
      const { text, expiresAtMs } = await challenges.issue(purpose, bound);
      const options = await generateAuthenticationOptions({
        rpID: party.id,
        challenge: new Uint8Array(Buffer.from(text, "base64url")),
        timeout: CHALLENGE_TTL_MS,
        userVerification: "required",
        ...(known === undefined ? {} : { allowCredentials: descriptors(known) as never }),
      });
      return { options: { ...options }, expiresAt: toInstant(expiresAtMs) };
    },

    /**
     * Whose passkey signed a challenge of ours. The challenge is used up first, whatever comes after. A sign-in has to
     * bring the user handle, and it has to be the holder's.
     */
    async assert(
      shown: PasskeyAssertion,
      purpose: Extract<ChallengeFor, "sign-in" | "step-up">,
    ): Promise<Result<Asserted, AssertionFailure>> {
      const text = challengeOf(shown.response.clientDataJSON);
      const challenge = await challenges.consume(text, purpose);
      const row = await holderOf(digestOf(shown.id));
      if (row === undefined) return err({ kind: "unauthenticated" });
      const { userId } = row;
      const refuse = (reason: "passkey" | "passkey-counter") => err({ kind: "known" as const, userId, reason });
      if (challenge === undefined || shown.rawId !== shown.id) return refuse("passkey");
      const handle = shown.response.userHandle;
      if (purpose === "sign-in" && handle === undefined) return refuse("passkey");
      if (handle !== undefined && !isSame(Buffer.from(handle, "base64url"), await handleOf(userId)))
        return refuse("passkey");
      const seen = await verifyAssertion(shown, row, text);
      if (seen === undefined) return refuse("passkey");
      // WebAuthn Level 3 6.1.1: a counter that does not rise is a copy of the authenticator, or its original.
      const { newCounter, credentialBackedUp } = seen;
      if ((newCounter > 0 || row.counter > 0) && newCounter <= row.counter) return refuse("passkey-counter");
      const isKept = await replace(row, {
        counter: newCounter,
        backedUp: credentialBackedUp,
        lastUsedAtMs: clock.now(),
      });
      return isKept ? ok({ userId, passkeyId: idOf(row), challenge }) : refuse("passkey");
    },

    /** False where there is no such passkey, or it has changed meanwhile. */
    async rename(userId: UserId, id: string, name: string): Promise<Passkey | undefined> {
      const found = await find(userId, id);
      if (found === undefined) return undefined;
      const nameSealed = Uint8Array.from(await sealName(found.row, name));
      return (await replace(found.row, { nameSealed })) ? { id, name, row: { ...found.row, nameSealed } } : undefined;
    },

    /**
     * The passkey, if it may go. The last one stays where there is no password beside it: a user who cannot sign in any more
     * would need another way in.
     */
    async isRemovable(userId: UserId, id: string): Promise<Result<Passkey, RemovalFailure>> {
      const known = await list(userId);
      const found = known.find((passkey) => passkey.id === id);
      if (found === undefined) return err({ kind: "not-found" });
      const credential = await store.get(credentialKey(userId));
      const hasPassword = credential !== undefined && parseRow(CredentialRow, credential).passwordHash !== "";
      return hasPassword || known.length > 1 ? ok(found) : err({ kind: "last-factor" });
    },

    /** A removed passkey opens nothing from then on. Its row goes by its `ttl`; its id stays taken. False where it has changed. */
    remove({ row }: Passkey): Promise<boolean> {
      return replace(row, removed());
    },
  };
}

/** 90 days: as long as somebody may ask what became of it. */
const REMOVED_KEPT_S = 90 * 86_400;

const isSame = (left: Buffer, right: Buffer): boolean => left.length === right.length && timingSafeEqual(left, right);

export type Passkeys = ReturnType<typeof createPasskeys>;
