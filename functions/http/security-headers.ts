import { commonHeaders } from "../../core/contract/portal-headers.ts";

/** On every answer. A page of ours adds its own Content-Security-Policy; everything else may load nothing. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  ...commonHeaders,
  vary: "authorization, cookie, origin",
};
