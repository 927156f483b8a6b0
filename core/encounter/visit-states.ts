import type { VisitState } from "../contract/index.ts";

/**
 * How a visit may go on. What has ended stays ended: a visit that was closed too early is a new one, and one that never
 * was says so. FHIR R4 valueset-encounter-status.
 */
export const VISIT_CHANGES: Readonly<Record<VisitState, readonly VisitState[]>> = {
  planned: ["arrived", "in-progress", "cancelled", "entered-in-error"],
  arrived: ["in-progress", "cancelled", "entered-in-error"],
  "in-progress": ["finished", "entered-in-error"],
  finished: ["entered-in-error"],
  cancelled: ["entered-in-error"],
  "entered-in-error": [],
};

/** States in which notes are begun: a note that is written the next morning is about a visit that is over. */
export const WRITTEN_IN: ReadonlySet<VisitState> = new Set(["arrived", "in-progress", "finished"]);
