import { createHash } from "node:crypto";
import * as z from "zod";
import { ID_PATTERN, isId, newId, type TenantId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { approvalKey, approvalPartition } from "../table/index.ts";
import type { PrivacyFailure, PrivacyRule } from "./failure.ts";
import type { Change, Marks, Opened, Person, PrivacyDeps } from "./rows.ts";
import { putOver, readAll, readAt } from "./rows.ts";
import { isWithin } from "./window.ts";

/** How long after it was asked for an approval can be given and used. */
const APPROVAL_HOURS = 72;
const HOUR_MS = 3_600_000;

const id = z.string().regex(ID_PATTERN);

/** Something that one person asks for and another must want too. Its states: requested, approved, used. */
export const Approval = z.strictObject({
  id,
  /** The clinic-zone action that it lets happen: `hold.release`, `export.start`. */
  action: z.string().regex(/^[a-z][a-z.-]{0,60}$/),
  /** SHA-256 of exactly what is approved, from `approvalHash`. */
  subjectHash: z.string().regex(/^[0-9a-f]{64}$/),
  requestedBy: id,
  requestedAtMs: z.int(),
  expiresAtMs: z.int(),
  approvedBy: id.optional(),
  approvedAtMs: z.int().optional(),
  usedAtMs: z.int().optional(),
});
export type Approval = z.infer<typeof Approval>;

/** JSON with sorted keys, so that the same subject is the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

/** What an approval is bound to: the tenant, the action and every value of the subject. 64 hexadecimal digits. */
export const approvalHash = (tenantId: TenantId, action: string, subject: Readonly<Record<string, unknown>>): string =>
  createHash("sha256")
    .update(canonical(["keyward-approval-1", tenantId, action, subject]))
    .digest("hex");

const refuse = (rule: PrivacyRule): Result<never, PrivacyFailure> => err({ kind: "business-rule", rule });

/** Asks for a second person. */
export async function requestApproval(
  deps: PrivacyDeps,
  input: {
    readonly action: string;
    readonly subject: Readonly<Record<string, unknown>>;
    readonly by: Person;
    /** A new id of ours, where the event is to name it. */
    readonly id?: string;
  },
  marks: Marks,
): Promise<Result<Change<Approval>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  const approval: Approval = {
    id: input.id ?? newId(nowMs),
    action: input.action,
    subjectHash: approvalHash(deps.tenantId, input.action, input.subject),
    requestedBy: input.by.userId,
    requestedAtMs: nowMs,
    expiresAtMs: nowMs + APPROVAL_HOURS * HOUR_MS,
  };
  return changed(deps, approval, 0, marks);
}

/** The approval as it is now, with the version that a change of it must find; `not-found` for any other id. */
export async function findApproval(
  deps: PrivacyDeps,
  approvalId: string,
): Promise<Result<Opened<Approval>, PrivacyFailure>> {
  if (!isId(approvalId)) return err({ kind: "not-found" });
  const found = await readAt(deps, "approval", approvalKey(deps.tenantId, approvalId), Approval);
  if (!found.ok) return found;
  return found.value === undefined ? err({ kind: "not-found" }) : ok(found.value);
}

/** Those that can still be given or used, the oldest first; of one action where it is named. */
export async function listApprovals(
  deps: PrivacyDeps,
  action?: string,
): Promise<Result<readonly Approval[], PrivacyFailure>> {
  const all = await readAll(deps, "approval", approvalPartition(deps.tenantId), Approval);
  if (!all.ok) return all;
  const nowMs = deps.clock.now();
  const isOpen = (approval: Approval): boolean =>
    approval.usedAtMs === undefined && isWithin(nowMs, approval.requestedAtMs, approval.expiresAtMs);
  return ok(
    all.value.flatMap(({ value }) =>
      isOpen(value) && (action === undefined || value.action === action) ? [value] : [],
    ),
  );
}

/**
 * The second person's word: never the one who asked, once, in time, and about what she was shown: `subject` is what the
 * approver sees, and must be what was asked for.
 */
export async function approve(
  deps: PrivacyDeps,
  { value, version }: Opened<Approval>,
  input: { readonly action: string; readonly subject: Readonly<Record<string, unknown>>; readonly by: Person },
  marks: Marks,
): Promise<Result<Change<Approval>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  if (input.by.userId === value.requestedBy) return refuse("second-person");
  if (value.usedAtMs !== undefined) return refuse("approval-used");
  if (value.approvedBy !== undefined) return refuse("approval-decided");
  if (!isWithin(nowMs, value.requestedAtMs, value.expiresAtMs)) return refuse("approval-expired");
  if (!isAbout(deps, value, input)) return refuse("approval-other");
  return changed(deps, { ...value, approvedBy: input.by.userId, approvedAtMs: nowMs }, version, marks);
}

/**
 * Uses the approval up, for exactly what it was about: by one who asked for it or gave it, or by the second person, who
 * gives it by doing so. The write stands in the transaction of the act itself: a second use of it conflicts.
 */
export async function spendApproval(
  deps: PrivacyDeps,
  { value, version }: Opened<Approval>,
  input: { readonly action: string; readonly subject: Readonly<Record<string, unknown>>; readonly by: Person },
  marks: Marks,
): Promise<Result<Change<Approval>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  const { userId } = input.by;
  if (value.usedAtMs !== undefined) return refuse("approval-used");
  if (value.approvedBy === undefined && userId === value.requestedBy) return refuse("approval-not-approved");
  if (value.approvedBy !== undefined && userId !== value.requestedBy && userId !== value.approvedBy) {
    return refuse("second-person");
  }
  if (!isWithin(nowMs, value.requestedAtMs, value.expiresAtMs)) return refuse("approval-expired");
  if (!isAbout(deps, value, input)) return refuse("approval-other");
  const given = value.approvedBy === undefined ? { approvedBy: userId, approvedAtMs: nowMs } : {};
  return changed(deps, { ...value, ...given, usedAtMs: nowMs }, version, marks);
}

const isAbout = (
  deps: PrivacyDeps,
  approval: Approval,
  { action, subject }: { readonly action: string; readonly subject: Readonly<Record<string, unknown>> },
): boolean => approval.action === action && approval.subjectHash === approvalHash(deps.tenantId, action, subject);

async function changed(
  deps: PrivacyDeps,
  approval: Approval,
  before: number,
  marks: Marks,
): Promise<Result<Change<Approval>, PrivacyFailure>> {
  const write = await putOver(deps, "approval", approvalKey(deps.tenantId, approval.id), approval, before, marks);
  return write.ok ? ok({ value: approval, writes: [write.value] }) : write;
}
