import { randomBytes } from "node:crypto";
import { totpAt } from "../../core/identity/totp.ts";
import { sentenceOf } from "../cli/api.ts";
import { CliFailure, EXIT } from "../cli/failure.ts";
import type { Member } from "../cli/profile.ts";
import { purposeOfRole } from "../cli/sign-in.ts";

/** How long a code is shown: RFC 6238 5.2. */
export const STEP_MS = 30_000;

export interface MemberRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly ifMatch?: number;
}

/** A synthetic member's session by cookie, as the portal has one. */
export interface MemberSession {
  /** The parsed body of a 2xx answer; any other is a CliFailure with the API's own sentence. */
  json<T>(request: MemberRequest): Promise<T>;
  /** `__Host-sid=...`, as it is now. */
  cookie(): string;
  /** Both factors again. */
  stepUp(): Promise<void>;
}

/**
 * Signs a member in who has not shown a code in this half minute. A step-up shows the next, which is taken already.
 * @param signedInMs The time at the stage, where that is not this machine's.
 */
export async function openMemberSession(
  origin: string,
  member: Member,
  signedInMs: number = Date.now(),
): Promise<MemberSession> {
  let cookie = "";
  const send = async ({ method, path, body, ifMatch }: MemberRequest): Promise<Response> => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        "sec-fetch-site": "same-origin",
        ...(cookie === "" ? {} : { cookie }),
        ...(method === "GET" ? {} : { "idempotency-key": randomBytes(16).toString("hex") }),
        ...(body === undefined
          ? {}
          : { "content-type": path.startsWith("/fhir") ? "application/fhir+json" : "application/json" }),
        ...(ifMatch === undefined ? {} : { "if-match": `W/"${String(ifMatch)}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      const answer = { status: response.status, headers: response.headers, text: await response.text() };
      throw new CliFailure(`${method} ${path} as ${member.login}: ${sentenceOf(answer)}`, EXIT.refused);
    }
    const [own] = response.headers.getSetCookie();
    if (own !== undefined) cookie = own.slice(0, own.indexOf(";"));
    return response;
  };
  const code = (offsetMs: number): string => totpAt(member.totpSecret, signedInMs + offsetMs);
  const { login, password, tenantId, role } = member;
  await send({
    method: "POST",
    path: "/session/sign-in",
    // Finance works on no record, and so for no purpose of use.
    body: {
      login,
      password,
      totp: code(0),
      tenant: tenantId,
      ...(role !== "finance" && { purpose: purposeOfRole(role) }),
    },
  });
  return {
    cookie: () => cookie,
    json: async <T>(request: MemberRequest) => (await (await send(request)).json()) as T,
    async stepUp() {
      await send({ method: "POST", path: "/session/step-up", body: { password, totp: code(STEP_MS) } });
    },
  };
}
