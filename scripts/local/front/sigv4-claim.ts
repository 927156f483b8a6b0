import { err, ok, type Result } from "../../../core/kernel/result.ts";

/** What a request says of its own signature; nothing in it is trusted yet. */
export interface SignatureClaim {
  readonly form: "header" | "query";
  readonly accessKeyId: string;
  /** `20261122` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, sorted, as sent. */
  readonly signedHeaders: readonly string[];
  /** 64 hex digits. */
  readonly signature: string;
  /** `20261122T081500Z`, and the same as milliseconds. */
  readonly amzDate: string;
  readonly signedAtMs: number;
  /** Presigned only: how long after `signedAtMs` the URL may be used. */
  readonly validForMs: number | undefined;
  readonly sessionToken: string | undefined;
  /** `x-amz-content-sha256` as sent, if it was. */
  readonly declaredPayload: string | undefined;
}

/** Why a signature is not accepted. `auth-errors.ts` puts each into the words of the service. */
export type AuthFailure =
  | { readonly kind: "missing" }
  | { readonly kind: "incomplete"; readonly detail: string }
  | { readonly kind: "wrong-region"; readonly expected: string }
  | { readonly kind: "skewed"; readonly nowMs: number; readonly amzDate: string }
  | { readonly kind: "expired-url" }
  | { readonly kind: "unknown-key" }
  | { readonly kind: "bad-token" }
  | { readonly kind: "expired-token" }
  | { readonly kind: "unsigned-header" }
  | { readonly kind: "mismatch" }
  | { readonly kind: "body-hash" }
  | { readonly kind: "bad-chunk" }
  | { readonly kind: "incomplete-body" }
  | { readonly kind: "unsupported"; readonly detail: string };

interface Head {
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const LONGEST_URL_SECONDS = 604_800;

/** True for requests that want to be an AWS call; every other request belongs to the HTTP API. */
export const isAwsCall = (head: Pick<Head, "query" | "headers">): boolean =>
  (head.headers["authorization"] ?? "").startsWith("AWS4-") || /(^|&)X-Amz-(Signature|Algorithm)=/.test(head.query);

/**
 * Reads the claim from the Authorization header or, for a presigned URL, from the query.
 * Source: AWS IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating requests".
 */
export function parseClaim(head: Head): Result<SignatureClaim, AuthFailure> {
  const authorization = head.headers["authorization"];
  if (authorization !== undefined) return parseHeader(head, authorization);
  return /(^|&)X-Amz-(Signature|Algorithm)=/.test(head.query) ? parseQuery(head) : err({ kind: "missing" });
}

function parseHeader(head: Head, authorization: string): Result<SignatureClaim, AuthFailure> {
  const match = /^(\S+)\s+(.*)$/.exec(authorization);
  if (match?.[1] !== ALGORITHM) return err({ kind: "unsupported", detail: `Only ${ALGORITHM} is supported` });
  const parts = new Map<string, string>();
  for (const part of (match[2] ?? "").split(",")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (parts.has(name)) return err({ kind: "incomplete", detail: "Authorization header repeats a parameter." });
    parts.set(name, part.slice(at + 1).trim());
  }
  return buildClaim({
    form: "header",
    credential: parts.get("Credential"),
    signedHeaders: parts.get("SignedHeaders"),
    signature: parts.get("Signature"),
    amzDate: head.headers["x-amz-date"],
    validForMs: undefined,
    sessionToken: head.headers["x-amz-security-token"],
    declaredPayload: head.headers["x-amz-content-sha256"],
  });
}

function parseQuery(head: Head): Result<SignatureClaim, AuthFailure> {
  const parameters = new URLSearchParams(head.query);
  const once = (name: string): string | undefined => {
    const values = parameters.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
  if (once("X-Amz-Algorithm") !== ALGORITHM) {
    return err({ kind: "unsupported", detail: `X-Amz-Algorithm only supports "${ALGORITHM}"` });
  }
  if (parameters.getAll("X-Amz-Security-Token").length > 1) {
    return err({ kind: "incomplete", detail: "X-Amz-Security-Token is given more than once" });
  }
  const seconds = once("X-Amz-Expires") ?? "";
  if (!/^\d{1,6}$/.test(seconds) || Number(seconds) > LONGEST_URL_SECONDS) {
    return err({ kind: "incomplete", detail: "X-Amz-Expires must be between 0 and 604800 seconds" });
  }
  return buildClaim({
    form: "query",
    credential: once("X-Amz-Credential"),
    signedHeaders: once("X-Amz-SignedHeaders"),
    signature: once("X-Amz-Signature"),
    amzDate: once("X-Amz-Date"),
    validForMs: Number(seconds) * 1000,
    sessionToken: once("X-Amz-Security-Token"),
    declaredPayload: head.headers["x-amz-content-sha256"] ?? once("X-Amz-Content-Sha256"),
  });
}

interface RawClaim {
  readonly form: "header" | "query";
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly amzDate: string | undefined;
  readonly validForMs: number | undefined;
  readonly sessionToken: string | undefined;
  readonly declaredPayload: string | undefined;
}

function buildClaim(raw: RawClaim): Result<SignatureClaim, AuthFailure> {
  const incomplete = (detail: string) => err({ kind: "incomplete", detail } as const);
  const { credential, signedHeaders, signature, amzDate } = raw;
  if (!credential || !signedHeaders || !signature) {
    return incomplete("Authorization requires 'Credential', 'Signature' and 'SignedHeaders' parameters.");
  }
  const [accessKeyId, day, region, service, terminator, ...rest] = credential.split("/");
  if (!accessKeyId || !day || !region || !service || terminator !== "aws4_request" || rest.length > 0) {
    return incomplete("Credential must have the form <key-id>/YYYYMMDD/<region>/<service>/aws4_request.");
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) return incomplete("Signature must be 64 hexadecimal digits.");
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate ?? "");
  if (amzDate === undefined || time === null)
    return incomplete("Authorization requires an 'X-Amz-Date' of the form YYYYMMDDTHHMMSSZ.");
  const signedAtMs = Date.parse(`${time[1]}-${time[2]}-${time[3]}T${time[4]}:${time[5]}:${time[6]}Z`);
  if (Number.isNaN(signedAtMs) || !amzDate.startsWith(day))
    return incomplete("Date in Credential scope does not match the date of the request.");
  const names = signedHeaders.split(";");
  const isOrdered = names.every((name, index) => index === 0 || (names[index - 1] ?? "") < name);
  if (!isOrdered || !names.every((name) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name))) {
    return incomplete("SignedHeaders must be lower case and sorted.");
  }
  if (!names.includes("host")) return incomplete("'Host' must be a signed header.");
  return ok({
    form: raw.form,
    accessKeyId,
    day,
    region,
    service,
    signedHeaders: names,
    signature,
    amzDate,
    signedAtMs,
    validForMs: raw.validForMs,
    sessionToken: raw.sessionToken || undefined,
    declaredPayload: raw.declaredPayload,
  });
}
