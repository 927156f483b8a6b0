import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import type { Clock } from "../../../core/kernel/clock.ts";
import type { Authorizer } from "./event.ts";

/** A JWT authorizer of an API. */
export interface JwtAuthorizer {
  readonly name: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Where the keys come from; undefined: the issuer's discovery document, as API Gateway does it. */
  readonly keys?: JWTVerifyGetKey;
}

export type Verdict =
  | { readonly kind: "allowed"; readonly authorizer: Authorizer }
  | { readonly kind: "unauthorized"; readonly reason: string }
  | { readonly kind: "forbidden" };

/** API Gateway takes RSA keys only. Source: API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers". */
const ALGORITHMS = ["RS256", "RS384", "RS512"];

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
    redirect: "error",
  });
  const document = (await response.json()) as { jwks_uri?: unknown };
  if (typeof document.jwks_uri !== "string") throw new Error("the issuer's discovery document names no keys");
  return createRemoteJWKSet(new URL(document.jwks_uri));
}

const scopesOf = (payload: JWTPayload): string[] => {
  const scope = payload["scope"] ?? payload["scp"];
  if (typeof scope === "string") return scope.split(" ").filter((one) => one !== "");
  return Array.isArray(scope) ? scope.map(String) : [];
};

/** Every claim as text: lists in brackets, as API Gateway writes them. */
function claimsOf(payload: JWTPayload): Record<string, string> {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
    return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  };
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, text(value)]));
}

/** Verifies bearer tokens: signature, issuer, audience or client_id, times, then scopes. */
export function createJwtAuthorizer(authorizer: JwtAuthorizer, clock: Clock) {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const findKeys = (): Promise<JWTVerifyGetKey> => {
    keys ??= (authorizer.keys === undefined ? discover(authorizer.issuer) : Promise.resolve(authorizer.keys)).catch(
      (error: unknown) => {
        keys = undefined; // asked again by the next request
        throw error;
      },
    );
    return keys;
  };

  return async (header: string | undefined, requiredScopes: readonly string[]): Promise<Verdict> => {
    const token = /^(?:Bearer )?([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header ?? "")?.[1];
    if (token === undefined) return { kind: "unauthorized", reason: "" };
    try {
      const { payload } = await jwtVerify(token, await findKeys(), {
        issuer: authorizer.issuer,
        algorithms: ALGORITHMS,
        currentDate: new Date(clock.now()),
        requiredClaims: ["exp"],
      });
      const audiences = payload.aud === undefined ? [payload["client_id"]] : [payload.aud].flat();
      if (!audiences.some((audience) => authorizer.audiences.includes(String(audience)))) {
        return { kind: "unauthorized", reason: "invalid_token" };
      }
      const scopes = scopesOf(payload);
      if (requiredScopes.length > 0 && !requiredScopes.some((scope) => scopes.includes(scope)))
        return { kind: "forbidden" };
      return {
        kind: "allowed",
        authorizer: { jwt: { claims: claimsOf(payload), scopes: requiredScopes.length > 0 ? requiredScopes : null } },
      };
    } catch (error) {
      if (error instanceof errors.JOSEError) return { kind: "unauthorized", reason: "invalid_token" };
      // The issuer cannot be reached: closed, not open.
      return { kind: "unauthorized", reason: "invalid_token" };
    }
  };
}
