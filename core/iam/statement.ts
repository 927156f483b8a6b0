import { asList, compileCondition } from "./conditions.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { roleOf, type AccessPrincipal } from "./request.ts";
import { matchTemplate, matchTokens, parseTemplate, type RequestContext, type Template } from "./template.ts";

/** A request prepared once for all documents that judge it. */
export interface PreparedRequest {
  readonly principal: AccessPrincipal;
  /** Lower case. */
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/**
 * How closely a resource policy names the caller. `account` only hands the question to the account's own policies;
 * `role` is limited by session policy and boundary; `direct` (this session, this user, this service, everybody) is not.
 * Source: IAM User Guide, "Policy evaluation logic" and "Principal".
 */
export type Naming = "none" | "account" | "role" | "direct";

export interface CompiledStatement {
  readonly effect: Statement["Effect"];
  readonly sid: string | undefined;
  /** Undefined where the statement has no Principal and no NotPrincipal. */
  readonly names: ((principal: AccessPrincipal) => Naming) | undefined;
  /** Action, resource and condition; the principal is asked by itself. */
  readonly applies: (request: PreparedRequest) => boolean;
}

export interface CompileOptions {
  /** A trust policy has no Resource: the role it is attached to is meant. */
  readonly isTrust: boolean;
}

const compiled = {
  policy: new WeakMap<PolicyDocument, readonly CompiledStatement[]>(),
  trust: new WeakMap<PolicyDocument, readonly CompiledStatement[]>(),
};

/** Prepares a document once; documents are immutable, so the result is kept by identity. */
export function compileDocument(document: PolicyDocument, options: CompileOptions): readonly CompiledStatement[] {
  const cache = options.isTrust ? compiled.trust : compiled.policy;
  const known = cache.get(document);
  if (known !== undefined) return known;
  const statements = document.Statement.map((statement) => compileStatement(statement, options));
  cache.set(document, statements);
  return statements;
}

function compileStatement(statement: Statement, options: CompileOptions): CompiledStatement {
  // In doubt a Deny applies and an Allow does not.
  const whenUnclear = statement.Effect === "Deny";
  const matchesAction = compileAction(statement, whenUnclear);
  const matchesResource = compileResource(statement, whenUnclear, options);
  const holds = compileCondition(statement.Condition);
  return {
    effect: statement.Effect,
    sid: statement.Sid,
    names: compilePrincipal(statement),
    applies: (request) =>
      matchesAction(request.action) &&
      matchesResource(request.resource, request.context) &&
      holds(request.context, whenUnclear),
  };
}

function compileAction(statement: Statement, whenUnclear: boolean): (action: string) => boolean {
  const named = statement.Action ?? statement.NotAction;
  if (named === undefined || (statement.Action !== undefined && statement.NotAction !== undefined))
    return () => whenUnclear;
  const patterns = asList(named).map((pattern) => parseTemplate(pattern.toLowerCase(), { wildcards: true }).tokens);
  const wanted = statement.Action !== undefined;
  const answers = new Map<string, boolean>();
  return (action) => {
    const known = answers.get(action);
    if (known !== undefined) return known;
    const answer = patterns.some((tokens) => matchTokens(tokens, action)) === wanted;
    // Actions come from services, not from callers; the limit only guards against a service that makes them up.
    if (answers.size < 5000) answers.set(action, answer);
    return answer;
  };
}

function compileResource(
  statement: Statement,
  whenUnclear: boolean,
  options: CompileOptions,
): (resource: string, context: RequestContext) => boolean {
  const named = statement.Resource ?? statement.NotResource;
  if (named === undefined) return options.isTrust ? () => true : () => whenUnclear;
  if (statement.Resource !== undefined && statement.NotResource !== undefined) return () => whenUnclear;
  const templates: readonly Template[] = asList(named).map((pattern) => parseTemplate(pattern, { wildcards: true }));
  if (statement.Resource !== undefined) {
    return (resource, context) => templates.some((template) => matchTemplate(template, resource, context) === true);
  }
  return (resource, context) => {
    const answers = templates.map((template) => matchTemplate(template, resource, context));
    if (answers.includes(true)) return false;
    return answers.includes(undefined) ? whenUnclear : true;
  };
}

function compilePrincipal(statement: Statement): CompiledStatement["names"] {
  const { Principal, NotPrincipal } = statement;
  if (Principal !== undefined) {
    if (Principal === "*") return () => "direct";
    return (principal) => naming(Principal, principal);
  }
  if (NotPrincipal === undefined) return undefined;
  // AWS takes NotPrincipal with Deny only, and spares a caller only when its account, role and session are all listed.
  if (statement.Effect === "Allow") return () => "none";
  return (principal) => (isFullyListed(NotPrincipal, principal) ? "none" : "direct");
}

const CLOSENESS: readonly Naming[] = ["none", "account", "role", "direct"];

function naming(named: Readonly<Record<string, string | readonly string[]>>, principal: AccessPrincipal): Naming {
  let closest = 0;
  for (const [kind, values] of Object.entries(named)) {
    for (const value of asList(values)) {
      closest = Math.max(closest, CLOSENESS.indexOf(namedAs(kind, value, principal)));
    }
  }
  return CLOSENESS[closest] ?? "none";
}

function namedAs(kind: string, value: string, principal: AccessPrincipal): Naming {
  if (kind === "Service") return principal.type === "AWSService" && value === principal.service ? "direct" : "none";
  if (kind !== "AWS") return "none";
  if (value === "*") return "direct";
  if (principal.type === "AWSService") return "none";
  if (value === principal.arn) return "direct";
  if (value === roleOf(principal)) return "role";
  return isAccount(value, principal.accountId) ? "account" : "none";
}

const isAccount = (value: string, accountId: string): boolean =>
  value === accountId || /^arn:[^:]*:iam::([^:]*):root$/.exec(value)?.[1] === accountId;

function isFullyListed(
  named: Readonly<Record<string, string | readonly string[]>>,
  principal: AccessPrincipal,
): boolean {
  if (principal.type === "AWSService") return naming(named, principal) === "direct";
  const listed = asList(named["AWS"]);
  const role = roleOf(principal);
  return (
    listed.some((value) => isAccount(value, principal.accountId)) &&
    (principal.type === "Root" || listed.includes(principal.arn)) &&
    (role === undefined || listed.includes(role))
  );
}
