import type { KeyObject } from "node:crypto";
import { errors, jwtVerify } from "jose";
import * as z from "zod";
import { ID_PATTERN, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";

const id = z.string().regex(ID_PATTERN);

/** RFC 9068 access token of ours. Strict: a claim that we do not issue refuses the token. */
const Claims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: id,
  tenant: id,
  client_id: z.string().min(1).max(64),
  jti: z.string().min(16).max(64),
  sid: z.string().min(16).max(64),
  iat: z.int(),
  exp: z.int(),
  kind: z.enum(["user", "client"]),
  aal: z.enum(["aal1", "aal2", "client"]),
  scope: z.string().max(1000).optional(),
});

export interface TokenClaims {
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly clientId: string;
  readonly tokenId: string;
  readonly sessionId: string;
  readonly kind: "user" | "client";
  readonly assurance: "aal1" | "aal2" | "client";
  readonly scope: readonly string[];
  readonly issuedAtMs: number;
}

export type TokenFailure = {
  readonly kind: "unauthenticated";
  readonly reason: "malformed" | "signature" | "claims" | "expired";
};

export const ACCESS_TOKEN_TTL_SECONDS = 600;
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN_CHARACTERS = 4096;

export interface TokenTrust {
  readonly issuer: string;
  readonly audience: string;
  /** By key id; a token naming any other is refused, and no header of a token is ever followed. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** JSON where a repeated member name would let two readers see two tokens (RFC 8259 4: names SHOULD be unique). */
function hasDuplicateMember(json: string): boolean {
  const names = [...json.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(
    (match) => JSON.parse(`"${match[1] ?? ""}"`) as string,
  );
  return new Set(names).size !== names.length;
}

/**
 * Verifies an access token: ES256 only, our issuer, our audience, type `at+jwt`, a key that we know, times within 30 s,
 * a lifetime no longer than we issue. Sources: RFC 9068 4, RFC 8725 3.1, 3.8 to 3.12.
 */
export async function verifyAccessToken(
  token: string,
  trust: TokenTrust,
  nowMs: number,
): Promise<Result<TokenClaims, TokenFailure>> {
  const refuse = (reason: TokenFailure["reason"]) => err({ kind: "unauthenticated" as const, reason });
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return refuse("malformed");
  try {
    const [header = "", body = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
    if (hasDuplicateMember(header) || hasDuplicateMember(body)) return refuse("malformed");
    const { payload } = await jwtVerify(
      token,
      (protectedHeader) => {
        const unexpected = Object.keys(protectedHeader).some((name) => !["alg", "kid", "typ"].includes(name));
        const key = unexpected ? undefined : trust.keys.get(protectedHeader.kid ?? "");
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: ["ES256"],
        typ: "at+jwt",
        issuer: trust.issuer,
        audience: trust.audience,
        requiredClaims: ["exp", "iat", "sub", "jti"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        maxTokenAge: ACCESS_TOKEN_TTL_SECONDS,
        currentDate: new Date(nowMs),
      },
    );
    const claims = Claims.safeParse(payload);
    if (!claims.success || claims.data.exp - claims.data.iat > ACCESS_TOKEN_TTL_SECONDS) return refuse("claims");
    const { sub, tenant, client_id: clientId, jti, sid, kind, aal, scope, iat } = claims.data;
    return ok({
      userId: sub as UserId,
      tenantId: tenant as TenantId,
      clientId,
      tokenId: jti,
      sessionId: sid,
      kind,
      assurance: aal,
      scope: scope?.split(" ") ?? [],
      issuedAtMs: iat * 1000,
    });
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refuse("expired");
    if (error instanceof errors.JWTClaimValidationFailed) return refuse("claims");
    if (error instanceof errors.JOSEError) return refuse("signature");
    if (error instanceof SyntaxError || error instanceof TypeError) return refuse("malformed");
    throw error;
  }
}
