import type { OwnVisit, VisitView } from "../../../../core/contract/index.ts";

/** Visits of which there is something to take home, as the clinic and as the patient sees them. */
export const SUMMED_UP: ReadonlySet<VisitView["state"]> = new Set(["in-progress", "finished"]);
export const OWN_SUMMED_UP: ReadonlySet<OwnVisit["stage"]> = new Set(["in-visit", "ready", "completed"]);
