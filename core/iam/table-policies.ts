import { ANY_TENANT, policy } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  auditAppendRoleArn,
  auditReadRoleArn,
  controlPlaneRoleArn,
  peopleNamesRoleArn,
  functionRoleArn,
  registryPrivacyRoleArn,
  tableArn,
  tenantExportRoleArn,
  tenantRoleArn,
  type WitnessedSite,
} from "./names.ts";
import { SIGNAL_ROWS } from "./schedule-roles.ts";

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

/**
 * Charts: tenants' requests and exports, and the cross-check reading one row. Whoever else asks, an administrator too, is
 * refused. An export keeps the rows of jobs and changes nothing else.
 */
function dataTablePolicy(site: WitnessedSite): PolicyDocument {
  // A Deny names every index, also one that is added one day.
  const table = [tableArn(site, "data"), `${tableArn(site, "data")}/index/*`];
  const crossCheck = functionRoleArn(site, "cross-check");
  const exporter = tenantExportRoleArn(site);
  const others = [...ITEM_READS.filter((action) => action !== "dynamodb:GetItem"), ...ITEM_WRITES];
  return policy(
    deny("OnlyTenantSessions", others, table, unless(tenantRoleArn(site), exporter)),
    deny("OnlyTheirReads", ["dynamodb:GetItem"], table, unless(tenantRoleArn(site), exporter, crossCheck)),
    deny("NoUntaggedSession", ["dynamodb:GetItem", ...others], table, {
      ...unless(crossCheck),
      Null: { "aws:PrincipalTag/tenant": "true" },
    }),
    deny("ExportsKeepJobsOnly", ITEM_WRITES, table, {
      ArnEquals: { "aws:PrincipalArn": exporter },
      "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": [`T#${ANY_TENANT}#D#JOB`] },
    }),
    deny("NeverWhole", NEVER, table),
  );
}

/**
 * Events: tenants append, and sign-in, administration and settings append for them; the cross-check reads one, the
 * reconciler a day's, and nobody changes or removes any.
 */
function outboxTablePolicy(site: WitnessedSite): PolicyDocument {
  const table = [tableArn(site, "outbox")];
  const appenders = [
    tenantRoleArn(site),
    tenantExportRoleArn(site),
    auditAppendRoleArn(site),
    registryPrivacyRoleArn(site),
  ];
  const reconciler = functionRoleArn(site, "reconcile");
  return policy(
    deny("OnlyTenantsAppend", ["dynamodb:PutItem"], table, unless(...appenders)),
    deny("OnlyTheCrossCheckReads", ["dynamodb:GetItem"], table, unless(functionRoleArn(site, "cross-check"))),
    deny("OnlyTheReconcilerLists", ["dynamodb:Query"], table, unless(reconciler)),
    deny(
      "NeverReadOrChanged",
      ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:UpdateItem", ...NEVER],
      table,
    ),
  );
}

/** The trail: the index and the reconciler write, a clinic's own readers read, and nobody changes a row in place. */
function trailTablePolicy(site: WitnessedSite): PolicyDocument {
  const table = [tableArn(site, "trail")];
  const reconciler = functionRoleArn(site, "reconcile");
  const reads = ["dynamodb:GetItem", "dynamodb:Query"];
  return policy(
    deny("OnlyItsWriters", ["dynamodb:PutItem"], table, unless(functionRoleArn(site, "index"), reconciler)),
    deny("TheReconcilerWritesSignals", ["dynamodb:PutItem"], table, {
      ArnEquals: { "aws:PrincipalArn": reconciler },
      "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": SIGNAL_ROWS },
    }),
    deny("OnlyTheClinicReads", reads, table, unless(auditReadRoleArn(site))),
    deny("NoUntaggedSession", reads, table, {
      Bool: { "aws:PrincipalIsAWSService": "false" },
      Null: { "aws:PrincipalTag/tenant": "true" },
    }),
    deny(
      "NeverWholeOrChanged",
      ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:UpdateItem", ...NEVER],
      table,
    ),
  );
}

/** Wrapped keys: tenants read theirs, the control plane writes; who appends or reads events reads the audit key and no other, who opens names theirs. */
function keysTablePolicy(site: WitnessedSite): PolicyDocument {
  const table = [tableArn(site, "keys")];
  return policy(
    deny("OnlyTheControlPlaneWrites", ITEM_WRITES, table, unless(controlPlaneRoleArn(site))),
    deny(
      "OnlyKeyUsersRead",
      ITEM_READS,
      table,
      unless(
        tenantRoleArn(site),
        tenantExportRoleArn(site),
        controlPlaneRoleArn(site),
        auditAppendRoleArn(site),
        auditReadRoleArn(site),
        peopleNamesRoleArn(site),
      ),
    ),
    deny("TheNamesRoleReadsThePeopleKey", ITEM_READS, table, {
      ArnEquals: { "aws:PrincipalArn": peopleNamesRoleArn(site) },
      "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": [`T#${ANY_TENANT}#U#K`] },
    }),
    deny("TheTrailsRolesReadTheAuditKey", ITEM_READS, table, {
      ArnEquals: { "aws:PrincipalArn": [auditAppendRoleArn(site), auditReadRoleArn(site)] },
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
  trail: trailTablePolicy,
} as const satisfies Readonly<Record<string, (site: WitnessedSite) => PolicyDocument>>;
