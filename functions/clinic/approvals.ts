import type { WaitingApproval } from "../../core/contract/index.ts";
import { readJob } from "../../core/export/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { authorizeClinic } from "../../core/policy/index.ts";
import {
  type Approval,
  approvalHash,
  listApprovals as allApprovals,
  listHolds,
  RELEASE_HOLD,
} from "../../core/privacy/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { tell } from "./act.ts";
import { type Affair, openAffair, standingOptions } from "./context.ts";
import { failureOf } from "./failures.ts";
import { namesOf } from "./people.ts";

const EXPORT = "export.start";
/** The act by which the second person says yes. */
const ACT_OF = { [RELEASE_HOLD]: "hold.release", [EXPORT]: "export.approve" } as const;

/** Whether the caller could be the second person, once both factors are shown again. */
const mayDecide = ({ principal, exchange }: Affair, { action, requestedBy }: Approval): boolean => {
  const act = Object.entries(ACT_OF).find(([of]) => of === action)?.[1];
  return (
    requestedBy !== principal.userId &&
    act !== undefined &&
    authorizeClinic(principal, act, { ...standingOptions(exchange), steppedUp: true }).ok
  );
};

/** GET /clinic/approvals: what one person asked for and another must want too, with what it is about. */
export async function listApprovals(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const [open, held] = await Promise.all([allApprovals(affair.privacy), listHolds(affair.privacy)]);
  if (!open.ok) return fail(failureOf(open.error));
  if (!held.ok) return fail(failureOf(held.error));
  const { tenantId } = affair.principal;
  // An approval holds a hash of what it is about and no name of it: it is found among the holds that stand.
  const patientOf = new Map(
    held.value.map(({ patientId, hold }) => [
      approvalHash(tenantId, RELEASE_HOLD, { patientId, holdId: hold.id }),
      patientId,
    ]),
  );
  const waiting = open.value.filter(({ approvedBy }) => approvedBy === undefined);
  const approvals: WaitingApproval[] = [];
  for (const approval of waiting) {
    const shared = { ...headOf(approval), mayApprove: mayDecide(affair, approval) };
    const patient = patientOf.get(approval.subjectHash);
    if (approval.action === RELEASE_HOLD && patient !== undefined)
      approvals.push({ ...shared, kind: "hold-release", patient });
    if (approval.action === EXPORT) approvals.push(...(await exportOf(affair, shared, approval.id)));
  }
  await tell(affair, { entities: [{ type: "Approval" }], count: approvals.length });
  const people = await namesOf(
    affair,
    approvals.map(({ requestedBy }) => requestedBy),
  );
  return json(200, { approvals, people });
}

const headOf = ({ id, action, requestedBy, requestedAtMs, expiresAtMs }: Approval) => ({
  approval: id,
  action,
  requestedBy,
  requestedAt: toInstant(requestedAtMs),
  expiresAt: toInstant(expiresAtMs),
});

/** One that was cancelled or lapsed meanwhile waits for nobody. */
async function exportOf(
  affair: Affair,
  head: ReturnType<typeof headOf> & { readonly mayApprove: boolean },
  jobId: string,
): Promise<WaitingApproval[]> {
  const job = await readJob(affair.privacy, jobId);
  if (!job.ok && job.error.kind !== "not-found") return fail({ kind: "unavailable" });
  if (!job.ok || job.value.value.state !== "requested") return [];
  return [{ ...head, kind: "export", export: jobId, reason: job.value.value.reason }];
}
