import type { Consumer } from "../view/index.ts";

/** To whom a chart's lists go row by row; the view itself says which of them are withheld from whom. */
export const CHART_ROLES: ReadonlySet<Consumer> = new Set(["clinician", "nurse", "patient"]);
