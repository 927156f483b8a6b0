import type { AccessContext, AccessPrincipal, FunctionName } from "../../../core/iam/index.ts";
import { functionRoleName, operatorName, principalContext, type KeyArns, type Site } from "../../../core/iam/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";

/** A stage on paper: the names that every test of this folder speaks of. */

export const site: Site = { stage: "dev", cell: "c01", accountId: "111122223333", region: "us-east-1" };

const keyArn = (id: string): string => `arn:aws:kms:${site.region}:${site.accountId}:key/${id}`;
export const keys: KeyArns = {
  cell: keyArn("00000000-0000-4000-8000-00000000ce11"),
  audit: keyArn("00000000-0000-4000-8000-00000000a0d1"),
  checkpoint: keyArn("00000000-0000-4000-8000-000000c4ec12"),
  token: keyArn("00000000-0000-4000-8000-0000000070ce"),
  session: keyArn("00000000-0000-4000-8000-000000005e55"),
};

/** Two tenants whose ids differ in the last character. */
export const A = "01hxyzabcd0123456789abcdef" as TenantId;
export const B = "01hxyzabcd0123456789abcdeg" as TenantId;
export const USER = "01hxyzuser0123456789abcdef";

export const rolePrincipal = (roleName: string, accountId = site.accountId) => ({
  arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/s`,
  accountId,
  type: "AssumedRole" as const,
  roleArn: `arn:aws:iam::${accountId}:role/${roleName}`,
});

const fn = (name: FunctionName) => rolePrincipal(functionRoleName(site, name));

export const principals = {
  tenant: rolePrincipal("keyward-dev-c01-tenant-request"),
  registryRead: rolePrincipal("keyward-dev-registry-read"),
  identity: rolePrincipal("keyward-dev-identity"),
  controlPlane: rolePrincipal("keyward-dev-control-plane"),
  auditAppend: rolePrincipal("keyward-dev-c01-audit-append"),
  fhir: fn("fhir"),
  session: fn("session"),
  platform: fn("platform"),
  archive: fn("archive"),
  crossCheck: fn("cross-check"),
  seal: fn("seal"),
  admin: rolePrincipal("Administrator"),
  lookalike: rolePrincipal("keyward-dev-c01-tenant-request-2"),
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
