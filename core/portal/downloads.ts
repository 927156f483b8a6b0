import * as z from "zod";
import { ok, type Result } from "../kernel/result.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { putOver, readAt } from "../privacy/rows.ts";
import { portalDownloadsKey, type RecordId } from "../table/index.ts";

/** How often a patient takes her record along in a day: enough for a mishap, and too few for a stolen session to go on. */
const DOWNLOADS_A_DAY = 5;
const DAY_MS = 86_400_000;

const Downloads = z.strictObject({ atMs: z.array(z.int()).max(DOWNLOADS_A_DAY) });

export interface Allowance {
  /** Of the last day, oldest first. */
  readonly atMs: readonly number[];
  readonly version: number;
  readonly left: number;
  /** When the next one is possible, where none is left. */
  readonly retryAfterMs: number;
}

export async function readAllowance(
  deps: PrivacyDeps,
  patientId: RecordId,
  nowMs: number,
): Promise<Result<Allowance, PrivacyFailure>> {
  const found = await readAt(deps, "portal-downloads", portalDownloadsKey(deps.tenantId, patientId), Downloads);
  if (!found.ok) return found;
  const atMs = (found.value?.value.atMs ?? []).filter((ms) => ms > nowMs - DAY_MS);
  const left = DOWNLOADS_A_DAY - atMs.length;
  const retryAfterMs = left > 0 ? 0 : Math.max(1_000, (atMs[0] ?? nowMs) + DAY_MS - nowMs);
  return ok({ atMs, version: found.value?.version ?? 0, left, retryAfterMs });
}

/** Takes one of what is left, over the row that was read: two at once are one and a conflict. */
export async function takeDownload(
  deps: PrivacyDeps,
  patientId: RecordId,
  { atMs, version }: Allowance,
  nowMs: number,
  marks: Marks,
): Promise<Result<Change<undefined>, PrivacyFailure>> {
  const key = portalDownloadsKey(deps.tenantId, patientId);
  const write = await putOver(deps, "portal-downloads", key, { atMs: [...atMs, nowMs] }, version, marks);
  return write.ok ? ok({ value: undefined, writes: [write.value] }) : write;
}
