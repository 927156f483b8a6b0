import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import type { Assurance } from "../identity/principal.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Purpose } from "./grant.ts";
import { policyTexts, schemaText } from "./policies.generated.ts";

const POLICY_SET = "keyward";
const SCHEMA = "keyward";

let prepared = false;

function prepare(): void {
  if (prepared) return;
  const schema = preparseSchema(SCHEMA, schemaText);
  const policies = preparsePolicySet(POLICY_SET, { staticPolicies: { ...policyTexts } });
  invariant(schema.type === "success" && policies.type === "success", "the committed policies parse");
  prepared = true;
}

export interface Question {
  readonly memberTenant: string;
  readonly roles: readonly string[];
  readonly assurance: Assurance;
  readonly memberPatient?: string | undefined;
  readonly action: string;
  readonly purpose: Purpose;
  /** What is asked about: one class of one tenant's records, or the platform itself. */
  readonly resource:
    | {
        readonly kind: "records";
        readonly tenant: string;
        readonly class: string;
        readonly type: string;
        readonly patient?: string | undefined;
      }
    | { readonly kind: "platform" };
}

export interface Verdict {
  readonly allowed: boolean;
  /** The `@id` of each rule that decided; empty where no rule permits. */
  readonly ruleIds: readonly string[];
}

/** Asks Cedar. What cannot be evaluated is refused: an error in any policy is never an allow. */
export function decide(question: Question): Verdict {
  prepare();
  const principal = { type: "Keyward::Member", id: "principal" };
  const isRecords = question.resource.kind === "records";
  const resource = { type: isRecords ? "Keyward::Records" : "Keyward::Platform", id: "resource" };
  const attributes =
    question.resource.kind === "records"
      ? {
          tenant: question.resource.tenant,
          class: question.resource.class,
          type: question.resource.type,
          ...(question.resource.patient === undefined ? {} : { patient: question.resource.patient }),
        }
      : {};
  const answer = statefulIsAuthorized({
    principal,
    action: { type: "Keyward::Action", id: question.action },
    resource,
    context: { purpose: question.purpose },
    preparsedSchemaName: SCHEMA,
    validateRequest: true,
    preparsedPolicySetId: POLICY_SET,
    entities: [
      {
        uid: principal,
        attrs: {
          tenant: question.memberTenant,
          assurance: question.assurance,
          ...(question.memberPatient === undefined ? {} : { patient: question.memberPatient }),
        },
        parents: question.roles.map((id) => ({ type: "Keyward::Role", id })),
      },
      { uid: resource, attrs: attributes, parents: [] },
    ],
  });
  if (answer.type === "failure" || answer.response.diagnostics.errors.length > 0) {
    return { allowed: false, ruleIds: ["policy-error"] };
  }
  return { allowed: answer.response.decision === "allow", ruleIds: answer.response.diagnostics.reason.toSorted() };
}
