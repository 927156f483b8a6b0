import { randomBytes } from "node:crypto";
import { totpAt } from "../../../core/identity/totp.ts";
import { purposeOfRole } from "../../../scripts/cli/sign-in.ts";
import type { Stage } from "./stage.ts";

export const PASSWORD = "correct horse battery staple";

/** The people that a clinic of the harness has, hired when a test first asks for one. */
export type Role = "physician" | "nurse" | "front-desk" | "billing" | "clinic-administrator" | "auditor" | "patient";

export interface Person {
  readonly userId: string;
  readonly tenantId: string;
  readonly login: string;
  readonly password: string;
  readonly totpSecret: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly patientId?: string;
}

export interface HireOptions {
  readonly displayName?: string;
  readonly login?: string;
  readonly patientId?: string;
  readonly practitionerId?: string;
}

// A test looks into answers of any shape.
export type Json = { readonly [member: string]: Json } & { readonly [index: number]: Json } & string &
  number &
  readonly Json[];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Ask {
  readonly body?: unknown;
  readonly purpose?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody's session, used without a browser: what a test sets up or looks up beside the pages. */
export interface ApiCaller {
  /** Any status is an answer; the cookie of the person's session goes with it. */
  send(method: string, path: string, ask?: Ask): Promise<Answer>;
}

const STEP_MS = 30_000;

/** Hires people into clinics of a stage and holds one session of each. */
export interface Registry {
  hire(tenantId: string, roles: readonly string[], options?: HireOptions): Promise<Person>;
  /** The secret of a session of this person that is alive now: signed in before, or again. */
  readonly cookieOf: (person: Person) => Promise<string>;
  /** A code that this person has not shown yet. */
  readonly freshCode: (person: Person) => Promise<string>;
  callerOf(person: () => Promise<Person>): ApiCaller;
}

export function createRegistry(stage: Stage): Registry {
  const { endpoint, portalOrigin } = stage.stack;
  const cookies = new Map<string, Promise<string>>();
  const lastSteps = new Map<string, number>();
  let hired = 0;

  const own = { "sec-fetch-site": "same-origin", origin: portalOrigin };

  async function hire(tenantId: string, roles: readonly string[], options: HireOptions = {}): Promise<Person> {
    hired += 1;
    const login = options.login ?? `person${hired}.${roles[0] ?? "none"}`;
    const displayName = options.displayName ?? NAMES[hired % NAMES.length] ?? login;
    const { patientId, practitionerId } = options;
    const link = {
      ...(patientId !== undefined && { patientId }),
      ...(practitionerId !== undefined && { practitionerId }),
    };
    const { userId, totpSecret } = await stage.operate<{ userId: string; totpSecret: string }>(
      `/platform/tenants/${tenantId}/users`,
      { login, displayName, roles, password: PASSWORD, ...link },
    );
    return {
      userId,
      tenantId,
      login,
      password: PASSWORD,
      totpSecret,
      displayName,
      roles,
      ...(patientId !== undefined && { patientId }),
    };
  }

  /** A code works once, and one step of drift is taken: the code of now or the next, else one that is still to come. */
  async function freshCode({ login, totpSecret }: Person): Promise<string> {
    const current = (): number => Math.floor(stage.clock.now() / STEP_MS);
    const step = Math.max(current(), (lastSteps.get(login) ?? 0) + 1);
    lastSteps.set(login, step);
    const waitMs = (step - 1) * STEP_MS - stage.clock.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    return totpAt(totpSecret, step * STEP_MS);
  }

  async function signIn(person: Person): Promise<string> {
    const { login, password, tenantId, roles } = person;
    const body = {
      login,
      password,
      totp: await freshCode(person),
      tenant: tenantId,
      // Finance works on no record, and so for no purpose of use.
      ...(!roles.includes("finance") && { purpose: purposeOfRole(roles[0] ?? "") }),
    };
    const response = await fetch(`${endpoint}/session/sign-in`, {
      method: "POST",
      headers: { ...own, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.status !== 200)
      throw new Error(`${login}'s sign-in was refused: ${response.status} ${await response.text()}`);
    const cookie = secretIn(response.headers);
    if (cookie === undefined) throw new Error("a sign-in sets the session's cookie");
    return cookie;
  }

  async function isAlive(cookie: string): Promise<boolean> {
    const response = await fetch(`${endpoint}/session`, { headers: { ...own, cookie: `__Host-sid=${cookie}` } });
    await response.body?.cancel();
    return response.status === 200;
  }

  async function cookieOf(person: Person): Promise<string> {
    const known = cookies.get(person.login);
    if (known !== undefined) {
      const cookie = await known;
      if (await isAlive(cookie)) return cookie;
    }
    const begun = signIn(person);
    cookies.set(person.login, begun);
    begun.catch(() => cookies.delete(person.login));
    return begun;
  }

  return {
    hire,
    freshCode,
    cookieOf,
    callerOf: (person) => ({
      async send(method, path, { body, purpose, headers = {} } = {}) {
        const cookie = await cookieOf(await person());
        const response = await fetch(`${endpoint}${path}`, {
          method,
          redirect: "manual",
          headers: {
            ...own,
            cookie: `__Host-sid=${cookie}`,
            ...(body === undefined
              ? {}
              : { "content-type": path.startsWith("/fhir") ? "application/fhir+json" : "application/json" }),
            ...(method === "GET" ? {} : { "idempotency-key": randomBytes(16).toString("hex") }),
            ...(purpose === undefined ? {} : { "x-purpose-of-use": purpose }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, body: parsed(text) };
      },
    }),
  };
}

const NAMES = [
  "Maya Okafor",
  "Daniel Reyes",
  "Hannah Lindqvist",
  "Tomas Novak",
  "Priya Raman",
  "Elena Marchetti",
  "Samuel Abiodun",
  "Grace Whitfield",
];

function secretIn(headers: Headers): string | undefined {
  for (const line of headers.getSetCookie()) {
    const found = /^__Host-sid=([\w-]{43});/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return "" as Json;
  }
}
