import { call, Problem } from "../api/client.ts";
import { endSession, reloadPage } from "./session-end.ts";
import { currentSession, sessionOf, type SessionState, sessionState } from "./session-state.ts";

/** Which sign-in the page is of, and whether it goes on. */
const markOf = (state: SessionState): string => `${state.status} ${"session" in state ? state.session.tag : ""}`;

/**
 * Asks the server who is signed in. An answer counts for the session that it was asked in: where somebody has signed in
 * meanwhile, it speaks of the cookie before, and the question is put again.
 * @param isBackground Nobody is known to be there, and the session goes on idling.
 */
export async function readSession(isBackground = false): Promise<void> {
  const before = sessionState.get();
  const asked = markOf(before);
  const isOld = (): boolean => markOf(sessionState.get()) !== asked;
  try {
    const session = sessionOf(await call("readSession", { isBackground }));
    if (isOld()) return await readSession(isBackground);
    const known = currentSession();
    if (known !== undefined && (known.user.id !== session.user.id || known.tenant.id !== session.tenant.id))
      reloadPage();
    else sessionState.set({ status: "active", session });
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.kind !== "signed-out") throw thrown;
    if (isOld()) return readSession(isBackground);
    if (before.status === "active") endSession("lapsed");
    else if (before.status === "loading") sessionState.set({ status: "none" });
  }
  return undefined;
}
