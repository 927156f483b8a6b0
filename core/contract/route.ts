import type { z } from "zod";

/** A zone is a Lambda: what its role can do is all that its code could ever do. */
export const ZONES = ["public", "session", "fhir", "clinic", "patient", "admin", "platform", "finance"] as const;
export type Zone = (typeof ZONES)[number];

export const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/**
 * Who may call:
 * `none` anybody; `oauth` the protocol itself authenticates (authorization server end-points);
 * `session` the `__Host-sid` cookie; `bearer` an access token; `any` a cookie or a token.
 */
export type Authentication = "none" | "oauth" | "session" | "bearer" | "any";

/**
 * How a repeated mutation is kept to one effect: `key` through an Idempotency-Key header,
 * `natural` because repeating it changes nothing, `safe` because it reads, `protocol` because OAuth rules it.
 */
export type Idempotency = "key" | "natural" | "safe" | "protocol";

export interface Route {
  readonly method: Method;
  /** In the form of API Gateway HTTP APIs: `/fhir/{type}/{id}`. */
  readonly path: string;
  readonly zone: Zone;
  readonly authentication: Authentication;
  /** The interaction that policy decides on; `null` where nobody is asked. */
  readonly action: string | null;
  readonly idempotency: Idempotency;
  /** Our own requests are strict objects; `fhir` bodies are read and validated by core/fhir. */
  readonly body: z.ZodType | "fhir" | "form" | null;
  readonly bodyLimitBytes: number;
  /** Ends the caller's session: also the one that the cookie's has just become under the request. */
  readonly endsSession?: true;
  /** Whether an answer can hold PHI: such an answer is never cached and never without an audit event. */
  readonly phi: boolean;
  readonly summary: string;
}
