import * as z from "zod";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Iam, RoleInput } from "../iam/index.ts";
import { inAccount, policyDocument } from "./resources.ts";
import type { Resources } from "./resources.ts";

const role = z.strictObject({
  name: z.string(),
  path: z.string().optional(),
  description: z.string().optional(),
  assumeRolePolicy: policyDocument,
  maxSessionDuration: z.int().optional(),
  inlinePolicies: z.array(z.strictObject({ name: z.string(), policy: policyDocument })).optional(),
  /** AWS's managed policies are wide; none exists here, so that a role which needs one fails here first. */
  managedPolicyArns: z.array(z.never()).optional(),
  forceDetachPolicies: z.boolean().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const rolePolicy = z.strictObject({ name: z.string(), role: z.string(), policy: policyDocument });
const policiesExclusive = z.strictObject({ roleName: z.string(), policyNames: z.array(z.string()) });
const attachmentsExclusive = z.strictObject({ roleName: z.string(), policyArns: z.array(z.never()) });

/**
 * Makes every role of the plan with exactly the inline policies that the plan gives it.
 * @returns the roles' ARNs.
 * @throws Error where the plan's own statement of a role's policies does not agree with the policies that it holds.
 */
export function provisionRoles(resources: Resources, iam: Iam): readonly string[] {
  const roles = resources.take("aws:iam/role:Role", role);
  const policies = resources.take("aws:iam/rolePolicy:RolePolicy", rolePolicy);
  const exclusive = resources.take("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", policiesExclusive);
  resources.take("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", attachmentsExclusive);

  const inputs = roles.map(
    ({ inputs: input, ...resource }): RoleInput & { readonly policies: Readonly<Record<string, PolicyDocument>> } => {
      const inline = (input.inlinePolicies ?? []).map(({ name, policy }) => [name, policy as PolicyDocument] as const);
      const attached = policies
        .filter((one) => one.inputs.role === input.name)
        .map(({ inputs: { name, policy } }) => [name, policy as PolicyDocument] as const);
      return {
        name: input.name,
        ...inAccount(resource),
        trust: input.assumeRolePolicy as PolicyDocument,
        policies: Object.fromEntries([...inline, ...attached]),
        ...(input.path === undefined ? {} : { path: input.path }),
        ...(input.maxSessionDuration === undefined ? {} : { maxSessionSeconds: input.maxSessionDuration }),
        ...(input.tags === undefined ? {} : { tags: input.tags }),
      };
    },
  );
  const stray = policies.find((one) => !inputs.some((input) => input.name === one.inputs.role));
  if (stray !== undefined)
    throw new Error(`the plan's ${stray.name} belongs to role ${stray.inputs.role}, which it does not hold`);
  for (const { inputs: said } of exclusive) {
    const held = Object.keys(inputs.find((input) => input.name === said.roleName)?.policies ?? {});
    if (held.toSorted().join() !== said.policyNames.toSorted().join()) {
      throw new Error(
        `the plan says that role ${said.roleName} has only ${said.policyNames.join(", ")}, and gives it ${held.join(", ")}`,
      );
    }
  }
  return inputs.map((input) => iam.roles.put(input).arn);
}
