import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Standing } from "../../core/identity/standing.ts";
import type { TokenClaims } from "../../core/identity/access-token.ts";
import type { InteractionName } from "../../core/audit/interaction.ts";
import type { Route, RouteName } from "../../core/contract/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";

/** Who asked, as the session or the token said and the registry confirmed. */
export interface Identity extends Standing {
  readonly shown: "cookie" | "oauth";
  readonly sessionDigest?: string;
  /** Undefined for a cookie. */
  readonly claims?: TokenClaims;
}

/** A request as a zone's handlers see it: limits, identity and contract are behind it. */
export interface Exchange {
  readonly route: RouteName;
  readonly definition: Route;
  readonly event: APIGatewayProxyEventV2;
  readonly context: Context;
  readonly requestId: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed by the route's contract; for FHIR and forms the text itself. */
  readonly body: unknown;
  readonly rawBody: string;
  /** Undefined only on routes that ask for none. */
  readonly identity: Identity | undefined;
  readonly idempotencyKey: string | undefined;
  readonly sourceIp: string;
  readonly userAgent: string;
}

export function identityOf({ identity }: Pick<Exchange, "identity">): Identity {
  invariant(identity !== undefined, "a route on which this is asked has an identity");
  return identity;
}

/** The name of the route's action in events; every action is one. */
export function interactionOf({ definition: { action } }: Pick<Exchange, "definition">): InteractionName {
  invariant(action !== null, "a route on which this is asked has an action");
  return action as InteractionName;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  /** A file, in place of a text. */
  readonly bytes?: Uint8Array;
}

export type Handle = (exchange: Exchange) => Promise<Answer>;

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(value),
});

export const fhirJson = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/fhir+json; charset=utf-8", ...headers },
  body: JSON.stringify(value),
});
