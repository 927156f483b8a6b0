import { createHmac, generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { PasskeyOptions } from "../../../core/contract/session.ts";
import { CHALLENGE_TTL_MS, createChallenges, TICKET_TTL_MS } from "../../../core/identity/challenge.ts";
import { createPasskeys, MAX_PASSKEYS } from "../../../core/identity/passkeys.ts";
import { relyingPartyOf } from "../../../core/identity/relying-party.ts";
import { StageSecrets } from "../../../core/identity/stage-secret.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { credentialKey, passkeyHolderKey } from "../../../core/tenant/index.ts";
import { type Authenticator, createAuthenticator, type Mischief } from "../../fixtures/authenticator.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const ORIGIN = "https://dev.keyward.example";
const USER = "01hxyzabcd0123456789abcdeg" as UserId;
const OTHER = "01hxyzabcd0123456789abcdeh" as UserId;
const SESSION = "s".repeat(64);
const ACT = "a".repeat(64);

function open() {
  let nowMs = Date.UTC(2026, 10, 22, 8);
  const clock = { now: () => nowMs };
  const store = memoryRegistry();
  const secrets = new StageSecrets({
    generateMac: (message) => Promise.resolve(createHmac("sha256", "kms").update(message).digest()),
  });
  const challenges = createChallenges(store, clock);
  const passkeys = createPasskeys({ store, secrets, clock, party: relyingPartyOf(ORIGIN), challenges });

  async function options(userId: UserId = USER): Promise<PasskeyOptions["options"]> {
    const made = await passkeys.registrationOptions({ id: userId, displayName: "Jane" }, SESSION);
    if (!made.ok) throw new Error("a challenge is given");
    return made.value.options;
  }
  async function register(userId: UserId = USER, made: Authenticator = createAuthenticator(ORIGIN)) {
    const checked = await passkeys.check(userId, SESSION, made.attest(await options(userId)), "Laptop");
    if (!checked.ok || !(await passkeys.store(checked.value))) throw new Error("the passkey is new");
    return { authenticator: made, passkey: checked.value };
  }
  async function asked(purpose: "sign-in" | "step-up" = "sign-in", bound = {}): Promise<PasskeyOptions["options"]> {
    const made = await passkeys.assertionOptions(purpose, bound);
    if (made === undefined) throw new Error("a challenge is given");
    return made.options;
  }
  return { store, challenges, passkeys, options, register, asked, pass: (ms: number) => (nowMs += ms) };
}
let scene: ReturnType<typeof open>;
beforeEach(() => (scene = open()));

describe("CLIN-15 a passkey", () => {
  it("is asked for with user verification, as one that the device finds by itself, for the portal's host alone", async () => {
    expect(await scene.options()).toMatchObject({
      rp: { id: "dev.keyward.example" },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    const asked = await scene.asked();
    expect(asked).toMatchObject({ rpId: "dev.keyward.example", userVerification: "required" });
    expect(asked["allowCredentials"] ?? []).toEqual([]);
  });

  it("has a handle that tells nothing of the user, and the same for each of them", async () => {
    const [first, second] = [await scene.options(), await scene.options()];
    const handle = (first["user"] as { id: string }).id;
    expect(handle).toHaveLength(43);
    expect((second["user"] as { id: string }).id).toBe(handle);
    expect(Buffer.from(handle, "base64url").toString("latin1")).not.toContain(USER);
    expect(((await scene.options(OTHER))["user"] as { id: string }).id).not.toBe(handle);
  });

  it("TEN-4 has a name that its owner reads, and nobody who reads the registry", async () => {
    const { passkey } = await scene.register();
    const clear = () =>
      [...scene.store.rows.values()]
        .flatMap((row) => Object.values(row))
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
        .join(" ");
    expect((await scene.passkeys.list(USER)).map(({ name }) => name)).toEqual(["Laptop"]);
    expect(clear()).not.toContain("Laptop");
    expect((await scene.passkeys.rename(USER, passkey.id, "Nadia's phone"))?.name).toBe("Nadia's phone");
    expect((await scene.passkeys.list(USER)).map(({ name }) => name)).toEqual(["Nadia's phone"]);
    expect(clear()).not.toContain("Nadia");
  });

  it("signs in whoever holds it, counts, and is listed", async () => {
    const { authenticator, passkey } = await scene.register();
    for (let use = 0; use < 2; use += 1) {
      const asserted = await scene.passkeys.assert(authenticator.assert(await scene.asked()), "sign-in");
      expect(asserted).toMatchObject({ ok: true, value: { userId: USER, passkeyId: passkey.id } });
    }
    const [listed] = await scene.passkeys.list(USER);
    expect(listed).toMatchObject({ id: passkey.id, name: "Laptop", row: { counter: 3, backedUp: false } });
    expect(listed?.row.lastUsedAtMs).toBeDefined();
    expect(await scene.passkeys.list(OTHER)).toEqual([]);
  });

  it("that never counts, as a synced one, is taken again and again", async () => {
    const synced = createAuthenticator(ORIGIN, { isSynced: true, counts: false });
    const { passkey } = await scene.register(USER, synced);
    expect(passkey.row).toMatchObject({ counter: 0, deviceType: "multiDevice", backedUp: true });
    for (let use = 0; use < 2; use += 1)
      expect((await scene.passkeys.assert(synced.assert(await scene.asked()), "sign-in")).ok).toBe(true);
  });

  it("stays out of the partitions that other zones read, and its challenge out of the registry", async () => {
    const options = await scene.options();
    const { authenticator } = await scene.register();
    const partitions = new Set([...scene.store.rows.values()].map(({ pk }) => pk.split("#")[0]));
    expect(partitions).toEqual(new Set(["CHALLENGE", "CREDENTIAL", "PASSKEY"]));
    const dump = JSON.stringify([...scene.store.rows.values()].filter(({ pk }) => !pk.startsWith("CREDENTIAL#")));
    for (const secret of [options.challenge, authenticator.id]) expect(dump).not.toContain(secret);
  });

  it("is one user's: nobody registers it again, and ten are enough", async () => {
    const { authenticator } = await scene.register();
    const again = await scene.passkeys.check(
      OTHER,
      SESSION,
      authenticator.attest(await scene.options(OTHER)),
      "Mine now",
    );
    if (!again.ok) throw new Error("it reads well");
    expect(await scene.passkeys.store(again.value)).toBe(false);
    expect(await scene.passkeys.list(OTHER)).toEqual([]);
    for (let count = 1; count < MAX_PASSKEYS; count += 1) await scene.register();
    expect(await scene.passkeys.registrationOptions({ id: USER, displayName: "Jane" }, SESSION)).toEqual({
      ok: false,
      error: { kind: "too-many" },
    });
  });

  it("that was removed opens nothing; the last way in stays", async () => {
    const { authenticator, passkey } = await scene.register();
    expect(await scene.passkeys.isRemovable(USER, passkey.id)).toMatchObject({ error: { kind: "last-factor" } });
    expect(await scene.passkeys.isRemovable(OTHER, passkey.id)).toMatchObject({ error: { kind: "not-found" } });
    const password = { userId: USER, passwordHash: "$argon2id$", totpSealed: new Uint8Array(1), totpStep: 0 };
    await scene.store.write([{ kind: "put", row: { ...credentialKey(USER), rev: 1, ...password } }]);
    const removable = await scene.passkeys.isRemovable(USER, passkey.id);
    if (!removable.ok) throw new Error("a password is another way in");
    expect(await scene.passkeys.remove(removable.value)).toBe(true);
    expect(await scene.passkeys.list(USER)).toEqual([]);
    const asserted = await scene.passkeys.assert(authenticator.assert(await scene.asked()), "sign-in");
    expect(asserted).toEqual({ ok: false, error: { kind: "unauthenticated" } });
  });
});

describe("AT-48 a passkey that is misused", () => {
  const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const MISCHIEF: readonly (readonly [string, Mischief])[] = [
    ["without user verification", { isUserVerified: false }],
    ["without anybody present", { isUserPresent: false }],
    ["from another origin", { origin: "https://dev.keyward.example.evil.example" }],
    ["from the same host on another port", { origin: `${ORIGIN}:8443` }],
    ["from the same host without TLS", { origin: "http://dev.keyward.example" }],
    ["from a sibling site", { origin: "https://staging.keyward.example" }],
    ["for the parent domain", { rpId: "keyward.example" }],
    ["for another site", { rpId: "evil.example" }],
    ["of the other ceremony", { type: "webauthn.create" }],
    ["with a challenge of its own", { challenge: "AAAA" }],
    ["signed by another key", { key: foreign }],
    ["with another user's handle", { userHandle: Buffer.alloc(32).toString("base64url") }],
    ["without the user's handle", { userHandle: null }],
    ["that says it is synced now", { isSynced: true }],
  ];
  it.each(MISCHIEF)("AT-48 %s: nobody is let in", async (_title, mischief) => {
    const { authenticator } = await scene.register();
    const asserted = await scene.passkeys.assert(authenticator.assert(await scene.asked(), mischief), "sign-in");
    expect(asserted).toEqual({ ok: false, error: { kind: "known", userId: USER, reason: "passkey" } });
  });
  it("AT-48 control: the same without mischief is let in", async () => {
    const { authenticator } = await scene.register();
    expect((await scene.passkeys.assert(authenticator.assert(await scene.asked(), {}), "sign-in")).ok).toBe(true);
  });

  it("AT-48 a challenge works once, whatever became of it", async () => {
    const { authenticator } = await scene.register();
    const options = await scene.asked();
    const spoilt = authenticator.assert(options, { isUserVerified: false });
    expect((await scene.passkeys.assert(spoilt, "sign-in")).ok).toBe(false);
    expect((await scene.passkeys.assert(authenticator.assert(options), "sign-in")).ok).toBe(false);
    const fresh = authenticator.assert(await scene.asked());
    const answers = await Promise.all([1, 2].map(() => scene.passkeys.assert(fresh, "sign-in")));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });
  it("AT-48 a challenge is over after five minutes, and a ticket after two", async () => {
    const { authenticator } = await scene.register();
    const options = await scene.asked();
    scene.pass(CHALLENGE_TTL_MS);
    expect((await scene.passkeys.assert(authenticator.assert(options), "sign-in")).ok).toBe(false);
    const { text } = await scene.challenges.issue("choose", { userId: USER });
    scene.pass(TICKET_TTL_MS);
    expect(await scene.challenges.consume(text, "choose")).toBeUndefined();
  });
  it("AT-48 a challenge for one thing is none for another, and is used up by being shown", async () => {
    const { authenticator } = await scene.register();
    const stepUp = await scene.asked("step-up", { userId: USER, sessionDigest: SESSION });
    const assertion = authenticator.assert(stepUp);
    expect((await scene.passkeys.assert(assertion, "sign-in")).ok).toBe(false);
    expect((await scene.passkeys.assert(assertion, "step-up")).ok).toBe(false);
    const registration = await scene.options();
    expect((await scene.passkeys.assert(authenticator.assert(registration), "sign-in")).ok).toBe(false);
    const signIn = await scene.asked();
    const attested = createAuthenticator(ORIGIN).attest(signIn);
    expect((await scene.passkeys.check(USER, SESSION, attested, "x")).ok).toBe(false);
  });
  it("AT-48 the challenge of a step-up names the request: another hash is another challenge", async () => {
    await scene.register();
    const { challenge } = await scene.asked("step-up", { userId: USER, sessionDigest: SESSION, act: ACT });
    expect(Buffer.from(challenge, "base64url").subarray(32).toString("hex")).toBe(ACT);
    const row = await scene.challenges.consume(challenge, "step-up");
    expect(row).toMatchObject({ userId: USER, sessionDigest: SESSION, act: ACT });
    const altered = Buffer.from(challenge, "base64url");
    altered.fill(0xbb, 32);
    expect(await scene.challenges.consume(altered.toString("base64url"), "step-up")).toBeUndefined();
  });
  it("AT-48 a counter that does not rise is a copy, and is told as one", async () => {
    const { authenticator } = await scene.register();
    expect((await scene.passkeys.assert(authenticator.assert(await scene.asked()), "sign-in")).ok).toBe(true);
    for (const counter of [2, 1, 0]) {
      const copy = authenticator.assert(await scene.asked(), { counter });
      expect(await scene.passkeys.assert(copy, "sign-in")).toEqual({
        ok: false,
        error: { kind: "known", userId: USER, reason: "passkey-counter" },
      });
    }
    const forged = authenticator.assert(await scene.asked(), { counter: 1, key: foreign });
    // An alarm that anybody could raise would be none.
    expect(await scene.passkeys.assert(forged, "sign-in")).toMatchObject({ error: { reason: "passkey" } });
  });
  it.each<readonly [string, Mischief]>([
    ["without user verification", { isUserVerified: false }],
    ["from another origin", { origin: "https://evil.example" }],
    ["for another site", { rpId: "evil.example" }],
  ])("AT-48 a registration %s is refused", async (_title, mischief) => {
    const attested = createAuthenticator(ORIGIN).attest(await scene.options(), mischief);
    expect(await scene.passkeys.check(USER, SESSION, attested, "x")).toEqual({
      ok: false,
      error: { kind: "unauthenticated" },
    });
  });
  it("AT-48 a registration in another session, or of another user, is refused", async () => {
    const elsewhere = createAuthenticator(ORIGIN).attest(await scene.options());
    expect((await scene.passkeys.check(USER, "t".repeat(64), elsewhere, "x")).ok).toBe(false);
    const others = createAuthenticator(ORIGIN).attest(await scene.options());
    expect((await scene.passkeys.check(OTHER, SESSION, others, "x")).ok).toBe(false);
  });
  it("AT-48 the holder's row alone, which another user's would be, opens nothing", async () => {
    const { authenticator } = await scene.register();
    const [holder] = [...scene.store.rows.values()].filter(({ sk }) => sk === "PASSKEY");
    if (holder === undefined) throw new Error("there is a holder");
    const key = { pk: holder.pk, sk: holder.sk };
    expect(passkeyHolderKey(holder.pk.slice("PASSKEY#".length))).toEqual(key);
    await scene.store.write([{ kind: "put", row: { ...key, rev: 2, userId: OTHER } }]);
    expect((await scene.passkeys.assert(authenticator.assert(await scene.asked()), "sign-in")).ok).toBe(false);
  });
});

describe("the relying party", () => {
  it("is the portal's own name, and no address", () => {
    expect(relyingPartyOf("http://localhost:4000")).toEqual({
      id: "localhost",
      origin: "http://localhost:4000",
      name: "Keyward",
    });
    for (const origin of ["http://127.0.0.1:4000", "https://127.0.0.1", "http://dev.keyward.example", "https://[::1]"])
      expect(() => relyingPartyOf(origin)).toThrow();
  });
});
