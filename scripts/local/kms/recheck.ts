import type { DatabaseSync } from "node:sqlite";
import type { Check, ServiceError } from "../service.ts";

interface Planned {
  readonly checks: readonly Check[];
}

/**
 * Closes the gap between asking permission and running: other requests may run in between, and a plan that was made
 * before them may hold a key or an object that is no more. The function that is given back makes the plan again if
 * anything was written since, and throws `changed()` if the new plan needs a permission that was not asked.
 */
export function recheck<P extends Planned>(
  db: DatabaseSync,
  first: P,
  again: () => P,
  changed: () => ServiceError,
): () => P {
  const counter = db.prepare("SELECT total_changes() AS changes");
  const revision = (): unknown => counter.get()?.["changes"];
  const before = revision();
  return () => {
    if (revision() === before) return first;
    const next = again();
    const granted = new Set(first.checks.map((check) => JSON.stringify(check)));
    if (next.checks.every((check) => granted.has(JSON.stringify(check)))) return next;
    throw changed();
  };
}
