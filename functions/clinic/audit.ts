/** A clinic's own trail: who did what to whom, answered from the index and the archive, and no chart opened for it. */
export { acknowledgeAlert, listAlerts } from "./trail/alerts.ts";
export { readChain } from "./trail/chain.ts";
export { findCharts } from "./trail/charts.ts";
export { readCheckpoint } from "./trail/checkpoint.ts";
export { readDisclosures } from "./trail/disclosures.ts";
export { readAuditEvent } from "./trail/event.ts";
export { ownAccessLog, searchAudit } from "./trail/search.ts";
