import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readSession } from "../../../web/src/app/session-read.ts";
import { type Session, sessionState } from "../../../web/src/app/session-state.ts";

vi.mock("virtual:routes", () => ({ default: { readSession: ["GET", "/session", "safe"] } }));

const viewOf = (tag: string) => ({
  user: { id: "u-1", displayName: "Amara Obi" },
  tenant: { id: "t-1", name: "Cedar Clinic", locale: "en-US" },
  roles: ["nurse"],
  tag,
});
const sessionWith = (tag: string): Session =>
  ({ ...viewOf(tag), user: { id: "u-1", name: "Amara Obi" }, purpose: "TREAT" }) as unknown as Session;

/** Answers that come when the test lets them: a tag, or undefined for nobody. */
let waiting: ((tag: string | undefined) => void)[] = [];
const next = async (tag: string | undefined): Promise<void> => {
  await vi.waitFor(() => expect(waiting).not.toEqual([]));
  waiting.shift()?.(tag);
};

beforeEach(() => {
  waiting = [];
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("fetch", async () => {
    const tag = await new Promise<string | undefined>((resolve) => void waiting.push(resolve));
    return tag === undefined
      ? new Response('{"code":"login"}', { status: 401, headers: { "content-type": "application/problem+json" } })
      : new Response(JSON.stringify(viewOf(tag)), { headers: { "content-type": "application/json" } });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionState.set({ status: "loading" });
});

describe("UIX-5 an answer counts for the session that it was asked in", () => {
  it("UIX-5 nobody is signed in any more: the page is locked", async () => {
    sessionState.set({ status: "active", session: sessionWith("one") });
    const read = readSession(true);
    await next(undefined);
    await read;
    expect(sessionState.get().status).toBe("ended");
  });

  it("UIX-5 a refusal of the cookie before does not lock whoever has signed in meanwhile", async () => {
    sessionState.set({ status: "ended", session: sessionWith("one") });
    const read = readSession(true);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    sessionState.set({ status: "active", session: sessionWith("two") });
    await next(undefined);
    await next("two");
    await read;
    expect(sessionState.get()).toMatchObject({ status: "active", session: { tag: "two" } });
  });

  it("UIX-5 an answer of the sign-in before is not taken on over the new one", async () => {
    sessionState.set({ status: "active", session: sessionWith("one") });
    const read = readSession();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    sessionState.set({ status: "active", session: sessionWith("two") });
    await next("one");
    await next("two");
    await read;
    expect(sessionState.get()).toMatchObject({ session: { tag: "two" } });
  });
});
