import * as z from "zod";
import type { UserId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { putOver, readAt } from "../privacy/rows.ts";
import { recentPatientsKey } from "../table/index.ts";

/** As many as a list shows without scrolling. */
export const MAX_RECENT = 12;

const Recent = z.strictObject({ patients: z.array(z.string()).max(MAX_RECENT) });

/** The ids of the patients whom a member opened last, newest first. What may be seen of them is asked each time. */
export async function recentOf(deps: PrivacyDeps, userId: UserId): Promise<Result<readonly string[], PrivacyFailure>> {
  const found = await readAt(deps, "recent-patients", recentPatientsKey(deps.tenantId, userId), Recent);
  return found.ok ? ok(found.value?.value.patients ?? []) : found;
}

/** The patient comes first; nothing is written where she does already. */
export async function noteRecent(
  deps: PrivacyDeps,
  userId: UserId,
  patientId: string,
  marks: Marks,
): Promise<Result<Change<readonly string[]>, PrivacyFailure>> {
  const key = recentPatientsKey(deps.tenantId, userId);
  const found = await readAt(deps, "recent-patients", key, Recent);
  if (!found.ok) return found;
  const before = found.value?.value.patients ?? [];
  const patients = [patientId, ...before.filter((id) => id !== patientId)].slice(0, MAX_RECENT);
  const write = await putOver(deps, "recent-patients", key, { patients }, found.value?.version ?? 0, marks);
  return write.ok ? ok({ value: patients, writes: [write.value] }) : write;
}
