import * as z from "zod";
import type { Plan, PlannedResource } from "../../plan/shape.ts";
import { ignored } from "./ignored.ts";

/** A resource whose inputs have been checked against what this cloud can do. */
export interface Resource<Inputs> {
  readonly name: string;
  /** The account that it is made in, where that is not the plan's own. */
  readonly account?: string;
  readonly inputs: Inputs;
  readonly state: Readonly<Record<string, unknown>>;
}

/** The plan's resources by type. Each type is taken by exactly one part of the provisioner, or ignored with a reason. */
export interface Resources {
  /**
   * All resources of a type, in the plan's order.
   * @throws Error that names the resource and the path of an input which this cloud does not know or cannot honour.
   */
  take<Inputs>(type: string, schema: z.ZodType<Inputs>): readonly Resource<Inputs>[];
  /** @throws Error that names the types that nobody has taken and that are not on the ignore list. */
  finish(): void;
}

export function openResources(plan: Plan): Resources {
  const byType = new Map<string, PlannedResource[]>();
  for (const resource of plan.resources) {
    const list = byType.get(resource.type) ?? [];
    list.push(resource);
    byType.set(resource.type, list);
  }
  return {
    take(type, schema) {
      const list = byType.get(type) ?? [];
      byType.delete(type);
      return list.map(({ name, account, inputs, state }) => {
        const parsed = schema.safeParse(inputs);
        if (parsed.success) return { name, ...(account === undefined ? {} : { account }), inputs: parsed.data, state };
        const issues = parsed.error.issues.map((issue) =>
          issue.code === "unrecognized_keys"
            ? `${issue.keys.join(", ")} is not known`
            : `${issue.path.join(".")} ${issue.message}`,
        );
        throw new Error(`the plan's ${type} ${name} cannot be provisioned here: ${issues.join("; ")}`);
      });
    },
    finish() {
      const unknown = [...byType.keys()].filter((type) => ignored[type] === undefined);
      if (unknown.length > 0)
        throw new Error(`the plan holds resource types that this cloud does not know: ${unknown.join(", ")}`);
    },
  };
}

/** The ARN, or another attribute, that AWS would have given back. */
export function attribute(resource: Resource<unknown>, name: string): string {
  const value = resource.state[name];
  if (typeof value !== "string") throw new Error(`the plan gives ${resource.name} no ${name}`);
  return value;
}

const statement = z.looseObject({ Effect: z.enum(["Allow", "Deny"]) });

/** A policy document. Its grammar is checked by the service that takes it. */
export const policyDocument = z.looseObject({ Version: z.literal("2012-10-17"), Statement: z.array(statement) });

/** For definitions that take the account of their resource. */
export const inAccount = ({ account }: Pick<Resource<unknown>, "account">): { readonly accountId?: string } =>
  account === undefined ? {} : { accountId: account };
