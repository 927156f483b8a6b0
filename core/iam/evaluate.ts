import type { PolicyDocument } from "./document.ts";
import { normalizeContext, type AccessRequest } from "./request.ts";
import { compileDocument, type CompiledStatement, type Naming, type PreparedRequest } from "./statement.ts";

/** Every document that has a say in one request. */
export interface PolicySet {
  readonly identity: readonly PolicyDocument[];
  /** Absent: no session policy was passed. Present, even empty: only what it allows too. */
  readonly session?: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  readonly resource?: PolicyDocument;
  /** KMS and trust policies: without a statement of the resource's policy that allows, nothing is allowed. */
  readonly resourceMandatory?: boolean;
}

export type Layer = "identity" | "session" | "boundary" | "resource";

/** `layer` is the one that decided, `sid` the statement, if it has one. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: "allowed" | "explicit-deny" | "implicit-deny";
  readonly layer?: Layer;
  readonly sid?: string;
}

/**
 * What AWS would decide.
 * Order: an explicit deny anywhere; a mandatory resource policy that is silent; a resource policy that names this very
 * caller; session policy; boundary; a resource policy that names the role; identity policies. For another account's
 * resource its policy must allow, and the caller's own policies too.
 * Source: IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Key policies".
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  return decide(request, policies, { isTrust: false });
}

/**
 * Whether the caller may assume a role, or tag or name the session it gets: the trust policy is a mandatory resource
 * policy without Resource. Ask once for each of sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, with the keys
 * that AWS supplies for it (`assumeRoleRequests`). The account root cannot assume roles at all (STS API, AssumeRole).
 */
export function evaluateTrust(
  request: AccessRequest,
  trust: PolicyDocument,
  caller: Omit<PolicySet, "resource" | "resourceMandatory">,
): Decision {
  if (request.principal.type === "Root") return { allowed: false, reason: "implicit-deny", layer: "resource" };
  return decide(request, { ...caller, resource: trust, resourceMandatory: true }, { isTrust: true });
}

interface LayerVerdict {
  readonly deny?: CompiledStatement;
  readonly allow?: CompiledStatement;
}

function decide(access: AccessRequest, policies: PolicySet, options: { readonly isTrust: boolean }): Decision {
  const { principal } = access;
  const request: PreparedRequest = {
    principal,
    action: access.action.toLowerCase(),
    resource: access.resource,
    context: normalizeContext(access.context),
  };

  const identity = judge(policies.identity, request);
  if (identity.deny) return denied("identity", identity.deny);
  const session = policies.session && judge(policies.session, request);
  if (session?.deny) return denied("session", session.deny);
  const boundary = policies.boundary && judge([policies.boundary], request);
  if (boundary?.deny) return denied("boundary", boundary.deny);
  const resource = judgeResource(policies.resource, request, options);
  if (resource.deny) return denied("resource", resource.deny);

  if (policies.resourceMandatory === true && resource.naming === "none") return silent("resource");
  const isForeign = isOtherAccount(access);
  if (isForeign && resource.naming === "none") return silent("resource");
  if (!isForeign && resource.naming === "direct") return allowed("resource", resource.allow);
  if (principal.type === "AWSService") return silent("resource");
  if (principal.type === "Root") return allowed("identity", undefined);
  if (session && !session.allow) return silent("session");
  if (boundary && !boundary.allow) return silent("boundary");
  if (!isForeign && resource.naming === "role") return allowed("resource", resource.allow);
  return identity.allow ? allowed("identity", identity.allow) : silent("identity");
}

function judge(documents: readonly PolicyDocument[], request: PreparedRequest): LayerVerdict {
  let allow: CompiledStatement | undefined;
  for (const document of documents) {
    for (const statement of compileDocument(document, { isTrust: false })) {
      // A Principal does not belong into these documents: such a statement may deny and never allow.
      if (statement.names !== undefined && statement.effect === "Allow") continue;
      if (!statement.applies(request)) continue;
      if (statement.effect === "Deny") return { deny: statement };
      allow ??= statement;
    }
  }
  return allow === undefined ? {} : { allow };
}

function judgeResource(
  document: PolicyDocument | undefined,
  request: PreparedRequest,
  options: { readonly isTrust: boolean },
): LayerVerdict & { readonly naming: Naming } {
  let naming: Naming = "none";
  let allow: CompiledStatement | undefined;
  if (document === undefined) return { naming };
  for (const statement of compileDocument(document, options)) {
    // A resource policy must say whom it means: a Deny that does not means everybody, an Allow nobody.
    const named = statement.names?.(request.principal) ?? (statement.effect === "Deny" ? "direct" : "none");
    if (named === "none" || !statement.applies(request)) continue;
    if (statement.effect === "Deny") return { deny: statement, naming };
    if (allow === undefined || isCloser(named, naming)) {
      naming = named;
      allow = statement;
    }
  }
  return allow === undefined ? { naming } : { allow, naming };
}

const CLOSENESS: Readonly<Record<Naming, number>> = { none: 0, account: 1, role: 2, direct: 3 };
const isCloser = (candidate: Naming, known: Naming): boolean => CLOSENESS[candidate] > CLOSENESS[known];

/** Whether the resource belongs to another account than the caller. */
function isOtherAccount({ principal, resource, resourceAccountId }: AccessRequest): boolean {
  const named = resource.split(":", 5)[4];
  const owner = named === undefined || named === "" ? resourceAccountId : named;
  return principal.type !== "AWSService" && owner !== undefined && owner !== principal.accountId;
}

const withSid = (statement: CompiledStatement | undefined): { sid?: string } =>
  statement?.sid === undefined ? {} : { sid: statement.sid };

const denied = (layer: Layer, statement: CompiledStatement): Decision => ({
  allowed: false,
  reason: "explicit-deny",
  layer,
  ...withSid(statement),
});

const silent = (layer: Layer): Decision => ({ allowed: false, reason: "implicit-deny", layer });

const allowed = (layer: Layer, statement: CompiledStatement | undefined): Decision => ({
  allowed: true,
  reason: "allowed",
  layer,
  ...withSid(statement),
});
