import { createHash } from "node:crypto";
import type { StandingPurpose } from "../../core/contract/index.ts";
import type { EntryFailure } from "./begin-session.ts";

export type SignInMessage = EntryFailure["kind"];

const MESSAGES: Readonly<Record<SignInMessage, string>> = {
  unauthenticated: "That did not match. Check the login, the password and the code of your authenticator.",
  throttled: "Too many tries. Wait a little and try again.",
  "tenant-required": "You belong to several clinics. Enter the clinic's id, and the next code.",
  unavailable: "Nobody can be signed in just now. Try again in a moment, with the next code.",
};

const PURPOSES: Readonly<Record<StandingPurpose, string>> = {
  TREAT: "Treating patients",
  HPAYMT: "Payment and claims",
  HOPERAT: "Running the clinic",
  PATRQT: "My own record",
  HRESCH: "Research",
  MLTRAINING: "Training of models",
};
const PURPOSE_OPTIONS = [
  `<option value="">I say it with each request</option>`,
  ...Object.entries(PURPOSES).map(([code, name]) => `<option value="${code}">${name}</option>`),
].join("");

const STYLE = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(22rem, 90vw); }
h1 { font-size: 1.25rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, select { width: 100%; box-sizing: border-box; font: inherit; padding: 0.5rem; margin-top: 0.25rem; }
button { width: 100%; font: inherit; font-weight: 600; padding: 0.6rem; margin-top: 1.5rem; }
[role="alert"] { border-left: 4px solid #b3261e; padding-left: 0.75rem; }
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** The one page that the session zone serves: a form without script. `uid` is the provider's and of its alphabet. */
export function signInPage(
  uid: string,
  redirectOrigin: string,
  message?: SignInMessage,
): { readonly html: string; readonly headers: Record<string, string> } {
  const alert = message === undefined ? "" : `<p role="alert" id="problem">${MESSAGES[message]}</p>`;
  const clinic =
    message === "tenant-required"
      ? `<label for="tenant">Clinic id</label><input id="tenant" name="tenant" autocomplete="off" required maxlength="26">`
      : "";
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in - Keyward</title><style>${STYLE}</style></head>
<body><main>
<h1>Sign in to Keyward</h1>
${alert}
<form method="post" action="/session/interaction/${encodeURIComponent(uid)}">
<label for="login">Login</label><input id="login" name="login" autocomplete="username" autocapitalize="none" required maxlength="100">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
<label for="totp">Code of your authenticator</label><input id="totp" name="totp" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required maxlength="7">
${clinic}
<label for="purpose">What you sign in for</label><select id="purpose" name="purpose">${PURPOSE_OPTIONS}</select>
<button type="submit">Sign in</button>
</form>
</main></body>
</html>
`;
  return {
    html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      // The browser applies form-action to the redirect after the form too.
      "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${redirectOrigin}; frame-ancestors 'none'; base-uri 'none'`,
    },
  };
}
