import { actText } from "../../../core/contract/act.ts";
import type { AnswerOf, RouteName } from "../../../core/contract/index.ts";
import table from "virtual:routes";
import { emergencyPurpose } from "../app/emergencies.ts";
import { currentSession } from "../app/session-state.ts";
import { doubtChart } from "./cache.ts";
import { addressOf, type Ask } from "./ask.ts";
import { noteAnswer, noteProblem } from "./notices.ts";
import { Problem, problemOf } from "./problem.ts";

export type { Ask, BodyOf } from "./ask.ts";
export { Problem, type ProblemIssue, type ProblemKind } from "./problem.ts";

/** How often a request is sent in all, where repeating it is safe. */
const ATTEMPTS = 3;
const BACKOFF_MS = [300, 900] as const;
/** A wait that is longer is the person's to decide on. */
const PATIENCE_MS = 3_000;
const TIME_LIMIT_MS = 30_000;

/**
 * Who is signed in is asked without saying who was: the answer to another sign-in would be a refusal. A sign-out is meant
 * for the browser, whatever another of its tabs has switched to.
 */
const TAGLESS: ReadonlySet<RouteName> = new Set(["readSession", "signOut"]);

export const newEffect = (): string => crypto.randomUUID();

function headersFor<N extends RouteName>(name: N, ask: Ask<N>): Headers {
  const [, , idempotency] = table[name];
  const session = currentSession();
  const purpose = ask.purpose ?? emergencyPurpose(name, ask) ?? session?.purpose;
  const headers = new Headers({ accept: "application/json, application/fhir+json;q=0.9", ...ask.headers });
  if (purpose !== undefined) headers.set("x-purpose-of-use", purpose);
  // Said by every page but where its own sign-in does not matter: whoever else is signed in is told, or signed out.
  if (session !== undefined && !TAGLESS.has(name)) headers.set("x-session-tag", session.tag);
  if (idempotency === "key") headers.set("idempotency-key", ask.effect ?? newEffect());
  if (ask.ifMatch !== undefined) {
    headers.set("if-match", typeof ask.ifMatch === "number" ? `W/"${ask.ifMatch}"` : ask.ifMatch);
  }
  if (ask.isBackground === true) headers.set("x-background", "1");
  if (ask.body instanceof URLSearchParams) headers.set("content-type", "application/x-www-form-urlencoded");
  else if (ask.body !== undefined) {
    headers.set("content-type", table[name][1].startsWith("/fhir") ? "application/fhir+json" : "application/json");
  }
  return headers;
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get("content-type") ?? "";
  // A file to be kept: no screen reads it.
  if (response.ok && type === "application/octet-stream") return new Uint8Array(await response.arrayBuffer());
  const text = await response.text();
  if (text === "") return undefined;
  try {
    if (type.includes("json")) return JSON.parse(text) as unknown;
  } catch {
    // Told below: what is no answer of ours is never taken for one.
  }
  if (response.ok) throw problemOf(500, response.headers, undefined);
  return undefined;
}

const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

const textOf = (body: unknown): string =>
  body === undefined ? "" : body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);

/** Names one request, as the server will see it: what a step-up is shown for. Hex. */
export async function actOf<N extends RouteName>(name: N, ask: Ask<N> = {}): Promise<string> {
  const [method, template] = table[name];
  return sha256(actText(method, addressOf(template, ask), await sha256(textOf(ask.body))));
}

/** The same bytes each time it is sent: what is retried is the request, not a new one. */
async function sendOnce(address: string, init: RequestInit, signal: AbortSignal | undefined): Promise<unknown> {
  if (!navigator.onLine) throw new Problem({ kind: "offline", status: 0 });
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(address, { ...init, signal: signal ? AbortSignal.any([signal, limit]) : limit });
    body = await bodyOf(response);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    // Who asked has gone: that is no problem to tell of.
    if (signal?.aborted === true) throw cause;
    throw new Problem({ kind: navigator.onLine ? "unavailable" : "offline", status: 0 });
  }
  noteAnswer(response.headers);
  if (response.ok) return body;
  throw problemOf(response.status, response.headers, body);
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

/** How long to wait before another attempt; undefined where there is none. */
function waitOf(thrown: unknown, attempt: number, isRepeatable: boolean): number | undefined {
  if (!(thrown instanceof Problem) || !isRepeatable || !thrown.isTransient || thrown.kind === "offline")
    return undefined;
  const wait = thrown.retryAfterMs ?? BACKOFF_MS[attempt - 1];
  return attempt >= ATTEMPTS || wait === undefined || wait > PATIENCE_MS ? undefined : wait;
}

/**
 * Sends one request of the contract and gives its answer. Reads, natural changes and changes with an Idempotency-Key are
 * sent again where nothing answered or the server asks for patience, always with the same key.
 * @throws {Problem} Everything that is not a success. An aborted request throws the signal's reason.
 */
export async function call<N extends RouteName>(name: N, ask: Ask<N> = {}): Promise<AnswerOf<N>> {
  const [method, template, idempotency] = table[name];
  const init: RequestInit = {
    method,
    headers: headersFor(name, ask),
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    ...(ask.body !== undefined && { body: textOf(ask.body) }),
  };
  const address = addressOf(template, ask);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await sendOnce(address, init, ask.signal)) as AnswerOf<N>;
    } catch (thrown) {
      const wait = waitOf(thrown, attempt, idempotency !== "protocol");
      if (wait === undefined) {
        if (thrown instanceof Problem) {
          noteProblem(thrown, name);
          if (thrown.kind === "forbidden" && ask.path?.["id"] !== undefined) doubtChart(ask.path["id"]);
        }
        throw thrown;
      }
      await pause(wait, ask.signal);
    }
  }
}
