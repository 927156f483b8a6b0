import { PolicyPack, type Policies, type PolicyResource, type ResourceValidationArgs } from "@pulumi/policy";
import type { StackResource } from "./guardrail.ts";
import { guardrails } from "./guardrails.ts";

/** The door for `sst deploy --policy stacks/guardrails`: each guardrail as a mandatory CrossGuard policy. */

function resourceOf(resource: ResourceValidationArgs | PolicyResource): StackResource {
  const properties = resource.props as Record<string, unknown>;
  return {
    urn: resource.urn,
    id: typeof properties["id"] === "string" ? properties["id"] : undefined,
    type: resource.type,
    name: resource.name,
    properties,
    isProtected: resource.opts.protect,
    retainOnDelete: undefined,
  };
}

const policies: Policies = guardrails.map((guardrail) => {
  const { name, description } = guardrail;
  const common = { name, description, enforcementLevel: "mandatory" } as const;
  if ("examine" in guardrail) {
    return {
      ...common,
      validateResource: (resource, report) => {
        for (const message of guardrail.examine(resourceOf(resource))) report(message);
      },
    };
  }
  return {
    ...common,
    validateStack: ({ resources }, report) => {
      for (const { urn, message } of guardrail.examineStack(resources.map(resourceOf))) report(message, urn);
    },
  };
});

new PolicyPack("keyward", { policies });
