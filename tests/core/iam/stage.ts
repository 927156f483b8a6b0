import type { AccessContext, AccessPrincipal, FunctionName } from "../../../core/iam/index.ts";
import {
  functionRoleName,
  operatorName,
  principalContext,
  type KeyArns,
  type WitnessedSite,
} from "../../../core/iam/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";

/** A stage on paper: the names that every test of this folder speaks of. */

export const site: WitnessedSite = {
  stage: "dev",
  cell: "c01",
  accountId: "111122223333",
  region: "us-east-1",
  witnessAccountId: "444455556666",
};

const keyArn = (id: string, accountId = site.accountId): string => `arn:aws:kms:${site.region}:${accountId}:key/${id}`;
export const keys: KeyArns = {
  cell: keyArn("00000000-0000-4000-8000-00000000ce11"),
  audit: keyArn("00000000-0000-4000-8000-00000000a0d1"),
  checkpoint: keyArn("00000000-0000-4000-8000-000000c4ec12"),
  token: keyArn("00000000-0000-4000-8000-0000000070ce"),
  session: keyArn("00000000-0000-4000-8000-000000005e55"),
  cost: keyArn("00000000-0000-4000-8000-0000000c0572"),
  witness: keyArn("00000000-0000-4000-8000-000000317e55", site.witnessAccountId),
};

/** Two tenants whose ids differ in the last character. */
export const A = "01hxyzabcd0123456789abcdef" as TenantId;
export const B = "01hxyzabcd0123456789abcdeg" as TenantId;
export const USER = "01hxyzuser0123456789abcdef";

/** An export job's id, in form like every id. */
export const JOB = "01hxyzj0bb0123456789abcdef";

/** Whose an S3 resource is: its ARN names no account, and our buckets end with theirs. */
export const ownerOf = (resource: string): { readonly resourceAccountId?: string } => {
  const account = /^arn:aws:s3:::[^/]*-(\d{12})(?:\/|$)/.exec(resource)?.[1];
  return account === undefined ? {} : { resourceAccountId: account };
};

export const rolePrincipal = (roleName: string, accountId = site.accountId) => ({
  arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/s`,
  accountId,
  type: "AssumedRole" as const,
  roleArn: `arn:aws:iam::${accountId}:role/${roleName}`,
});

const fn = (name: FunctionName, accountId = site.accountId) => rolePrincipal(functionRoleName(site, name), accountId);

export const principals = {
  tenant: rolePrincipal("keyward-dev-c01-tenant-request"),
  registryRead: rolePrincipal("keyward-dev-registry-read"),
  identity: rolePrincipal("keyward-dev-identity"),
  controlPlane: rolePrincipal("keyward-dev-control-plane"),
  registryPeople: rolePrincipal("keyward-dev-registry-people"),
  registryPrivacy: rolePrincipal("keyward-dev-registry-privacy"),
  peopleNames: rolePrincipal("keyward-dev-c01-people-names"),
  books: rolePrincipal("keyward-dev-c01-books"),
  statementRead: rolePrincipal("keyward-dev-c01-statement-read"),
  auditAppend: rolePrincipal("keyward-dev-c01-audit-append"),
  auditRead: rolePrincipal("keyward-dev-c01-audit-read"),
  tenantExport: rolePrincipal("keyward-dev-c01-tenant-export"),
  fhir: fn("fhir"),
  clinic: fn("clinic"),
  patientZone: fn("patient"),
  session: fn("session"),
  adminZone: fn("admin"),
  platform: fn("platform"),
  finance: fn("finance"),
  archive: fn("archive"),
  index: fn("index"),
  crossCheck: fn("cross-check"),
  seal: fn("seal"),
  reconcile: fn("reconcile"),
  export: fn("export"),
  meter: fn("meter"),
  close: fn("close"),
  witness: fn("witness", site.witnessAccountId),
  admin: rolePrincipal("Administrator"),
  lookalike: rolePrincipal("keyward-dev-c01-tenant-request-2"),
  witnessAdmin: rolePrincipal("Administrator", site.witnessAccountId),
  foreign: rolePrincipal("keyward-dev-c01-tenant-request", "999988887777"),
  operator: {
    arn: `arn:aws:iam::${site.accountId}:user/${operatorName(site)}`,
    accountId: site.accountId,
    type: "IAMUser",
  },
  operatorRole: rolePrincipal(operatorName(site)),
  root: { arn: `arn:aws:iam::${site.accountId}:root`, accountId: site.accountId, type: "Root" },
  lambda: { arn: "lambda.amazonaws.com", accountId: "", type: "AWSService", service: "lambda.amazonaws.com" },
  scheduler: { arn: "scheduler.amazonaws.com", accountId: "", type: "AWSService", service: "scheduler.amazonaws.com" },
} as const satisfies Record<string, AccessPrincipal>;

/** The context that a tenant's session brings with it. */
export const tagged = (tenant: string, purpose = "TREAT"): AccessContext =>
  principalContext(principals.tenant, { tenant, purpose, role: "physician" });

/** The encryption context of a wrapped key as KMS condition keys. */
export const wrapped = (
  tenant: string,
  dataClass: string,
  more: { readonly cell?: string; readonly extra?: readonly string[]; readonly without?: string } = {},
): AccessContext => {
  const pairs = { tenant, cell: more.cell ?? site.cell, class: dataClass, kver: "1" };
  const kept = Object.entries(pairs).filter(([name]) => name !== more.without);
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    "kms:EncryptionContextKeys": [...kept.map(([name]) => name), ...(more.extra ?? [])],
  };
};
