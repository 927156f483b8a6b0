/** The door of core/view. */
export { type Consumer, CONSUMERS, consumerOf } from "./consumer.ts";
export { isProjected, isWithheldParameter, projected, withWithheld } from "./projection.ts";
export { SECTION_NAMES, type SectionName, VIEW_VERSION } from "./model.ts";
export { type ClassReading, renderView, type View, type ViewRuling } from "./render.ts";
