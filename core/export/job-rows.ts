import * as z from "zod";
import type { Legend, SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder, sealItem } from "../crypto/index.ts";
import { RECORD_CLASSES } from "../kernel/data-class.ts";
import { ID_PATTERN, isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { PurposeCode } from "../contract/purpose.ts";
import type { PrivacyDeps } from "../privacy/index.ts";
import type { Condition, Key, Row, TableWrite } from "../table/index.ts";
import { exportJobKey, openExportsKey } from "../table/index.ts";
import { type ExportFailure, fromKey, fromTable } from "./failure.ts";
import { ExportJob, JOB_STATES } from "./job.ts";

/** A row as it was read, with the version that a change of it must find; 0 where there is none. */
export interface Opened<T> {
  readonly value: T;
  readonly version: number;
}

const id = z.string().regex(ID_PATTERN);

/**
 * A job that is not done with. It stands in the clear, under the row's MAC: the worker that looks for work holds no key
 * yet, and learns from it whose session to open. What it opens then has to agree.
 */
export const OpenExport = z.strictObject({
  id,
  by: id,
  state: z.enum(JOB_STATES),
  purpose: PurposeCode,
  classes: z.array(z.enum(RECORD_CLASSES)).min(1),
});
export type OpenExport = z.infer<typeof OpenExport>;
const OpenExports = z.array(OpenExport).max(200);

const JOB_LEGEND: Legend = { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign" };
const OPEN_LEGEND: Legend = { jobs: "sign", _t: "sign", _upd: "sign", _aud: "sign" };
const TABLE = "data";
const CONSISTENT = { isConsistent: true } as const;

const stillAt = (version: number): Condition =>
  version === 0 ? { kind: "absent" } : { kind: "equals", attributes: { _ver: version } };

async function put(
  deps: PrivacyDeps,
  key: Key,
  before: number,
  item: Readonly<Record<string, string>>,
  legend: Legend,
  eventId: string,
): Promise<Result<TableWrite, ExportFailure>> {
  const dataKey = await deps.keyring.sealingKey(deps.keyScope, "D");
  if (!dataKey.ok) return err(fromKey(dataKey.error));
  const binding = { tenantId: deps.tenantId, table: TABLE, dataClass: "D", ...key, version: before + 1 } as const;
  const sealed = sealItem({ ...item, _upd: deps.clock.now(), _aud: eventId }, binding, legend, dataKey.value);
  if (!sealed.ok) return err({ kind: "unavailable" });
  return ok({ kind: "put", table: TABLE, row: sealed.value as Row & SealedRow, condition: stillAt(before) });
}

async function open(
  deps: PrivacyDeps,
  key: Key,
  kind: string,
): Promise<Result<Opened<Readonly<Record<string, unknown>>> | undefined, ExportFailure>> {
  const row = await deps.table.get(TABLE, key, CONSISTENT);
  if (!row.ok) return err(fromTable(row.error));
  if (row.value === undefined) return ok(undefined);
  try {
    const sealed = row.value as SealedRow;
    const dataKey = await deps.keyring.openingKey(deps.keyScope, sealedUnder(sealed, "D"));
    if (!dataKey.ok) return err(fromKey(dataKey.error));
    const place = { tenantId: deps.tenantId, table: TABLE, dataClass: "D", ...key } as const;
    const { version, item } = openItem(sealed, place, dataKey.value);
    if (item["_t"] !== kind) throw new SealBroken("legend");
    return ok({ value: item, version });
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    deps.onAlarm?.({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

const parsed = <T>(deps: PrivacyDeps, schema: z.ZodType<T>, text: unknown): Result<T, ExportFailure> => {
  const value = schema.safeParse(typeof text === "string" ? JSON.parse(text) : undefined);
  if (value.success) return ok(value.data);
  deps.onAlarm?.({ kind: "integrity", fault: "frame" });
  return err({ kind: "integrity" });
};

/** The job as it is now, strongly consistent. `not-found` for an unknown one and for what is no id of ours. */
export async function readJob(deps: PrivacyDeps, jobId: string): Promise<Result<Opened<ExportJob>, ExportFailure>> {
  if (!isId(jobId)) return err({ kind: "not-found" });
  const found = await open(deps, exportJobKey(deps.tenantId, jobId), "export");
  if (!found.ok) return found;
  if (found.value === undefined) return err({ kind: "not-found" });
  const job = parsed(deps, ExportJob, found.value.value["phi"]);
  if (!job.ok) return job;
  return job.value.id === jobId ? ok({ value: job.value, version: found.value.version }) : err({ kind: "integrity" });
}

/** The jobs that are not done with, under their MAC. */
export async function readOpenExports(
  deps: PrivacyDeps,
): Promise<Result<Opened<readonly OpenExport[]>, ExportFailure>> {
  const found = await open(deps, openExportsKey(deps.tenantId), "open-exports");
  if (!found.ok) return found;
  if (found.value === undefined) return ok({ value: [], version: 0 });
  const jobs = parsed(deps, OpenExports, found.value.value["jobs"]);
  return jobs.ok ? ok({ value: jobs.value, version: found.value.version }) : jobs;
}

/** The same without a key: a hint of where to look, and no more. What it misses by a moment it finds in a minute. */
export async function glanceAtOpenExports(
  deps: Pick<PrivacyDeps, "table" | "tenantId">,
): Promise<Result<readonly OpenExport[], ExportFailure>> {
  const row = await deps.table.get(TABLE, openExportsKey(deps.tenantId));
  if (!row.ok) return err(fromTable(row.error));
  const text = row.value?.["jobs"];
  const jobs = OpenExports.safeParse(typeof text === "string" ? JSON.parse(text) : []);
  return jobs.success ? ok(jobs.data) : err({ kind: "integrity" });
}

/**
 * The writes of a job's change: its row and the list of open jobs, each over the version that was read, so that of two
 * changes at once one is refused, and the limits hold whoever starts how many at the same moment.
 */
export async function changeJob(
  deps: PrivacyDeps,
  before: Opened<ExportJob> | undefined,
  job: ExportJob,
  open: Opened<readonly OpenExport[]>,
  eventId: string,
): Promise<Result<readonly TableWrite[], ExportFailure>> {
  const row = { phi: JSON.stringify(job), _t: "export" };
  const jobKey = exportJobKey(deps.tenantId, job.id);
  const written = await put(deps, jobKey, before?.version ?? 0, row, JOB_LEGEND, eventId);
  if (!written.ok) return written;
  const isDone = job.isSwept;
  const entry = { id: job.id, by: job.requestedBy, state: job.state, purpose: job.purpose, classes: job.classes };
  const others = open.value.filter((known) => known.id !== job.id);
  const jobs = isDone ? others : [...others, entry];
  if (JSON.stringify(jobs) === JSON.stringify(open.value)) return ok([written.value]);
  const list = { jobs: JSON.stringify(jobs), _t: "open-exports" };
  const listed = await put(deps, openExportsKey(deps.tenantId), open.version, list, OPEN_LEGEND, eventId);
  return listed.ok ? ok([written.value, listed.value]) : listed;
}
