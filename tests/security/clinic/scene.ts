import { randomBytes } from "node:crypto";
import { totpAt } from "../../../core/identity/totp.ts";
import type { Member } from "../../../scripts/cli/profile.ts";
import { createVirtualClock, type VirtualClock } from "../../../scripts/local/front/clock.ts";
import { readPlan } from "../../../scripts/local/provision/index.ts";
import { type EveryMinute, quietPlan } from "../../fixtures/quiet-plan.ts";
import { addMember } from "../http/members.ts";
import { type Answer, type Clinic, type Json, PASSWORD, startWorld, type World } from "../world.ts";

const STEP_MS = 30_000;

export interface Ask {
  readonly body?: unknown;
  readonly purpose?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A member in one signed-in session, as the portal holds it. */
export interface Session {
  readonly userId: string;
  readonly member: Member;
  /** The cookie that it holds now. */
  cookie(): string;
  /** Goes on under the cookie that an answer gave. */
  hold(cookie: string): void;
  send(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Shows both factors again; the session goes on under the cookie that this is answered with. */
  stepUp(shown?: { readonly password?: string; readonly totp?: string }): Promise<Answer>;
}

export interface Person {
  readonly userId: string;
  readonly member: Member;
}

export interface Scene {
  readonly world: World;
  readonly clock: VirtualClock;
  /** A new member of a clinic, who has not signed in. */
  hire(clinic: Pick<Clinic, "tenantId">, roles: readonly string[], patientId?: string): Promise<Person>;
  /** A code that this member has not shown yet. */
  freshCode(member: Member): Promise<string>;
  signIn(person: Person, purpose?: string): Promise<Session>;
  /** Signs in, and shows both factors again. */
  signInSteppedUp(person: Person, purpose?: string): Promise<Session>;
  close(): Promise<void>;
}

interface SceneOptions extends NonNullable<Parameters<typeof startWorld>[0]> {
  /** What of all that runs every minute does; by default nothing, so that time is moved cheaply. */
  readonly runs?: readonly EveryMinute[];
}

/** A stage whose time can be moved, and members with sessions in it. */
export async function openScene({ runs, ...options }: SceneOptions = {}): Promise<Scene> {
  const clock = createVirtualClock({ isFlowing: true });
  const plan = quietPlan(options.plan ?? readPlan("dev"), runs);
  const world = await startWorld({ clock, throttle: { ratePerSecond: 10_000, burst: 5_000 }, ...options, plan });
  const { endpoint } = world.stack;
  const lastSteps = new Map<string, number>();
  let hired = 0;

  async function freshCode({ login, totpSecret }: Member): Promise<string> {
    const step = Math.max(Math.floor(clock.now() / STEP_MS), (lastSteps.get(login) ?? 0) + 1);
    const aheadMs = (step - 1) * STEP_MS - clock.now();
    if (aheadMs > 0) await clock.advance(aheadMs);
    lastSteps.set(login, step);
    return totpAt(totpSecret, step * STEP_MS);
  }

  async function send(cookie: string, method: string, path: string, { body, purpose, headers = {} }: Ask = {}) {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      redirect: "manual",
      headers: {
        cookie: `__Host-sid=${cookie}`,
        "sec-fetch-site": "same-origin",
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
  }

  async function signIn({ userId, member }: Person, purpose?: string): Promise<Session> {
    const { login, tenantId } = member;
    const totp = await freshCode(member);
    const body = { login, password: PASSWORD, totp, tenant: tenantId, ...(purpose === undefined ? {} : { purpose }) };
    const response = await fetch(`${endpoint}/session/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.status !== 200) throw new Error(`the sign-in was refused: ${response.status}`);
    let cookie = cookieOf(response.headers);
    return {
      userId,
      member,
      cookie: () => cookie,
      hold(next) {
        cookie = next;
      },
      send: (method, path, ask) => send(cookie, method, path, ask),
      async stepUp({ password = PASSWORD, totp: shown } = {}) {
        const code = shown ?? (await freshCode(member));
        const answer = await send(cookie, "POST", "/session/step-up", { body: { password, totp: code } });
        if (answer.status === 200) cookie = cookieOf(answer.headers);
        return answer;
      },
    };
  }

  return {
    world,
    clock,
    freshCode,
    signIn,
    async hire({ tenantId }, roles, patientId) {
      hired += 1;
      const wanted = { tenantId, login: `member${hired}.${roles[0]}`, roles };
      const { member, userId } = await addMember(world, patientId === undefined ? wanted : { ...wanted, patientId });
      return { member, userId };
    },
    async signInSteppedUp(person, purpose) {
      const session = await signIn(person, purpose);
      const answer = await session.stepUp();
      if (answer.status !== 200) throw new Error(`the step-up was refused: ${answer.status} ${answer.text}`);
      return session;
    },
    async close() {
      await world.close();
      await clock.close();
    },
  };
}

function cookieOf(headers: Headers): string {
  const [line = ""] = headers.getSetCookie();
  const cookie = /^__Host-sid=([\w-]{43});/.exec(line)?.[1];
  if (cookie === undefined) throw new Error("an answer of the session zone sets the cookie");
  return cookie;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return "" as Json;
  }
}
