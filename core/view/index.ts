/** The door of core/view. */
export { type Consumer, CONSUMERS, consumerOf } from "./consumer.ts";
export { isProjected, isWithheldParameter, projected, withWithheld } from "./projection.ts";
export { SECTION_NAMES, type SectionName, VIEW_VERSION } from "./model.ts";
export { type Chart, isRedacted } from "./chart.ts";
export { formSeenBy, rowSeenBy } from "./patient-row.ts";
export { ABSENT, type Field, restricted } from "./field-state.ts";
export {
  chartOf,
  type ClassReading,
  type Fields,
  renderView,
  type View,
  type ViewInput,
  type ViewRuling,
} from "./render.ts";
