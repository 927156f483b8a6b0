import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { ENROLMENT_CODE_TTL_MS } from "../../../core/contract/admin-people.ts";
import { readCode, showCode } from "../../../core/contract/enrolment-code.ts";
import { createChallenges } from "../../../core/identity/challenge.ts";
import { codeDigestOf, createEnrolment, newEnrolmentCode } from "../../../core/identity/enrolment.ts";
import { createPasskeys } from "../../../core/identity/passkeys.ts";
import { relyingPartyOf } from "../../../core/identity/relying-party.ts";
import { createSignIn, loginDigest } from "../../../core/identity/sign-in.ts";
import { StageSecrets } from "../../../core/identity/stage-secret.ts";
import { totpAt } from "../../../core/identity/totp.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import {
  accountRow,
  belongingKey,
  createPeople,
  loginKey,
  membershipRow,
  peopleEdits,
  tenantKey,
} from "../../../core/tenant/index.ts";
import { memoryNames } from "../../fixtures/people-names.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const A = "01hxyzabcd0123456789abcdef" as TenantId;
const B = "01hxyzabcd0123456789abcdeg";
const BOSS = "01hxyzb0ss0123456789abcdef";
const USER = "01hxyzvser0123456789abcdef";
const PASSWORD = "several words in a row";

let now = Date.UTC(2026, 10, 22, 9);
const clock = { now: () => now };
const mac = { generateMac: (text: Uint8Array) => Promise.resolve(createHmac("sha256", "k").update(text).digest()) };
const secrets = new StageSecrets(mac);
let store = memoryRegistry();
let names = memoryNames();
const people = () => createPeople(store, clock, A, names.seal);
function enrolments() {
  const challenges = createChallenges(store, clock);
  const party = relyingPartyOf("http://localhost:1");
  const passkeys = createPasskeys({ store, secrets, clock, party, challenges });
  return createEnrolment({ store, secrets, clock, challenges, passkeys, wordsOf: () => names.open });
}
const signIn = (totpSecret: string) =>
  createSignIn(store, secrets, clock)({ login: "n.new", password: PASSWORD, totp: totpAt(totpSecret, now) });

async function invited(): Promise<string> {
  const code = newEnrolmentCode();
  const asked = { displayName: "Nadia", login: "n.new", roles: ["nurse"] };
  const done = await people().invite(BOSS, USER, asked, codeDigestOf(code));
  if (!done.ok) throw new Error("an administrator invites");
  return code;
}

async function enrol(code: string) {
  const found = await enrolments().find(code);
  if (found === undefined) return undefined;
  const { ticket, totpSecret } = await enrolments().offer(found);
  const shown = { ticket, password: PASSWORD, totp: totpAt(totpSecret, now) };
  return { totpSecret, done: await enrolments().byPassword(found, shown) };
}

beforeEach(async () => {
  store = memoryRegistry();
  names = memoryNames();
  const boss = { userId: BOSS, tenantId: A, loginSealed: new Uint8Array(1), createdAtMs: now };
  const tenant = { tenantId: A, name: "Clinic", tier: "pooled", region: "us-east-1", cell: "c01", status: "active" };
  await store.write([
    { kind: "create", row: { ...tenantKey(A), rev: 1, ...tenant, epoch: 0, createdAtMs: now } },
    { kind: "create", row: membershipRow(BOSS, A, ["clinic-administrator"]) },
    { kind: "create", row: accountRow(boss) },
  ]);
});

