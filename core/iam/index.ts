export type { PolicyDocument, Statement } from "./document.ts";
export * from "./names.ts";
export { functionVariables, type VariableName } from "./environment.ts";

export { assumeRoleRequests, type AssumeRoleCall } from "./assume-role.ts";
export { asList } from "./conditions.ts";
export { evaluate, evaluateTrust, type Decision, type Layer, type PolicySet } from "./evaluate.ts";
export { lintDocument, type Finding, type LintKind, type RuleName } from "./lint.ts";
export { principalContext, type AccessContext, type AccessPrincipal, type AccessRequest } from "./request.ts";

export { auditAppendPolicy, auditAppendTrust } from "./audit-append.ts";
export { auditReadPolicy, auditReadTrust, ownTrailSessionPolicy } from "./audit-read.ts";
export {
  archiveBucketPolicy,
  attachmentBucketPolicy,
  costBucketPolicy,
  witnessBucketPolicy,
} from "./bucket-policies.ts";
export { catalog, type CatalogEntry } from "./catalog.ts";
export {
  functionPolicy,
  functionTrust,
  schedulerPolicy,
  schedulerTrust,
  witnessSchedulerPolicy,
  witnessSchedulerTrust,
} from "./function-roles.ts";
export { keyPolicies } from "./key-policies.ts";
export { operatorPolicy } from "./operator.ts";
export { portalBucketPolicy } from "./portal-bucket.ts";
export { booksPolicy, booksTrust, statementReadPolicy, statementReadTrust } from "./books.ts";
export { peopleNamesPolicy, peopleNamesTrust } from "./people-names.ts";
export { registryPeoplePolicy, registryPeopleTrust } from "./registry-people.ts";
export { registryPrivacyPolicy, registryPrivacyTrust } from "./registry-privacy.ts";
export {
  controlPlanePolicy,
  controlPlaneTrust,
  identityPolicy,
  identityTrust,
  registryReadPolicy,
  registryReadTrust,
} from "./stage-roles.ts";
export { tablePolicies } from "./table-policies.ts";
export {
  exportSessionPolicy,
  QUEUE_JOB,
  tenantExportPolicy,
  tenantExportTrust,
  type ExportScope,
} from "./tenant-export.ts";
export {
  SESSION_POLICY_LIMIT,
  SESSION_PURPOSES,
  sessionPolicy,
  tenantRequestPolicy,
  tenantRequestTrust,
  type SessionPurpose,
  type SessionScope,
} from "./tenant-request.ts";
