/** The door of core/chart: what stands in a patient's chart, what may be done with it, and how its screens see it. */
export type { Author } from "./author.ts";
export { BANNER_SECTIONS, type BannerStanding, chartBanner } from "./banner.ts";
export {
  addAllergy,
  addImmunization,
  addMedication,
  addProblem,
  changeItem,
  moveItem,
  stateNoneKnown,
} from "./change-lists.ts";
export { correctVital, recordVitals } from "./change-vitals.ts";
export type { ChartDesk, Done } from "./desk.ts";
export type { ChartFailure } from "./failure.ts";
export { itemHistory } from "./item-history.ts";
export { chartLists, LISTS_SECTIONS } from "./lists-view.ts";
export { LIST_TYPES } from "./lists.ts";
export { reconcileList } from "./reconciliation.ts";
export { vitalsSheet } from "./sheet.ts";
export { isPosition, MAX_PAGE, TIMELINE_SECTIONS, timelineOf } from "./timeline.ts";
export { type ChartLook, lookAt } from "./view-input.ts";
