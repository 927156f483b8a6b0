import type { RequestContext } from "./template.ts";

/** Who asks. For a role session `arn` is the session's ARN and `roleArn` the role's. */
export interface AccessPrincipal {
  readonly arn: string;
  readonly accountId: string;
  readonly type: "Root" | "IAMUser" | "AssumedRole" | "AWSService";
  readonly roleArn?: string;
  /** `lambda.amazonaws.com`, for a service that acts for itself. */
  readonly service?: string;
}

export type AccessContext = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One action on one resource, with the condition keys that the service supplies for it. */
export interface AccessRequest {
  readonly principal: AccessPrincipal;
  /** `dynamodb:GetItem`; letter case does not matter. */
  readonly action: string;
  readonly resource: string;
  /** Who owns the resource, where its ARN does not say: an S3 ARN names no account. Absent: the caller's own account. */
  readonly resourceAccountId?: string;
  readonly context: AccessContext;
}

/**
 * The context with lower-case names and text values. Names that differ only in case share one entry with all the
 * values, so that a single-valued condition on such a key never holds for an Allow.
 */
export function normalizeContext(context: AccessContext): RequestContext {
  const normal = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(context)) {
    const values = typeof value === "object" ? value : [String(value)];
    if (values.length === 0) continue;
    const key = name.toLowerCase();
    const known = normal.get(key);
    normal.set(key, known === undefined ? values : [...known, ...values]);
  }
  return normal;
}

const ROLE_SESSION = /^arn:([^:]*):sts::([^:]*):assumed-role\/([^/]+)\//;

/** The role behind a session: `roleArn` where given, else read from the session's ARN. Undefined for other principals. */
export function roleOf(principal: AccessPrincipal): string | undefined {
  if (principal.roleArn !== undefined) return principal.roleArn;
  const session = ROLE_SESSION.exec(principal.arn);
  return session === null ? undefined : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

/**
 * The global condition keys that follow from the principal alone.
 * Source: IAM User Guide, "AWS global condition context keys", properties of the principal.
 */
export function principalContext(
  principal: AccessPrincipal,
  sessionTags: Readonly<Record<string, string>> = {},
): AccessContext {
  const tags = Object.fromEntries(
    Object.entries(sessionTags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]),
  );
  if (principal.type === "AWSService") {
    const service: AccessContext =
      principal.service === undefined ? {} : { "aws:PrincipalServiceName": principal.service };
    return { "aws:PrincipalIsAWSService": "true", ...service };
  }
  return {
    "aws:PrincipalArn": roleOf(principal) ?? principal.arn,
    "aws:PrincipalAccount": principal.accountId,
    "aws:PrincipalType": principal.type === "Root" ? "Account" : principal.type === "IAMUser" ? "User" : "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    ...tags,
  };
}
