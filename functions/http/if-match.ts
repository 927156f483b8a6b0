import type { Exchange } from "./exchange.ts";
import { fail } from "./failure.ts";

/** The version that a change is made over, from `If-Match`: whoever does not say what they saw changes nothing. RFC 6585 3. */
export function ifMatchOf({ headers }: Pick<Exchange, "headers">): number {
  const header = headers["if-match"];
  if (header === undefined) return fail({ kind: "precondition-required", rule: "if-match" });
  const version = /^(?:W\/)?"(0|[1-9]\d{0,9})"$/.exec(header.trim())?.[1];
  return version === undefined ? fail({ kind: "structure", rule: "if-match" }) : Number(version);
}
