import { listApprovals } from "./approvals.ts";
import { findCharts, readChain } from "./audit.ts";
import { ownBreakGlass } from "./break-glass.ts";
import { listExports } from "./exports.ts";
import { listPeople } from "./people.ts";
import { openClinic, readReadiness } from "./readiness.ts";

/** Lists and states for who governs the clinic: privacy officers, administrators, auditors. */
export const governHandlers = {
  findCharts,
  listApprovals,
  listExports,
  listPeople,
  openClinic,
  ownBreakGlass,
  readChain,
  readReadiness,
};
