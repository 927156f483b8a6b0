import { timingSafeEqual } from "node:crypto";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { evaluateTrust, type AccessPrincipal, type PolicySet } from "../../../core/iam/index.ts";
import { ServiceError, type Caller, type ServiceDeps } from "../service.ts";
import type { AccessKey, SessionCredentials } from "./credentials.ts";
import { createRoleStore, type Role, type RoleStore } from "./roles.ts";
import { createSessionStore, hashToken, type SessionFacts, type StoredSession } from "./sessions.ts";
import { createUserStore, type UserStore } from "./users.ts";

export type { AccessKey, SessionCredentials } from "./credentials.ts";
export type { Role, RoleInput } from "./roles.ts";
export { parsePolicy, POLICY_LIMITS } from "./documents.ts";

/** Whoever holds an access key, with all that the front door needs to judge a call. */
export interface Identity {
  readonly caller: Caller;
  readonly principal: AccessPrincipal;
  readonly secretAccessKey: string;
  /** `aws:userid`, CloudTrail's principalId. */
  readonly principalId: string;
  readonly userName?: string;
  /** `aws:PrincipalTag/*`: the tags of the role or user, overlaid by session tags without regard to letter case. */
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: Pick<PolicySet, "identity" | "session" | "boundary">;
  readonly session?: SessionFacts & { readonly role: Role };
  /** Whether the token that came with a request is the session's; for a long-lived key, whether there was none. */
  acceptsToken(sessionToken: string | undefined): boolean;
}

/** A role session that a service opened for itself, for the trail. */
export interface ServiceSessionEvent {
  readonly role: Role;
  readonly servicePrincipal: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly accessKeyId: string | undefined;
  readonly isDenied: boolean;
}

/** The account: its roles, users, keys and sessions. */
export interface Iam {
  readonly roles: RoleStore;
  readonly users: UserStore;
  readonly rootCredentials: AccessKey;
  /** Who signs with this key: undefined for a key that never was, was deleted, or whose role is gone. */
  identify(accessKeyId: string): Identity | undefined;
  openSession(facts: SessionFacts): SessionCredentials;
  /**
   * A session of `roleArn` for a service such as `lambda.amazonaws.com`, if the trust policy names it. Lasts an hour
   * unless `durationSeconds` (900 to the role's maximum) is given. Throws ServiceError AccessDenied.
   */
  issueServiceSession(
    roleArn: string,
    servicePrincipal: string,
    sessionName: string,
    options?: { readonly sourceArn?: string; readonly durationSeconds?: number },
  ): SessionCredentials;
}

/** Creates the account's IAM on its own database. `onServiceSession` hears of every session that a service asked for. */
export function createIam(
  deps: ServiceDeps,
  onServiceSession: (event: ServiceSessionEvent) => void = () => undefined,
): Iam {
  const database = deps.openDatabase("iam");
  database.exec("PRAGMA synchronous=NORMAL");
  const identities = new Map<string, Identity>();
  const forget = (): void => identities.clear();
  const roles = createRoleStore(database, deps.accountId, forget);
  const users = createUserStore(database, deps, forget);
  const sessions = createSessionStore(database, deps);

  const find = (accessKeyId: string): Identity | undefined => {
    const session = sessions.get(accessKeyId);
    if (session !== undefined) {
      const role = roles.get(session.roleName);
      return role?.roleId === session.roleId ? sessionIdentity(session, role) : undefined;
    }
    const key = users.key(accessKeyId);
    if (key === undefined) return undefined;
    if (key.userName === undefined) return rootIdentity(deps.accountId, key);
    const user = users.get(key.userName);
    return user && userIdentity(deps.accountId, key, user);
  };

  return {
    roles,
    users,
    rootCredentials: users.rootKey,
    identify(accessKeyId) {
      const known = identities.get(accessKeyId) ?? find(accessKeyId);
      if (known === undefined) return undefined;
      if (identities.size >= 10_000) identities.clear();
      identities.set(accessKeyId, known);
      return known;
    },
    openSession: (facts) => sessions.open(facts),
    issueServiceSession(roleArn, servicePrincipal, sessionName, options = {}) {
      const role = roles.get(roleArn);
      if (role === undefined || role.arn !== roleArn) throw notAuthorized(servicePrincipal, roleArn);
      const durationSeconds = options.durationSeconds ?? 3600;
      const decision = evaluateTrust(
        {
          principal: {
            arn: servicePrincipal,
            accountId: role.accountId,
            type: "AWSService",
            service: servicePrincipal,
          },
          action: "sts:AssumeRole",
          resource: roleArn,
          context: {
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": servicePrincipal,
            "aws:SourceAccount": role.accountId,
            "sts:RoleSessionName": sessionName,
            ...(options.sourceArn === undefined ? {} : { "aws:SourceArn": options.sourceArn }),
            "aws:SecureTransport": "true",
            "aws:CurrentTime": new Date(deps.clock.now()).toISOString(),
            "aws:EpochTime": Math.floor(deps.clock.now() / 1000),
          },
        },
        role.trust,
        { identity: [] },
      );
      const event = { role, servicePrincipal, sessionName, durationSeconds };
      const isWithin = durationSeconds >= 900 && durationSeconds <= role.maxSessionSeconds;
      if (!decision.allowed || !isWithin) {
        onServiceSession({ ...event, accessKeyId: undefined, isDenied: true });
        throw notAuthorized(servicePrincipal, roleArn);
      }
      const nowMs = deps.clock.now();
      const credentials = sessions.open({
        roleName: role.name,
        roleId: role.roleId,
        sessionName,
        tags: {},
        transitiveTagKeys: [],
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + durationSeconds * 1000,
      });
      onServiceSession({ ...event, accessKeyId: credentials.accessKeyId, isDenied: false });
      return credentials;
    },
  };
}