describe("CLIN-15 an enrolment code", () => {
  it("is 125 bits in five groups, read as it is typed, and stored as its hash alone", async () => {
    const code = await invited();
    expect(showCode(code)).toMatch(/^(\w{5}-){4}\w{5}$/);
    expect(readCode(` ${showCode(code).toLowerCase().replaceAll("0", "o").replaceAll("1", "l")} `)).toBe(code);
    expect(JSON.stringify([...store.rows.values()])).not.toContain(code);
  });

  it("opens one account, once, and what was shown for it signs nobody in again", async () => {
    const code = await invited();
    const first = await enrol(code);
    expect(first?.done).toMatchObject({ ok: true, value: { userId: USER, tenantId: A, roles: ["nurse"] } });
    expect(await enrol(code)).toBeUndefined();
    const secret = first?.totpSecret ?? "";
    expect((await signIn(secret)).ok).toBe(false);
    now += 30_000;
    expect((await signIn(secret)).ok).toBe(true);
  });

  it("runs out, to the millisecond", async () => {
    const code = await invited();
    now += ENROLMENT_CODE_TTL_MS - 1;
    expect(await enrolments().find(code)).toBeDefined();
    now += 1;
    expect(await enrolments().find(code)).toBeUndefined();
  });

  it("opens nothing after a new one was given, after the access ended, or where the account opens another clinic", async () => {
    const code = await invited();
    const next = newEnrolmentCode();
    const asked = { act: "code", actorId: BOSS, userId: USER } as const;
    expect((await people().act(asked, peopleEdits.code(codeDigestOf(next)))).ok).toBe(true);
    expect(await enrolments().find(code)).toBeUndefined();
    expect(await enrolments().find(next)).toMatchObject({ codeFor: "invite" });
    const elsewhere = { ...belongingKey(USER, B), rev: 1, userId: USER, tenantId: B };
    await store.write([{ kind: "create", row: elsewhere }]);
    expect(await enrolments().find(next)).toBeUndefined();
    store.rows.delete(`${elsewhere.pk}\n${elsewhere.sk}`);
    await people().act({ act: "end", actorId: BOSS, userId: USER }, peopleEdits.end);
    expect(await enrolments().find(next)).toBeUndefined();
  });

  /** A page that has found its code good, and is about to use it when `meanwhile` happens. */
  async function usedAfter(meanwhile: () => Promise<unknown>) {
    const code = await invited();
    const found = await enrolments().find(code);
    if (found === undefined) throw new Error("the code is good");
    const { ticket, totpSecret } = await enrolments().offer(found);
    await meanwhile();
    const before = JSON.stringify([...store.rows]);
    const shown = { ticket, password: PASSWORD, totp: totpAt(totpSecret, now) };
    const done = await enrolments().byPassword(found, shown);
    return { done, isUntouched: JSON.stringify([...store.rows]) === before };
  }

  it.each([
    ["a new code was given", "code", peopleEdits.code(codeDigestOf("another"))],
    ["the access was ended", "end", peopleEdits.end],
  ] as const)("opens nothing where %s between the look at it and its use", async (_what, act, edit) => {
    const { done, isUntouched } = await usedAfter(() => people().act({ act, actorId: BOSS, userId: USER }, edit));
    expect(done).toEqual({ ok: false, error: { kind: "unknown" } });
    expect(isUntouched).toBe(true);
  });
  it("opens where nothing happened in between", async () => {
    expect((await usedAfter(() => Promise.resolve())).done.ok).toBe(true);
  });

  it("TEN-4 stands beside a name and a login that only its own clinic opens", async () => {
    const code = await invited();
    expect(await enrolments().find(code)).toMatchObject({ displayName: "Nadia", login: "n.new" });
    const kept = [...store.rows.values()]
      .flatMap((row) => Object.values(row))
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
      .join(" ");
    for (const word of ["Nadia", "n.new"]) expect(kept).not.toContain(word);
    names.close(A);
    expect(await enrolments().find(code)).toBeUndefined();
  });

  it("takes no login that is somebody else's, and no ticket of another code", async () => {
    const code = await invited();
    const taken = loginKey(await loginDigest(secrets, "n.new"));
    await store.write([{ kind: "create", row: { ...taken, rev: 1, userId: BOSS } }]);
    expect((await enrol(code))?.done).toEqual({ ok: false, error: { kind: "login-taken" } });
    store.rows.delete(`${taken.pk}\n${taken.sk}`);
    const found = await enrolments().find(code);
    if (found === undefined) throw new Error("the code is good");
    const { ticket, totpSecret } = await enrolments().offer({ ...found, digest: "another" });
    const shown = { ticket, password: PASSWORD, totp: totpAt(totpSecret, now) };
    expect(await enrolments().byPassword(found, shown)).toEqual({ ok: false, error: { kind: "unknown" } });
  });

  it("a reset closes what there was until the code is used, and opens nothing by what there was after it", async () => {
    const first = await enrol(await invited());
    const old = first?.totpSecret ?? "";
    now += 60_000;
    expect((await signIn(old)).ok).toBe(true);
    const code = newEnrolmentCode();
    await people().act({ act: "code", actorId: BOSS, userId: USER }, peopleEdits.code(codeDigestOf(code)));
    now += 60_000;
    expect(await signIn(old)).toMatchObject({ ok: false, error: { known: { reason: "not-a-member" } } });
    const again = await enrol(code);
    expect(again?.done.ok).toBe(true);
    now += 60_000;
    expect((await signIn(old)).ok).toBe(false);
    expect((await signIn(again?.totpSecret ?? "")).ok).toBe(true);
  });
});
