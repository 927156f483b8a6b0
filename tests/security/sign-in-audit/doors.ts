import { createHash, randomBytes } from "node:crypto";
import { CLI_CLIENT_ID } from "../../../core/identity/authorization-server.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import type { World } from "../world.ts";

/** What somebody types in at either door. */
export interface Attempt {
  readonly login: string;
  readonly password: string;
  readonly totp: string;
  readonly tenant?: TenantId;
}

export interface DoorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether whoever asked holds something now: a session's cookie, or a redirect on to a code. */
  readonly isIn: boolean;
}

/** The portal's own sign-in. */
async function bySession({ stack }: World, attempt: Attempt): Promise<DoorAnswer> {
  const response = await fetch(`${stack.endpoint}/session/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(attempt),
  });
  const { status, headers } = response;
  return { status, headers, text: await response.text(), isIn: headers.getSetCookie().length > 0 };
}

/** The page of a code flow, filled in as a browser does it; what the form itself is answered. */
async function byPage({ stack }: World, attempt: Attempt): Promise<DoorAnswer> {
  const query = new URLSearchParams({
    client_id: CLI_CLIENT_ID,
    response_type: "code",
    redirect_uri: "http://127.0.0.1/callback",
    scope: "user/*.cruds",
    state: "s",
    code_challenge: createHash("sha256").update(randomBytes(32)).digest("base64url"),
    code_challenge_method: "S256",
  });
  const started = await fetch(`${stack.endpoint}/oauth2/authorize?${query.toString()}`, { redirect: "manual" });
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const response = await fetch(new URL(started.headers.get("location") ?? "", stack.endpoint), {
    method: "POST",
    redirect: "manual",
    headers: { cookie },
    body: new URLSearchParams({ ...attempt }),
  });
  const { status, headers } = response;
  const isIn = headers.get("location") !== null || headers.getSetCookie().length > 0;
  return { status, headers, text: await response.text(), isIn };
}

export const DOORS = [
  { door: "POST /session/sign-in", client: "portal", enter: bySession, refusal: 401, entry: 200 },
  { door: "the page of a code flow", client: CLI_CLIENT_ID, enter: byPage, refusal: 401, entry: 303 },
] as const;
