/** The door of core/export. */
export type { ExportFailure, ExportRule } from "./failure.ts";
export { type ExportReader, fetchFile, listFiles } from "./fetch.ts";
export type { ExportFile, FileStore } from "./files.ts";
export { APPROVAL_LIVE_MS, type ExportJob, type ExportScope, NO_PROGRESS } from "./job.ts";
export { glanceAtOpenExports, type OpenExport, type Opened, readJob, readOpenExports } from "./job-rows.ts";
export type { ExportStanding } from "./judge.ts";
export {
  approveJob,
  cancelJob,
  checkLimits,
  classesInScope,
  isCancellable,
  type ScopeFailure,
  startJob,
} from "./request.ts";
export { type StepEnd, stepExport } from "./step.ts";
export { type ExportWorker, type StandingLost, sweep } from "./worker.ts";
