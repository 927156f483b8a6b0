import {
  type PolicyDocument,
  auditAppendPolicy,
  auditAppendRoleName,
  auditAppendTrust,
  auditReadPolicy,
  auditReadRoleName,
  auditReadTrust,
  booksPolicy,
  booksRoleName,
  booksTrust,
  functionPolicy,
  functionTrust,
  schedulerPolicy,
  schedulerRoleName,
  schedulerTrust,
  controlPlaneRoleName,
  FUNCTION_NAMES,
  functionRoleName,
  identityRoleName,
  peopleNamesPolicy,
  peopleNamesRoleName,
  peopleNamesTrust,
  registryPeoplePolicy,
  registryPeopleRoleName,
  registryPeopleTrust,
  registryPrivacyPolicy,
  registryPrivacyRoleName,
  registryPrivacyTrust,
  registryReadRoleName,
  statementReadPolicy,
  statementReadRoleName,
  statementReadTrust,
  tenantExportPolicy,
  tenantExportRoleName,
  tenantExportTrust,
  tenantRoleName,
  type FunctionName,
  type KeyArns,
  controlPlanePolicy,
  controlPlaneTrust,
  identityPolicy,
  identityTrust,
  registryReadPolicy,
  registryReadTrust,
  tenantRequestPolicy,
  tenantRequestTrust,
  witnessSchedulerPolicy,
  witnessSchedulerRoleName,
  witnessSchedulerTrust,
} from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import { logicalName } from "./logical-name.ts";
import { accountOptions } from "./witness-account.ts";

export interface Roles {
  readonly functions: Readonly<Record<FunctionName, aws.iam.Role>>;
  readonly tenantRequest: aws.iam.Role;
  readonly tenantExport: aws.iam.Role;
  readonly registryRead: aws.iam.Role;
  readonly registryPrivacy: aws.iam.Role;
  readonly registryPeople: aws.iam.Role;
  readonly identity: aws.iam.Role;
  readonly controlPlane: aws.iam.Role;
  readonly peopleNames: aws.iam.Role;
  readonly books: aws.iam.Role;
  readonly statementRead: aws.iam.Role;
  readonly auditAppend: aws.iam.Role;
  readonly auditRead: aws.iam.Role;
  readonly scheduler: aws.iam.Role;
  readonly witnessScheduler: aws.iam.Role;
}

/** The roles and who may become them. What they may do comes later: it names keys, and the keys name these roles. */
export function roles(ground: Ground): Roles {
  const { site } = ground;
  const functions = {} as Record<FunctionName, aws.iam.Role>;
  for (const name of FUNCTION_NAMES) {
    functions[name] = role(logicalName("Fn", name), functionRoleName(site, name), functionTrust(), {
      ...accountOptions(ground, name),
    });
  }
  const { fhir, clinic, patient, admin, session, platform, finance } = functions;
  const trusting = (name: string, physicalName: string, trust: PolicyDocument, ...dependsOn: aws.iam.Role[]) =>
    role(name, physicalName, trust, { dependsOn });
  return {
    functions,
    tenantRequest: trusting("TenantRequest", tenantRoleName(site), tenantRequestTrust(site), fhir, clinic, patient),
    tenantExport: trusting("TenantExport", tenantExportRoleName(site), tenantExportTrust(site), functions.export),
    registryRead: trusting(
      "RegistryRead",
      registryReadRoleName(site),
      registryReadTrust(site),
      fhir,
      clinic,
      patient,
      admin,
      finance,
      functions.export,
    ),
    registryPrivacy: trusting("RegistryPrivacy", registryPrivacyRoleName(site), registryPrivacyTrust(site), clinic),
    registryPeople: trusting("RegistryPeople", registryPeopleRoleName(site), registryPeopleTrust(site), admin),
    identity: trusting("Identity", identityRoleName(site), identityTrust(site), session),
    controlPlane: trusting("ControlPlane", controlPlaneRoleName(site), controlPlaneTrust(site), platform),
    peopleNames: trusting(
      "PeopleNames",
      peopleNamesRoleName(site),
      peopleNamesTrust(site),
      session,
      admin,
      clinic,
      patient,
    ),
    books: trusting("Books", booksRoleName(site), booksTrust(site), finance),
    statementRead: trusting("StatementRead", statementReadRoleName(site), statementReadTrust(site), admin),
    auditAppend: trusting(
      "AuditAppend",
      auditAppendRoleName(site),
      auditAppendTrust(site),
      session,
      admin,
      platform,
      finance,
    ),
    auditRead: trusting("AuditRead", auditReadRoleName(site), auditReadTrust(site), clinic, patient),
    scheduler: role("Scheduler", schedulerRoleName(site), schedulerTrust(site), {}),
    witnessScheduler: role("WitnessScheduler", witnessSchedulerRoleName(site), witnessSchedulerTrust(site), {
      ...accountOptions(ground, "witness"),
    }),
  };
}

