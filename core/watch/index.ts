/** The door of core/watch: the index of the trail, and what watches over it. */
export { readTrailRecords, type TrailFacts } from "./cloudtrail.ts";
export type { WatchedEvent } from "./coverage.ts";
export { findDisclosures } from "./disclosures.ts";
export { idAtOrAfter, idBefore } from "./event-time.ts";
export { ACTIONS, IndexedEvent, indexRows, OUTCOMES, patientsOf } from "./index-row.ts";
export { type LogEvent, readLogLines } from "./log-lines.ts";
export { type LocatedEvent, locateEvent } from "./locate.ts";
export { EMPTY_STATE, GRACE_MS, reconcile, type Sightings, type WatchState } from "./reconcile.ts";
export { requestOfUserAgent, userAgentToken } from "./request-name.ts";
export { PAGE_MAX, searchTrail, type TrailPage, type TrailQuery } from "./search.ts";
export type { DataCall, KeyCall, KeyUseLine, RequestLine, SeenEvent, SeenObject } from "./sightings.ts";
export { makeSignal, readSignalRow, type Signal, type SignalKind, signalRow } from "./signal.ts";
export { type ClinicFacts, emergencies, isColleague, PERIOD_MAX_MS } from "./signals/index.ts";
export { nameTouch, readName, type Touch, touchOf } from "./touch.ts";
