import { auditAppendPolicy, auditAppendTrust } from "./audit-append.ts";
import { auditReadPolicy, auditReadTrust } from "./audit-read.ts";
import {
  archiveBucketPolicy,
  attachmentBucketPolicy,
  costBucketPolicy,
  witnessBucketPolicy,
} from "./bucket-policies.ts";
import { booksPolicy, booksTrust, statementReadPolicy, statementReadTrust } from "./books.ts";
import type { PolicyDocument } from "./document.ts";
import {
  functionPolicy,
  functionTrust,
  schedulerPolicy,
  schedulerTrust,
  witnessSchedulerPolicy,
  witnessSchedulerTrust,
} from "./function-roles.ts";
import { keyPolicies } from "./key-policies.ts";
import type { LintKind } from "./lint.ts";
import { FUNCTION_NAMES, type KeyArns, type WitnessedSite } from "./names.ts";
import { operatorPolicy } from "./operator.ts";
import { peopleNamesPolicy, peopleNamesTrust } from "./people-names.ts";
import { registryPeoplePolicy, registryPeopleTrust } from "./registry-people.ts";
import { registryPrivacyPolicy, registryPrivacyTrust } from "./registry-privacy.ts";
import {
  controlPlanePolicy,
  controlPlaneTrust,
  identityPolicy,
  identityTrust,
  registryReadPolicy,
  registryReadTrust,
} from "./stage-roles.ts";
import { tablePolicies } from "./table-policies.ts";
import { tenantExportPolicy, tenantExportTrust } from "./tenant-export.ts";
import { tenantRequestPolicy, tenantRequestTrust } from "./tenant-request.ts";

export interface CatalogEntry {
  /** `role/tenant-request`, `trust/identity`, `table/data`, `key/cell`, `bucket/archive`. */
  readonly name: string;
  readonly kind: LintKind;
  readonly document: PolicyDocument;
}

/** Every document of a stage that is not made per request: what the lint, the matrix and a reviewer go through. */
export function catalog(site: WitnessedSite, keys: KeyArns): readonly CatalogEntry[] {
  const entry = (kind: LintKind, name: string, document: PolicyDocument): CatalogEntry => ({
    name: `${kind}/${name}`,
    kind,
    document,
  });
  return [
    entry("role", "tenant-request", tenantRequestPolicy(site, keys)),
    entry("role", "tenant-export", tenantExportPolicy(site, keys)),
    entry("role", "audit-read", auditReadPolicy(site, keys)),
    entry("role", "registry-privacy", registryPrivacyPolicy(site)),
    entry("role", "registry-people", registryPeoplePolicy(site)),
    entry("role", "registry-read", registryReadPolicy(site, keys)),
    entry("role", "identity", identityPolicy(site, keys)),
    entry("role", "control-plane", controlPlanePolicy(site, keys)),
    entry("role", "people-names", peopleNamesPolicy(site, keys)),
    entry("role", "books", booksPolicy(site, keys)),
    entry("role", "statement-read", statementReadPolicy(site, keys)),
    entry("role", "audit-append", auditAppendPolicy(site)),
    entry("role", "operator", operatorPolicy(site, keys)),
    entry("role", "schedule", schedulerPolicy(site)),
    entry("role", "witness-schedule", witnessSchedulerPolicy(site)),
    ...FUNCTION_NAMES.map((name) => entry("role", `fn-${name}`, functionPolicy(site, keys, name))),
    entry("trust", "tenant-request", tenantRequestTrust(site)),
    entry("trust", "tenant-export", tenantExportTrust(site)),
    entry("trust", "audit-read", auditReadTrust(site)),
    entry("trust", "registry-privacy", registryPrivacyTrust(site)),
    entry("trust", "registry-people", registryPeopleTrust(site)),
    entry("trust", "registry-read", registryReadTrust(site)),
    entry("trust", "identity", identityTrust(site)),
    entry("trust", "control-plane", controlPlaneTrust(site)),
    entry("trust", "people-names", peopleNamesTrust(site)),
    entry("trust", "books", booksTrust(site)),
    entry("trust", "statement-read", statementReadTrust(site)),
    entry("trust", "audit-append", auditAppendTrust(site)),
    entry("trust", "function", functionTrust()),
    entry("trust", "schedule", schedulerTrust(site)),
    entry("trust", "witness-schedule", witnessSchedulerTrust(site)),
    entry("table", "data", tablePolicies.data(site)),
    entry("table", "outbox", tablePolicies.outbox(site)),
    entry("table", "keys", tablePolicies.keys(site)),
    entry("table", "trail", tablePolicies.trail(site)),
    entry("bucket", "archive", archiveBucketPolicy(site)),
    entry("bucket", "attachments", attachmentBucketPolicy(site)),
    entry("bucket", "cost", costBucketPolicy(site)),
    entry("bucket", "witness", witnessBucketPolicy(site)),
    entry("key", "cell", keyPolicies.cell(site)),
    entry("key", "audit", keyPolicies.audit(site)),
    entry("key", "checkpoint", keyPolicies.checkpoint(site)),
    entry("key", "token", keyPolicies.token(site)),
    entry("key", "session", keyPolicies.session(site)),
    entry("key", "cost", keyPolicies.cost(site)),
    entry("key", "witness", keyPolicies.witness(site)),
  ];
}
