import { ANY_TENANT, policy } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  auditAppendRoleArn,
  controlPlaneRoleArn,
  functionRoleArn,
  tableArn,
  tenantRoleArn,
  type Site,
} from "./names.ts";

/** Policies on the tables themselves deny and never allow: they bind administrators too, and give nobody anything. */

const ITEM_READS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"];
const ITEM_WRITES = ["dynamodb:PutItem", "dynamodb:UpdateItem"];
const NEVER = [
  "dynamodb:Scan",
  "dynamodb:PartiQLSelect",
  "dynamodb:PartiQLInsert",
  "dynamodb:PartiQLUpdate",
  "dynamodb:PartiQLDelete",
  "dynamodb:BatchWriteItem",
  "dynamodb:DeleteItem",
  "dynamodb:ExportTableToPointInTime",
];

const deny = (
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement["Condition"],
): Statement => ({ Sid, Effect: "Deny", Principal: "*", Action, Resource, ...(Condition && { Condition }) });

/** Holds for every role but these, and for no AWS service, which comes without a role (TTL, streams). */
const unless = (...roles: readonly string[]): NonNullable<Statement["Condition"]> => ({
  ArnNotEquals: { "aws:PrincipalArn": roles },
  Bool: { "aws:PrincipalIsAWSService": "false" },
});

/** Charts: tenants' sessions, and the cross-check reading one row. Whoever else asks, an administrator too, is refused. */
function dataTablePolicy(site: Site): PolicyDocument {
  // A Deny names every index, also one that is added one day.
  const table = [tableArn(site, "data"), `${tableArn(site, "data")}/index/*`];
  const crossCheck = functionRoleArn(site, "cross-check");
  const others = [...ITEM_READS.filter((action) => action !== "dynamodb:GetItem"), ...ITEM_WRITES];
  return policy(
    deny("OnlyTenantSessions", others, table, unless(tenantRoleArn(site))),
    deny("OnlyTheirReads", ["dynamodb:GetItem"], table, unless(tenantRoleArn(site), crossCheck)),
    deny("NoUntaggedSession", ["dynamodb:GetItem", ...others], table, {
      ...unless(crossCheck),
      Null: { "aws:PrincipalTag/tenant": "true" },
    }),
    deny("NeverWhole", NEVER, table),
  );
}

/** Events: tenants append, sign-in and administration append for them, the cross-check reads one, and nobody changes or removes any. */
function outboxTablePolicy(site: Site): PolicyDocument {
  const table = [tableArn(site, "outbox")];
  return policy(
    deny("OnlyTenantsAppend", ["dynamodb:PutItem"], table, unless(tenantRoleArn(site), auditAppendRoleArn(site))),
    deny("OnlyTheCrossCheckReads", ["dynamodb:GetItem"], table, unless(functionRoleArn(site, "cross-check"))),
    deny(
      "NeverReadOrChanged",
      [...ITEM_READS.filter((action) => action !== "dynamodb:GetItem"), "dynamodb:UpdateItem", ...NEVER],
      table,
    ),
  );
}

/** Wrapped keys: tenants read theirs, the control plane writes; who appends events reads the audit key and no other. */
function keysTablePolicy(site: Site): PolicyDocument {
  const table = [tableArn(site, "keys")];
  return policy(
    deny("OnlyTheControlPlaneWrites", ITEM_WRITES, table, unless(controlPlaneRoleArn(site))),
    deny(
      "OnlyKeyUsersRead",
      ITEM_READS,
      table,
      unless(tenantRoleArn(site), controlPlaneRoleArn(site), auditAppendRoleArn(site)),
    ),
    deny("AppendersReadTheAuditKey", ITEM_READS, table, {
      ArnEquals: { "aws:PrincipalArn": auditAppendRoleArn(site) },
      "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": [`T#${ANY_TENANT}#A#K`] },
    }),
    deny("NeverWhole", NEVER, table),
  );
}

/** The registry has none: it holds no PHI, and its readers are its three roles. */
export const tablePolicies = {
  data: dataTablePolicy,
  outbox: outboxTablePolicy,
  keys: keysTablePolicy,
} as const satisfies Readonly<Record<string, (site: Site) => PolicyDocument>>;