export type Permissions = Readonly<Record<FunctionName, aws.iam.RolePolicy>>;

/**
 * One inline policy per role, and nothing beside it: what somebody attaches by hand is taken off at the next deploy.
 * Gives the functions' policies, for what must wait until a function may do its work.
 */
export function permissions(ground: Ground, roles: Roles, keys: Keys): Permissions {
  const { site } = ground;
  permit("TenantRequest", roles.tenantRequest, keys, (arns) => tenantRequestPolicy(site, arns));
  permit("TenantExport", roles.tenantExport, keys, (arns) => tenantExportPolicy(site, arns));
  permit("RegistryRead", roles.registryRead, keys, (arns) => registryReadPolicy(site, arns));
  permit("RegistryPrivacy", roles.registryPrivacy, keys, () => registryPrivacyPolicy(site));
  permit("RegistryPeople", roles.registryPeople, keys, () => registryPeoplePolicy(site));
  permit("Identity", roles.identity, keys, (arns) => identityPolicy(site, arns));
  permit("ControlPlane", roles.controlPlane, keys, (arns) => controlPlanePolicy(site, arns));
  permit("PeopleNames", roles.peopleNames, keys, (arns) => peopleNamesPolicy(site, arns));
  permit("Books", roles.books, keys, (arns) => booksPolicy(site, arns));
  permit("StatementRead", roles.statementRead, keys, (arns) => statementReadPolicy(site, arns));
  permit("AuditAppend", roles.auditAppend, keys, () => auditAppendPolicy(site));
  permit("AuditRead", roles.auditRead, keys, (arns) => auditReadPolicy(site, arns));
  permit("Scheduler", roles.scheduler, keys, () => schedulerPolicy(site));
  const there = accountOptions(ground, "witness");
  permit("WitnessScheduler", roles.witnessScheduler, keys, () => witnessSchedulerPolicy(site), there);
  const functions = {} as Record<FunctionName, aws.iam.RolePolicy>;
  for (const name of FUNCTION_NAMES) {
    functions[name] = permit(
      logicalName("Fn", name),
      roles.functions[name],
      keys,
      (arns) => functionPolicy(site, arns, name),
      accountOptions(ground, name),
    );
  }
  return functions;
}

function role(
  name: string,
  physicalName: string,
  trust: PolicyDocument,
  // STS needs the principals of a trust policy to exist.
  options: { readonly dependsOn?: aws.iam.Role[]; readonly provider?: aws.Provider },
): aws.iam.Role {
  return new aws.iam.Role(
    `${name}Role`,
    { name: physicalName, assumeRolePolicy: JSON.stringify(trust), maxSessionDuration: 3600 },
    options,
  );
}

function permit(
  name: string,
  role: aws.iam.Role,
  keys: Keys,
  document: (arns: KeyArns) => PolicyDocument,
  account: { readonly provider?: aws.Provider } = {},
): aws.iam.RolePolicy {
  const policy = new aws.iam.RolePolicy(
    `${name}Policy`,
    {
      name: "permissions",
      role: role.name,
      policy: keys.arns.apply((arns) => JSON.stringify(document(arns))),
    },
    account,
  );
  new aws.iam.RolePoliciesExclusive(`${name}OnlyPolicy`, { roleName: role.name, policyNames: [policy.name] }, account);
  new aws.iam.RolePolicyAttachmentsExclusive(
    `${name}NoManagedPolicy`,
    { roleName: role.name, policyArns: [] },
    account,
  );
  return policy;
}
