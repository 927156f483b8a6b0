import { patientOfId } from "../../../core/fhir/index.ts";
import { ownTrailSessionPolicy } from "../../../core/iam/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { isId } from "../../../core/kernel/ids.ts";
import { opaqueName } from "../../../core/watch/opaque-name.ts";
import { type AuditReadScope, createAuditReadScopes } from "../../runtime/audit-read-scope.ts";
import { readConfig } from "../../runtime/config.ts";
import { type Affair, site, zone } from "../context.ts";

const config = readConfig([
  "AWS_REGION",
  "CELL",
  "TRAIL_TABLE",
  "KEYS_TABLE",
  "ARCHIVE_BUCKET",
  "WITNESS_BUCKET",
  "CELL_KEY_ARN",
  "AUDIT_READ_ROLE_ARN",
]);
const openTrail = createAuditReadScopes(config, zone.vend, systemClock);

/** What the affair's member reads her clinic's trail with. */
export const trailOf = ({ grant, purpose }: Affair): AuditReadScope =>
  openTrail({ tenantId: grant.tenantId, userId: grant.userId, roles: grant.roles, purpose });

/** What a patient reads with who opened her own record, and nothing else of any trail. */
export const ownTrailOf = ({ grant, purpose }: Affair, patientId: string): AuditReadScope =>
  openTrail({
    tenantId: grant.tenantId,
    userId: grant.userId,
    roles: grant.roles,
    purpose,
    policy: ownTrailSessionPolicy(site, { tenantId: grant.tenantId, patientName: opaqueName(patientId) }),
  });

/** An id for an event: one of a caller's own can be anything, and stays in the sealed detail with the query. */
export const isOurs = (id: string): boolean => isId(id) || patientOfId(id) !== undefined;
