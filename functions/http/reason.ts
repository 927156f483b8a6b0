import { ADMINISTRATIVE_REASONS, type AdministrativeReason } from "../../core/contract/index.ts";
import type { Exchange } from "./exchange.ts";
import { fail } from "./failure.ts";

/** Why an administrative act is done. The code goes into events in the clear, the text sealed. */
export interface Reason {
  readonly code: AdministrativeReason;
  readonly text?: string;
}

const TEXT_MAX = 500;
/** `onboarding` or `onboarding; text*=UTF-8''Neue%20Praxis`: the extended notation of RFC 8187 3.2.1. */
const HEADER = /^([a-z-]{3,40})(?:\s*;\s*text\*=UTF-8''([A-Za-z0-9%!#$&+.^_`|~-]{1,4500}))?$/;

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text).trim();
    return decoded === "" || decoded.length > TEXT_MAX ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** The reason that an administrative request states in `x-reason`. HttpFailure `structure` where it states none of ours. */
export function reasonOf({ headers }: Pick<Exchange, "headers">): Reason {
  const header = headers["x-reason"];
  if (header === undefined) return fail({ kind: "structure", rule: "reason-required" });
  const [, word, encoded] = HEADER.exec(header) ?? [];
  const code = ADMINISTRATIVE_REASONS.find((known) => known === word);
  const text = encoded === undefined ? undefined : decode(encoded);
  if (code === undefined || (encoded !== undefined && text === undefined))
    return fail({ kind: "structure", rule: "reason" });
  return { code, ...(text === undefined ? {} : { text }) };
}
