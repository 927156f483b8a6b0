import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, Problem } from "../../../web/src/api/client.ts";
import { sessionState } from "../../../web/src/app/session-state.ts";

vi.mock("virtual:routes", async () => {
  const { routes } = await import("../../../core/contract/routes.ts");
  return {
    default: Object.fromEntries(
      Object.entries(routes).map(([name, { method, path, idempotency }]) => [name, [method, path, idempotency]]),
    ),
  };
});

interface Sent {
  readonly address: string;
  readonly method: string | undefined;
  readonly headers: Headers;
  readonly body: unknown;
}

let sent: Sent[] = [];

/** Answers one request after the other with these; a number is a status, an error is a connection that breaks. */
function answer(...answers: readonly (number | Error | Response)[]): void {
  const left = [...answers];
  vi.stubGlobal("fetch", (address: string, init: RequestInit) => {
    sent.push({ address, method: init.method, headers: new Headers(init.headers), body: init.body });
    const next = left.shift() ?? new Error("no answer was prepared");
    if (next instanceof Error) return Promise.reject(next);
    return Promise.resolve(
      next instanceof Response
        ? next
        : new Response(next === 204 ? null : "{}", {
            status: next,
            headers: { "content-type": "application/json", "retry-after": "0" },
          }),
    );
  });
}

const kindOf = async (asked: Promise<unknown>): Promise<string> => {
  const thrown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Problem ? thrown.kind : String(thrown);
};

const session = {
  user: { id: "u", displayName: "", name: "Avery Stone" },
  tenant: { id: "t", name: "", timeZone: "UTC", locale: "en" },
  roles: ["nurse"],
  assurance: "aal2",
  purpose: "TREAT",
  purposes: ["TREAT"],
  can: [],
  tag: "tag-1",
  idleExpiresAt: "",
  expiresAt: "",
  idleLeftMs: 0,
  leftMs: 0,
  clinics: 1,
} as const;

beforeEach(() => {
  sent = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("navigator", { onLine: true, language: "en" });
  sessionState.set({ status: "active", session });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = async <T>(asked: Promise<T>): Promise<T> => {
  await vi.runAllTimersAsync();
  return asked;
};

const begin = { body: { patient: "p", reason: { code: "immediate-care", text: "Ten letters at least" } } } as const;

describe("UIX-5 a request of the portal", () => {
  it("says what it is for and which sign-in it belongs to, and no name goes into its address", async () => {
    answer(200);
    await settle(call("readPrivacy", { purpose: "HOPERAT" }));
    const [{ address, headers } = { address: "", headers: new Headers() }] = sent;
    expect(address).toBe("/clinic/settings/privacy");
    expect(headers.get("x-purpose-of-use")).toBe("HOPERAT");
    expect(headers.get("x-session-tag")).toBe("tag-1");
    expect(headers.get("idempotency-key")).toBeNull();
    expect(headers.get("x-background")).toBeNull();
  });

  it("sends a change again where nothing answered, with the same key and the same bytes", async () => {
    answer(new Error("reset"), 503, 200);
    await settle(call("beginBreakGlass", begin));
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
    expect(sent[0]?.headers.get("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  });

  it("gives up after three times, and keeps the key that it was given", async () => {
    answer(503, 503, 503, 200);
    const asked = kindOf(call("beginBreakGlass", { ...begin, effect: "effect-12345" }));
    expect(await settle(asked)).toBe("unavailable");
    expect(sent.map(({ headers }) => headers.get("idempotency-key"))).toEqual(Array(3).fill("effect-12345"));
  });

  it.each([
    ["what is wrong stays wrong", 422, "invalid"],
    ["a refusal stays one", 403, "forbidden"],
    ["a fault is not repeated", 500, "exception"],
    ["a conflict is the person's", 409, "conflict"],
  ])("is not sent again: %s", async (_title, status, kind) => {
    answer(status, 200);
    expect(await settle(kindOf(call("readPrivacy")))).toBe(kind);
    expect(sent).toHaveLength(1);
  });

  it("waits no longer than a person would: the answer says when, and the person decides", async () => {
    answer(new Response("{}", { status: 429, headers: { "retry-after": "60" } }), 200);
    expect(await settle(kindOf(call("readPrivacy")))).toBe("throttled");
    expect(sent).toHaveLength(1);
  });

  it("sends nothing while there is no connection, and says that", async () => {
    vi.stubGlobal("navigator", { onLine: false, language: "en" });
    answer(200);
    expect(await settle(kindOf(call("readPrivacy")))).toBe("offline");
    expect(sent).toEqual([]);
  });

  it("what is no answer of ours is never taken for one, and an answer without content is none", async () => {
    answer(204);
    expect(await settle(call("endBreakGlass", { path: { id: "x" } }))).toBeUndefined();
    answer(new Response("<html>", { status: 200, headers: { "content-type": "text/html" } }));
    expect(await settle(kindOf(call("readPrivacy")))).toBe("exception");
    answer(new Response("{", { status: 200, headers: { "content-type": "application/json" } }));
    expect(await settle(kindOf(call("readPrivacy")))).toBe("exception");
  });
});
