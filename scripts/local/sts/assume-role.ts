import { assumeRoleRequests } from "../../../core/iam/index.ts";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Iam, Identity, Role } from "../iam/index.ts";
import { ServiceError, type Call, type Check, type Prepared } from "../service.ts";
import { packedPolicyPercent, parseAssumeRole, type AssumeRoleInput } from "./assume-role-input.ts";
import { queryResponse, type Parameters } from "./query-protocol.ts";

const CHAINED_SECONDS = 3_600;
const DEFAULT_SECONDS = 3_600;

/** What the new session takes over from the session that asks for it. */
interface Inherited {
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
}

/**
 * AssumeRole: checks sts:AssumeRole and, where they apply, sts:TagSession and sts:SetSourceIdentity, each against the
 * caller's policies and the role's trust policy. A role that does not exist is refused in the same words.
 */
export function prepareAssumeRole(iam: Iam, caller: Identity, parameters: Parameters, call: Call): Prepared {
  if (caller.caller.type === "Root")
    throw new ServiceError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
  const input = parseAssumeRole(parameters);
  const inherited = inherit(caller, input);
  const tags = { ...inherited.tags, ...input.tags };
  const sourceIdentity = inherited.sourceIdentity ?? input.sourceIdentity;
  const transitiveTagKeys = [...inherited.transitiveTagKeys, ...input.transitiveTagKeys];
  const packedPercent = packedPolicyPercent(input.policyText, tags);
  const role = iam.roles.get(input.roleArn);

  const requests = assumeRoleRequests({
    principal: caller.principal,
    roleArn: input.roleArn,
    roleSessionName: input.roleSessionName,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(input.externalId === undefined ? {} : { externalId: input.externalId }),
    tags,
    transitiveTagKeys,
    context: {},
  });
  let issued: string | undefined;
  return {
    operation: "AssumeRole",
    checks: requests.map(({ action, resource, context }): Check => ({
      action,
      resource,
      context: { ...context, ...roleTagContext(role) },
      resourcePolicyMandatory: true,
      ...(role === undefined ? {} : { resourcePolicy: asResourcePolicy(role.trust) }),
    })),
    readOnly: true,
    managementEvent: true,
    requestParameters: describe(input),
    responseElements: () =>
      issued === undefined
        ? undefined
        : {
            credentials: { accessKeyId: issued },
            assumedRoleUser: { assumedRoleId: `${role?.roleId}:${input.roleSessionName}` },
            packedPolicySize: packedPercent,
            ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
          },
    run() {
      // Without a role no trust policy could have allowed the call.
      if (role === undefined) throw new ServiceError("AccessDenied", "Access denied", 403);
      const durationSeconds = chooseDuration(input, caller, role);
      if (packedPercent > 100) {
        throw new ServiceError(
          "PackedPolicyTooLarge",
          `Packed policy consumes ${packedPercent}% of allotted space, please use smaller policy.`,
          400,
        );
      }
      const credentials = iam.openSession({
        roleName: role.name,
        roleId: role.roleId,
        sessionName: input.roleSessionName,
        ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
        tags,
        transitiveTagKeys,
        ...(input.policy === undefined ? {} : { policy: input.policy }),
        issuedAtMs: call.nowMs,
        expiresAtMs: call.nowMs + durationSeconds * 1000,
      });
      issued = credentials.accessKeyId;
      return queryResponse(
        "AssumeRole",
        {
          AssumedRoleUser: {
            AssumedRoleId: `${role.roleId}:${input.roleSessionName}`,
            Arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${input.roleSessionName}`,
          },
          Credentials: {
            AccessKeyId: credentials.accessKeyId,
            SecretAccessKey: credentials.secretAccessKey,
            SessionToken: credentials.sessionToken,
            Expiration: credentials.expiration.toISOString(),
          },
          ...(packedPercent === 0 ? {} : { PackedPolicySize: packedPercent }),
          ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
        },
        call.requestId,
      );
    },
  };
}

/** Transitive tags and the source identity follow the chain and cannot be replaced on the way. Source: IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles". */
function inherit(caller: Identity, input: AssumeRoleInput): Inherited {
  const { session } = caller;
  if (session === undefined) return { tags: {}, transitiveTagKeys: [], sourceIdentity: undefined };
  const transitive = new Set(session.transitiveTagKeys.map((key) => key.toLowerCase()));
  if (Object.keys(input.tags).some((key) => transitive.has(key.toLowerCase()))) {
    throw new ServiceError(
      "InvalidParameterValue",
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      400,
    );
  }
  if (
    session.sourceIdentity !== undefined &&
    input.sourceIdentity !== undefined &&
    input.sourceIdentity !== session.sourceIdentity
  ) {
    throw new ServiceError("AccessDenied", "The source identity of a session cannot be changed.", 403);
  }
  return {
    tags: Object.fromEntries(Object.entries(session.tags).filter(([key]) => transitive.has(key.toLowerCase()))),
    transitiveTagKeys: session.transitiveTagKeys,
    sourceIdentity: session.sourceIdentity,
  };
}

function chooseDuration(input: AssumeRoleInput, caller: Identity, role: Role): number {
  const seconds = input.durationSeconds ?? DEFAULT_SECONDS;
  if (caller.session !== undefined && seconds > CHAINED_SECONDS) {
    throw new ServiceError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
      400,
    );
  }
  if (seconds > role.maxSessionSeconds) {
    throw new ServiceError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      400,
    );
  }
  return seconds;
}

const roleTagContext = (role: Role | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(role?.tags ?? {}).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );

const asResource = new WeakMap<PolicyDocument, PolicyDocument>();

/** A trust policy names no resource because it can only mean its role. */
function asResourcePolicy(trust: PolicyDocument): PolicyDocument {
  const known = asResource.get(trust);
  if (known !== undefined) return known;
  const document: PolicyDocument = {
    Version: trust.Version,
    Statement: trust.Statement.map((statement) => ({ ...statement, Resource: "*" })),
  };
  asResource.set(trust, document);
  return document;
}

function describe(input: AssumeRoleInput): Readonly<Record<string, unknown>> {
  const tags = Object.entries(input.tags).map(([key, value]) => ({ key, value }));
  return {
    roleArn: input.roleArn,
    roleSessionName: input.roleSessionName,
    ...(input.durationSeconds === undefined ? {} : { durationSeconds: input.durationSeconds }),
    ...(input.policyText === undefined ? {} : { policy: input.policyText }),
    ...(input.sourceIdentity === undefined ? {} : { sourceIdentity: input.sourceIdentity }),
    ...(input.externalId === undefined ? {} : { externalId: input.externalId }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(input.transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys: input.transitiveTagKeys }),
  };
}