const notAuthorized = (who: string, roleArn: string): ServiceError =>
  new ServiceError(
    "AccessDenied",
    `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    403,
  );

const EVERYTHING: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

const withoutToken = (sessionToken: string | undefined): boolean => sessionToken === undefined;

function rootIdentity(accountId: string, key: AccessKey): Identity {
  const arn = `arn:aws:iam::${accountId}:root`;
  return {
    caller: { arn, accountId, type: "Root", accessKeyId: key.accessKeyId, sessionTags: {} },
    principal: { arn, accountId, type: "Root" },
    secretAccessKey: key.secretAccessKey,
    principalId: accountId,
    tags: {},
    policies: { identity: [EVERYTHING] },
    acceptsToken: withoutToken,
  };
}

function userIdentity(accountId: string, key: AccessKey, user: NonNullable<ReturnType<UserStore["get"]>>): Identity {
  return {
    caller: { arn: user.arn, accountId, type: "IAMUser", accessKeyId: key.accessKeyId, sessionTags: {} },
    principal: { arn: user.arn, accountId, type: "IAMUser" },
    secretAccessKey: key.secretAccessKey,
    principalId: user.userId,
    userName: user.name,
    tags: user.tags,
    policies: {
      identity: Object.values(user.policies),
      ...(user.boundary === undefined ? {} : { boundary: user.boundary }),
    },
    acceptsToken: withoutToken,
  };
}

function sessionIdentity(session: StoredSession, role: Role): Identity {
  const { accountId } = role;
  const arn = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${session.sessionName}`;
  return {
    caller: {
      arn,
      accountId,
      type: "AssumedRole",
      accessKeyId: session.accessKeyId,
      roleArn: role.arn,
      sessionName: session.sessionName,
      ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
      sessionTags: session.tags,
    },
    principal: { arn, accountId, type: "AssumedRole", roleArn: role.arn },
    secretAccessKey: session.secretAccessKey,
    principalId: `${role.roleId}:${session.sessionName}`,
    tags: overlay(role.tags, session.tags),
    policies: {
      identity: Object.values(role.policies),
      ...(session.policy === undefined ? {} : { session: [session.policy] }),
      ...(role.boundary === undefined ? {} : { boundary: role.boundary }),
    },
    session: { ...session, role },
    acceptsToken: (token) => token !== undefined && timingSafeEqual(hashToken(token), session.tokenHash),
  };
}

/** A session tag replaces a role's tag of the same name in any letter case. Source: IAM User Guide, "Pass session tags in AWS STS". */
function overlay(
  roleTags: Readonly<Record<string, string>>,
  sessionTags: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const replaced = new Set(Object.keys(sessionTags).map((key) => key.toLowerCase()));
  const kept = Object.entries(roleTags).filter(([key]) => !replaced.has(key.toLowerCase()));
  return { ...Object.fromEntries(kept), ...sessionTags };
}
