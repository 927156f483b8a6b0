import { beforeEach, describe, expect, it } from "vitest";
import { deviceOf } from "../../../core/identity/device.ts";
import { createSessions, digestOfRow, ON_THE_WAY_MS, sessionDigest } from "../../../core/identity/session.ts";
import { actDigest, isSteppedUp, STEP_UP_TTL_MS } from "../../../core/identity/step-up.ts";
import { IDLE_TIMEOUT_MS } from "../../../core/identity/standing.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const A = "01hxyzabcd0123456789abcdef" as TenantId;
const B = "01hxyzabcd0123456789abcdeg" as TenantId;
const USER = "01hxyzabcd0123456789abcdeh" as UserId;

let nowMs: number;
let store: ReturnType<typeof memoryRegistry>;
let sessions: ReturnType<typeof createSessions>;
beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 22, 8);
  store = memoryRegistry();
  sessions = createSessions(store, { now: () => nowMs });
});
async function begin(tenantId = A, beginning: Parameters<typeof sessions.prepare>[4] = { purpose: "TREAT" }) {
  const opened = sessions.prepare(USER, tenantId, "aal2", "cookie", beginning);
  await sessions.begin(opened.session);
  return { ...opened, digest: sessionDigest(opened.secret) };
}

describe("UIX-5 a session that goes on in another clinic", () => {
  it("has a new id and a new tag, ends when it had to, and takes neither purpose nor step-up along", async () => {
    const old = await begin();
    nowMs += 60_000;
    const stepped = await sessions.prepareStepUp(old.digest, "f".repeat(64));
    if (stepped?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(stepped);
    expect(stepped.session.tag).toBe(old.session.tag);
    const moved = await sessions.prepareSwitch(sessionDigest(stepped.secret), B, undefined);
    if (moved?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    expect(await sessions.move(moved)).toBe(true);
    const { session } = moved;
    expect(session).toMatchObject({ tenantId: B, expiresAtMs: old.session.expiresAtMs });
    expect([session.purpose, session.steppedUpAtMs, session.steppedUpFor]).toEqual([undefined, undefined, undefined]);
    expect([old.session.tag, old.session.sessionId]).not.toContain(session.tag);
    expect([await sessions.find(old.secret, true), await sessions.find(stepped.secret, true)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await sessions.find(moved.secret, true)).toMatchObject({ tenantId: B });
  });

  it("is one of the two that asked for it at once", async () => {
    const { digest } = await begin();
    const both = await Promise.all([
      sessions.prepareSwitch(digest, B, undefined),
      sessions.prepareSwitch(digest, A, "HOPERAT"),
    ]);
    const stored: boolean[] = [];
    for (const moved of both) if (moved !== undefined) stored.push(await sessions.move(moved));
    expect(stored).toEqual([true, false]);
  });

  it("cannot be one that idled out", async () => {
    const { digest } = await begin();
    nowMs += IDLE_TIMEOUT_MS;
    expect(await sessions.prepareSwitch(digest, B, undefined)).toBeUndefined();
  });
});

describe("AT-22 what was told to end", () => {
  it("ends though it went on a moment before: its successors end with it", async () => {
    const { digest } = await begin();
    const stepped = await sessions.prepareStepUp(digest);
    if (stepped?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(stepped);
    const moved = await sessions.prepareSwitch(sessionDigest(stepped.secret), B, "TREAT");
    if (moved?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(moved);
    await sessions.end(digest);
    expect(await sessions.find(moved.secret, true)).toBeUndefined();
  });

  it("UIX-5 is found by the cookie from before for as long as a request is on its way, and opens nothing", async () => {
    const { digest, secret } = await begin();
    expect(await sessions.successorOf(secret)).toBeUndefined();
    const stepped = await sessions.prepareStepUp(digest);
    if (stepped?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(stepped);
    const moved = await sessions.prepareSwitch(sessionDigest(stepped.secret), B, "TREAT");
    if (moved?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(moved);
    const found = await sessions.successorOf(secret);
    expect(found === undefined ? undefined : digestOfRow(found)).toBe(sessionDigest(moved.secret));
    expect(await sessions.find(secret, false)).toBeUndefined();
    nowMs += ON_THE_WAY_MS - 1;
    expect(await sessions.successorOf(secret)).toBeDefined();
    nowMs += 1;
    expect(await sessions.successorOf(secret)).toBeUndefined();
    nowMs -= ON_THE_WAY_MS;
    await sessions.end(sessionDigest(moved.secret));
    expect(await sessions.successorOf(secret)).toBeUndefined();
    expect(await sessions.successorOf("unknown")).toBeUndefined();
  });

  it("UIX-5 has no successor to be found where it idled out, or is a token's", async () => {
    const { digest, secret } = await begin();
    const stepped = await sessions.prepareStepUp(digest);
    if (stepped?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move({ ...stepped, changes: stepped.changes.slice(0, 1) });
    expect(await sessions.successorOf(secret)).toBeUndefined();
    const token = sessions.prepare(USER, A, "aal2", "oauth");
    await sessions.begin(token.session);
    await sessions.end(sessionDigest(token.secret));
    expect(await sessions.successorOf(token.secret)).toBeUndefined();
  });

  it("ends though it is used at that moment", async () => {
    const { digest, secret } = await begin();
    const write = store.write.bind(store);
    let isFirst = true;
    store.write = async (changes) => {
      if (isFirst) {
        isFirst = false;
        nowMs += 61_000;
        await sessions.find(secret, true);
      }
      return write(changes);
    };
    await sessions.end(digest);
    expect(await sessions.find(secret, true)).toBeUndefined();
  });

  it("may be only what one passkey began", async () => {
    const lost = await begin(A, { by: "passkey", passkeyId: "lost" });
    const kept = await begin(B, { by: "passkey", passkeyId: "kept" });
    expect(await sessions.endAll(USER, ({ passkeyId }) => passkeyId === "lost")).toBe(1);
    expect(await sessions.find(lost.secret, true)).toBeUndefined();
    expect((await sessions.liveOf(USER)).map(({ sessionId }) => sessionId)).toEqual([kept.session.sessionId]);
    expect(await sessions.endAll(USER)).toBe(1);
    expect(await sessions.liveOf(USER)).toEqual([]);
  });

  it("is what a sign-in anew replaces, also where it has just gone on", async () => {
    const old = await begin();
    const stepped = await sessions.prepareStepUp(old.digest);
    if (stepped?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(stepped);
    const fresh = sessions.prepare(USER, A, "aal2", "cookie", {});
    await sessions.begin(fresh.session, old.session);
    expect(await sessions.find(stepped.secret, true)).toBeUndefined();
    expect(await sessions.find(fresh.secret, true)).toBeDefined();
  });
});

describe("POL-9 a step-up for one request", () => {
  const act = actDigest("PUT", "/clinic/settings/privacy", `{"relationship":"open"}`);

  it("counts for that request, for five minutes, and for nothing else", () => {
    const stepped = { steppedUpAtMs: nowMs, steppedUpFor: act };
    expect(isSteppedUp(stepped, nowMs, act)).toBe(true);
    expect(isSteppedUp(stepped, nowMs + STEP_UP_TTL_MS, act)).toBe(false);
    for (const other of [
      undefined,
      actDigest("POST", "/clinic/settings/privacy", `{"relationship":"open"}`),
      actDigest("PUT", "/clinic/settings/privacy?x=1", `{"relationship":"open"}`),
      actDigest("PUT", "/clinic/settings/privacy", `{"relationship":"open" }`),
    ])
      expect(isSteppedUp(stepped, nowMs, other)).toBe(false);
  });
  it("that is for whatever comes counts for any", () => {
    expect(isSteppedUp({ steppedUpAtMs: nowMs }, nowMs, act)).toBe(true);
  });
  it("replaces the one before it, in both directions", async () => {
    const { digest } = await begin();
    const bound = await sessions.prepareStepUp(digest, act);
    if (bound?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(bound);
    expect(bound.session.steppedUpFor).toBe(act);
    const unbound = await sessions.prepareStepUp(sessionDigest(bound.secret));
    expect(unbound?.session.steppedUpFor).toBeUndefined();
  });
});

describe("the device of a sign-in", () => {
  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
      "Chrome",
      "Windows",
    ],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge", "Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari", "macOS"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604", "Safari", "iOS"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"],
    ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36", "Chrome", "Android"],
    ["<script>alert(1)</script> Jane Doe", "other", "other"],
    ["", "other", "other"],
  ])("%s", (userAgent, browser, system) => {
    expect(deviceOf(userAgent)).toEqual({ browser, system });
  });
});
