import { sessionState } from "../src/app/session-state.ts";

/** Somebody who is signed in, for what looks at the session. Nobody of this name exists. */
export function signInForStories(): void {
  sessionState.set({
    status: "active",
    session: {
      user: { id: "01hxyzabcd0123456789abcdef", name: "Avery Stone" },
      tenant: {
        id: "01hxyzabcd0123456789abcdeg",
        name: "Lakeside Family Practice",
        timeZone: "America/Chicago",
        locale: "en",
      },
      roles: ["physician"],
      assurance: "aal2",
      purpose: "TREAT",
      purposes: ["TREAT"],
      can: [],
      tag: "story",
      idleExpiresAt: "2026-11-22T15:15:00.000Z",
      expiresAt: "2026-11-23T03:00:00.000Z",
      idleLeftMs: 900_000,
      leftMs: 43_200_000,
      clinics: 1,
    },
  });
}
