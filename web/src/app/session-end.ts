import { forgetAnswers } from "../api/cache.ts";
import { openEmergencies } from "./emergencies.ts";
import { currentSession, redisclosure, sessionState } from "./session-state.ts";
import { createStore } from "./store.ts";
import { tellTabs } from "./tabs.ts";

/** Counts the answers that leave it in doubt who is signed in. */
export const sessionDoubts = createStore(0);

/** An answer was made for nobody, or for another sign-in: whether the page has to end, the server says. */
export const doubtSession = (): void => sessionDoubts.update((count) => count + 1);

/** A page that may hold what it must not is loaded anew: nothing of it survives. */
export function reloadPage(): void {
  forgetAnswers();
  location.reload();
}

/** Leaves for the first page with nothing kept: after signing out, and for another clinic. */
export function startOver(): void {
  forgetAnswers();
  location.replace("/app/");
}

/**
 * The session is over: `lapsed` keeps the page behind the sign-in form, unreadable, so that no draft is lost; `left` was
 * meant, and forgets everything.
 */
export function endSession(how: "lapsed" | "left"): void {
  const session = currentSession();
  if (session === undefined) return;
  openEmergencies.set([]);
  redisclosure.set(undefined);
  if (how === "left") {
    tellTabs({ kind: "signed-out", tag: session.tag });
    startOver();
    return;
  }
  sessionState.set({ status: "ended", session });
}
