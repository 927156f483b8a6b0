import type { PasskeyAssertion } from "../contract/session.ts";
import { parseUserId, type UserId } from "../kernel/ids.ts";
import { err, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import type { Challenges } from "./challenge.ts";
import type { Passkeys } from "./passkeys.ts";
import { enter, knownAs, readAccount, type SignedIn, type SignInFailure } from "./sign-in.ts";

type Entry = Result<SignedIn, SignInFailure>;

/**
 * A passkey is both factors: the device that holds it, and what opens the device. The refusal of one that nobody knows and
 * of one that we do is the same answer.
 */
export function createPasskeySignIn(store: RegistryStore, passkeys: Passkeys) {
  return async function signInByPasskey(shown: PasskeyAssertion, tenant: string | undefined): Promise<Entry> {
    const asserted = await passkeys.assert(shown, "sign-in");
    if (!asserted.ok && asserted.error.kind === "unauthenticated") return err({ kind: "unauthenticated" });
    const userId = asserted.ok ? asserted.value.userId : (asserted.error as { readonly userId: UserId }).userId;
    const account = await readAccount(store, userId);
    if (account === undefined) return err({ kind: "unauthenticated" });
    if (!asserted.ok) {
      const reason = asserted.error.kind === "known" ? asserted.error.reason : "passkey";
      return err({ kind: "unauthenticated", known: knownAs(account, reason) });
    }
    if (account.user.status !== "active") return err({ kind: "unauthenticated", known: knownAs(account, "passkey") });
    return enter(account, tenant, { by: "passkey", passkeyId: asserted.value.passkeyId });
  };
}

export type PasskeySignIn = ReturnType<typeof createPasskeySignIn>;

/** The second half of a sign-in that had to ask which clinic. A ticket is worth nothing to whom it was not given. */
export function createTicketSignIn(store: RegistryStore, challenges: Challenges) {
  return async function signInByTicket(ticket: string, tenant: string): Promise<Entry> {
    const row = await challenges.consume(ticket, "choose");
    const userId = parseUserId(row?.userId);
    const account = userId === undefined ? undefined : await readAccount(store, userId);
    if (row === undefined || account === undefined) return err({ kind: "unauthenticated" });
    if (account.user.status !== "active") return err({ kind: "unauthenticated", known: knownAs(account, "factors") });
    return enter(account, tenant, { by: row.by ?? "password", passkeyId: row.passkeyId });
  };
}

export type TicketSignIn = ReturnType<typeof createTicketSignIn>;
