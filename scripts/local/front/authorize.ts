import { evaluate, principalContext, type AccessContext, type Decision } from "../../../core/iam/index.ts";
import type { Identity } from "../iam/index.ts";
import type { Call, Check } from "../service.ts";

/** A check that IAM did not allow, with AWS's sentence about it. */
export interface Refusal {
  readonly check: Check;
  readonly decision: Decision;
  readonly message: string;
}

/** Asks IAM about every check in order; the first that is not allowed refuses the call. */
export function authorize(
  identity: Identity,
  checks: readonly Check[],
  call: Call,
  region: string,
): Refusal | undefined {
  if (checks.length === 0) return undefined;
  const global = globalContext(identity, call, region);
  for (const check of checks) {
    const decision = evaluate(
      {
        principal: identity.principal,
        action: check.action,
        resource: check.resource,
        ...(check.resourceAccountId === undefined ? {} : { resourceAccountId: check.resourceAccountId }),
        // The global keys come last: no service may speak for the caller.
        context: { ...check.context, ...global, "aws:ResourceAccount": ownerOf(check) ?? identity.caller.accountId },
      },
      {
        ...identity.policies,
        ...(check.resourcePolicy === undefined ? {} : { resource: check.resourcePolicy }),
        ...(check.resourcePolicyMandatory === undefined ? {} : { resourceMandatory: check.resourcePolicyMandatory }),
      },
    );
    if (!decision.allowed) return { check, decision, message: refusalText(identity, check, decision) };
  }
  return undefined;
}

/** The account that a resource belongs to; undefined for one that names none, which is the caller's own. */
export function ownerOf({
  resource,
  resourceAccountId,
}: Pick<Check, "resource" | "resourceAccountId">): string | undefined {
  const named = resource.split(":", 5)[4];
  return named === undefined || named === "" ? resourceAccountId : named;
}

/**
 * The condition keys that AWS supplies with every request.
 * Source: IAM User Guide, "AWS global condition context keys".
 */
function globalContext(identity: Identity, call: Call, region: string): AccessContext {
  const { session } = identity;
  return {
    ...principalContext(identity.principal, identity.tags),
    "aws:userid": identity.principalId,
    ...(identity.userName === undefined ? {} : { "aws:username": identity.userName }),
    ...(session === undefined
      ? {}
      : {
          "aws:TokenIssueTime": new Date(session.issuedAtMs).toISOString(),
          "aws:MultiFactorAuthPresent": "false",
        }),
    ...(session?.sourceIdentity === undefined ? {} : { "aws:SourceIdentity": session.sourceIdentity }),
    "aws:SourceIp": call.sourceIp,
    "aws:UserAgent": call.userAgent,
    "aws:CurrentTime": new Date(call.nowMs).toISOString(),
    "aws:EpochTime": Math.floor(call.nowMs / 1000),
    "aws:RequestedRegion": region,
    "aws:ViaAWSService": "false",
    // The loopback stands in for TLS: nobody else can read or answer on it, and the policies that demand TLS are the
    // ones that are deployed. Told as false, every such Deny would refuse all calls and nothing behind it be tested.
    "aws:SecureTransport": "true",
  };
}

const LAYER_WORDS = {
  identity: "identity-based policy",
  session: "session policy",
  boundary: "permissions boundary",
  resource: "resource-based policy",
} as const;

/** Source: IAM User Guide, "Troubleshoot access denied error messages". */
function refusalText(identity: Identity, check: Check, decision: Decision): string {
  const words = LAYER_WORDS[decision.layer ?? "identity"];
  const subject = `User: ${identity.caller.arn} is not authorized to perform: ${check.action} on resource: ${check.resource}`;
  if (decision.reason !== "explicit-deny") return `${subject} because no ${words} allows the ${check.action} action`;
  return `${subject} with an explicit deny in ${decision.layer === "identity" ? "an" : "a"} ${words}`;
}
