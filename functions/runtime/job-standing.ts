import type { Principal } from "../../core/identity/principal.ts";
import { privacyOf } from "../../core/identity/standing.ts";
import type { ExportJob, ExportStanding, StandingLost } from "../../core/export/index.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import {
  ClientRow,
  clientKey,
  MembershipRow,
  membershipKey,
  parseRow,
  privacyKey,
  TenantRow,
  tenantKey,
  UserRow,
  userKey,
} from "../../core/tenant/index.ts";
import { describeError, log } from "./log.ts";

/**
 * Who asked for a job, as the registry has her at this moment: clinic, person and membership, and none of them
 * remembered. She needs no session: what she asked for goes on after she signed out, and ends when she may not ask again.
 */
export async function standingOfRequester(
  registry: RegistryStore,
  tenantId: TenantId,
  job: ExportJob,
): Promise<Result<ExportStanding, StandingLost>> {
  const userId = job.requestedBy as UserId;
  const holder = job.kind === "client" ? clientKey(userId, tenantId) : userKey(userId);
  const keys = [tenantKey(tenantId), holder, membershipKey(userId, tenantId), privacyKey(tenantId)];
  let rows: Awaited<ReturnType<RegistryStore["getMany"]>>;
  try {
    rows = await registry.getMany(keys);
  } catch (error) {
    log("error", "failure", { tenantId, ...describeError(error) });
    return err({ kind: "unavailable" });
  }
  const [tenant, person, membership, privacy] = keys.map(({ pk, sk }) =>
    rows.find((row) => row.pk === pk && row.sk === sk),
  );
  if (tenant === undefined || person === undefined || membership === undefined) return err({ kind: "gone" });
  if (parseRow(TenantRow, tenant).status !== "active") return err({ kind: "suspended" });
  const member = parseRow(MembershipRow, membership);
  const { status } = job.kind === "client" ? parseRow(ClientRow, person) : parseRow(UserRow, person);
  if (status !== "active" || member.status !== "active") return err({ kind: "gone" });
  const { roles, patientId, practitionerId } = member;
  const principal: Principal = {
    kind: job.kind,
    userId,
    tenantId,
    roles,
    // It was shown when she asked, and what she asked for is all that it is used for.
    assurance: job.kind === "client" ? "client" : "aal2",
    ...(patientId !== undefined && { patientId }),
    ...(practitionerId !== undefined && { practitionerId }),
    sessionId: job.id,
    clientId: job.clientId,
  };
  return ok({ principal, privacy: privacyOf(privacy) });
}
