import type { RouteName } from "../../../core/contract/index.ts";
import { connection } from "../app/connection.ts";
import { redisclosure } from "../app/session-state.ts";
import { doubtSession } from "../app/session-end.ts";
import type { Problem } from "./problem.ts";

/** What an answer says beside its body. */
export function noteAnswer(headers: Pick<Headers, "get">): void {
  connection.heard();
  const notice = headers.get("x-redisclosure-notice");
  if (notice !== null) redisclosure.set(notice);
}

/** Routes whose 401 is an answer to a person who signs in, and no end of a session. */
const SIGNING_IN: ReadonlySet<string> = new Set([
  "signIn",
  "passkeySignIn",
  "chooseClinic",
  "stepUp",
  "addPasskey",
  "readSession",
  "signOut",
]);

/** What a problem means for the whole page. */
export function noteProblem({ kind, status }: Problem, route: RouteName): void {
  if (status === 0) connection.lost();
  if (kind === "session-changed" || (kind === "signed-out" && !SIGNING_IN.has(route))) doubtSession();
}
