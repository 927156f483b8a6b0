import {
  type PolicyDocument,
  auditAppendPolicy,
  auditAppendRoleName,
  auditAppendTrust,
  functionPolicy,
  functionTrust,
  schedulerPolicy,
  schedulerTrust,
  controlPlaneRoleName,
  FUNCTION_NAMES,
  functionRoleName,
  identityRoleName,
  registryReadRoleName,
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
} from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import { logicalName } from "./logical-name.ts";

export interface Roles {
  readonly functions: Readonly<Record<FunctionName, aws.iam.Role>>;
  readonly tenantRequest: aws.iam.Role;
  readonly registryRead: aws.iam.Role;
  readonly identity: aws.iam.Role;
  readonly controlPlane: aws.iam.Role;
  readonly auditAppend: aws.iam.Role;
  readonly scheduler: aws.iam.Role;
}

/** The roles and who may become them. What they may do comes later: it names keys, and the keys name these roles. */
export function roles({ site }: Ground): Roles {
  const functions = {} as Record<FunctionName, aws.iam.Role>;
  for (const name of FUNCTION_NAMES) {
    functions[name] = role(logicalName("Fn", name), functionRoleName(site, name), functionTrust(), []);
  }
  const { fhir, session, platform } = functions;
  return {
    functions,
    tenantRequest: role("TenantRequest", tenantRoleName(site), tenantRequestTrust(site), [fhir]),
    registryRead: role("RegistryRead", registryReadRoleName(site), registryReadTrust(site), [fhir]),
    identity: role("Identity", identityRoleName(site), identityTrust(site), [session]),
    controlPlane: role("ControlPlane", controlPlaneRoleName(site), controlPlaneTrust(site), [platform]),
    auditAppend: role("AuditAppend", auditAppendRoleName(site), auditAppendTrust(site), [session, platform]),
    scheduler: role("Scheduler", `keyward-${site.stage}-schedule`, schedulerTrust(site), []),
  };
}

export type Permissions = Readonly<Record<FunctionName, aws.iam.RolePolicy>>;

/**
 * One inline policy per role, and nothing beside it: what somebody attaches by hand is taken off at the next deploy.
 * Gives the functions' policies, for what must wait until a function may do its work.
 */
export function permissions({ site }: Ground, roles: Roles, keys: Keys): Permissions {
  permit("TenantRequest", roles.tenantRequest, keys, (arns) => tenantRequestPolicy(site, arns));
  permit("RegistryRead", roles.registryRead, keys, (arns) => registryReadPolicy(site, arns));
  permit("Identity", roles.identity, keys, (arns) => identityPolicy(site, arns));
  permit("ControlPlane", roles.controlPlane, keys, (arns) => controlPlanePolicy(site, arns));
  permit("AuditAppend", roles.auditAppend, keys, () => auditAppendPolicy(site));
  permit("Scheduler", roles.scheduler, keys, () => schedulerPolicy(site));
  const functions = {} as Record<FunctionName, aws.iam.RolePolicy>;
  for (const name of FUNCTION_NAMES) {
    functions[name] = permit(logicalName("Fn", name), roles.functions[name], keys, (arns) =>
      functionPolicy(site, arns, name),
    );
  }
  return functions;
}

function role(name: string, physicalName: string, trust: PolicyDocument, dependsOn: aws.iam.Role[]): aws.iam.Role {
  // STS needs the principals of a trust policy to exist.
  return new aws.iam.Role(
    `${name}Role`,
    { name: physicalName, assumeRolePolicy: JSON.stringify(trust), maxSessionDuration: 3600 },
    { dependsOn },
  );
}

function permit(
  name: string,
  role: aws.iam.Role,
  keys: Keys,
  document: (arns: KeyArns) => PolicyDocument,
): aws.iam.RolePolicy {
  const policy = new aws.iam.RolePolicy(`${name}Policy`, {
    name: "permissions",
    role: role.name,
    policy: keys.arns.apply((arns) => JSON.stringify(document(arns))),
  });
  new aws.iam.RolePoliciesExclusive(`${name}OnlyPolicy`, { roleName: role.name, policyNames: [policy.name] });
  new aws.iam.RolePolicyAttachmentsExclusive(`${name}NoManagedPolicy`, { roleName: role.name, policyArns: [] });
  return policy;
}
