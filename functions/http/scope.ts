import type { AppScope } from "../../core/contract/index.ts";
import type { Exchange } from "./exchange.ts";

const WHOLE: Readonly<Record<"user" | "client", AppScope>> = { user: "user/*.cruds", client: "system/*.cruds" };
const READING: Readonly<Record<"user" | "client", AppScope>> = { user: "user/*.rs", client: "system/*.rs" };

/**
 * Whether a request is within what its token was given for: a cookie is the portal's own and reaches whatever policy lets
 * it. A token to read reaches routes that change nothing. SMART App Launch 2.2, scopes v2.
 */
export function isInScope({ identity, definition }: Pick<Exchange, "identity" | "definition">): boolean {
  const { claims, principal } = identity ?? {};
  if (claims === undefined || principal === undefined) return true;
  const isReading = definition.idempotency === "safe";
  return claims.scope.includes(WHOLE[principal.kind]) || (isReading && claims.scope.includes(READING[principal.kind]));
}
