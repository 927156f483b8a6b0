import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { ServiceError } from "../service.ts";
import { uniqueId } from "./credentials.ts";
import { checkPolicy, POLICY_LIMITS, sizeOf } from "./documents.ts";

export interface Role {
  readonly arn: string;
  /** The account that it stands in: the cloud's own, or one more that the plan names. */
  readonly accountId: string;
  readonly name: string;
  /** AROA...: a role that is deleted and made again under its name is another role. */
  readonly roleId: string;
  readonly trust: PolicyDocument;
  /** Inline policies by name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument;
  readonly maxSessionSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RoleInput {
  /** 1 to 64 of letters, digits and `+=,.@_-`. */
  readonly name: string;
  /** `/` or `/some/path/`; part of the ARN, not of session ARNs. */
  readonly path?: string;
  /** The cloud's own when left out. */
  readonly accountId?: string;
  readonly trust: PolicyDocument;
  readonly policies?: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument;
  /** 3,600 to 43,200; 3,600 when left out. */
  readonly maxSessionSeconds?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RoleStore {
  /** Creates the role or replaces all of it but its id. Throws ServiceError as IAM would. */
  put(input: RoleInput): Role;
  putPolicy(roleName: string, policyName: string, document: PolicyDocument): void;
  deletePolicy(roleName: string, policyName: string): void;
  delete(roleName: string): void;
  /** By name or ARN. */
  get(nameOrArn: string): Role | undefined;
  list(): readonly Role[];
}

const NAME = /^[\w+=,.@-]{1,64}$/;
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;
const PATH = /^\/([\w+=,.@/-]+\/)?$/;

/** Roles, kept whole in memory and written through to `database`. */
export function createRoleStore(database: DatabaseSync, accountId: string, onChange: () => void): RoleStore {
  database.exec("CREATE TABLE IF NOT EXISTS roles (name TEXT PRIMARY KEY, role TEXT NOT NULL) WITHOUT ROWID");
  const roles = new Map<string, Role>();
  for (const row of database.prepare("SELECT role FROM roles").all()) {
    const stored = JSON.parse(String(row["role"])) as Omit<Role, "accountId"> & Partial<Role>;
    const role: Role = { accountId, ...stored };
    roles.set(role.name, role);
  }
  const upsert = database.prepare("INSERT OR REPLACE INTO roles (name, role) VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM roles WHERE name = ?");

  const save = (role: Role): Role => {
    const size = Object.values(role.policies).reduce((total, document) => total + sizeOf(document), 0);
    if (size > POLICY_LIMITS.rolePolicies) {
      throw new ServiceError(
        "LimitExceeded",
        `Maximum policy size of ${POLICY_LIMITS.rolePolicies} bytes exceeded for role`,
        409,
      );
    }
    upsert.run(role.name, JSON.stringify(role));
    roles.set(role.name, role);
    onChange();
    return role;
  };

  const known = (name: string): Role => {
    const role = roles.get(name);
    if (role === undefined) throw new ServiceError("NoSuchEntity", "The role cannot be found.", 404);
    return role;
  };

  return {
    put(input) {
      const { name, path = "/", maxSessionSeconds = 3600, tags = {} } = input;
      if (!NAME.test(name)) throw invalid("roleName");
      if (!PATH.test(path)) throw invalid("path");
      if (!(maxSessionSeconds >= 3600 && maxSessionSeconds <= 43_200)) throw invalid("maxSessionDuration");
      const account = input.accountId ?? accountId;
      // Names are one space here, where AWS has one to an account.
      const other = roles.get(name);
      if (other !== undefined && other.accountId !== account)
        throw new ServiceError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);
      const trust = checkPolicy(input.trust, "trust");
      if (sizeOf(trust) > POLICY_LIMITS.trustPolicy) {
        throw new ServiceError(
          "LimitExceeded",
          `Cannot exceed quota for ACLSizePerRole: ${POLICY_LIMITS.trustPolicy}`,
          409,
        );
      }
      const policies = Object.entries(input.policies ?? {}).map(([policyName, document]) => {
        if (!POLICY_NAME.test(policyName)) throw invalid("policyName");
        return [policyName, checkPolicy(document, "identity")] as const;
      });
      return save({
        arn: `arn:aws:iam::${account}:role${path}${name}`,
        accountId: account,
        name,
        roleId: other?.roleId ?? uniqueId("AROA"),
        trust,
        policies: Object.fromEntries(policies),
        ...(input.boundary === undefined ? {} : { boundary: checkPolicy(input.boundary, "identity") }),
        maxSessionSeconds,
        tags,
      });
    },
    putPolicy(roleName, policyName, document) {
      const role = known(roleName);
      if (!POLICY_NAME.test(policyName)) throw invalid("policyName");
      save({ ...role, policies: { ...role.policies, [policyName]: checkPolicy(document, "identity") } });
    },
    deletePolicy(roleName, policyName) {
      const role = known(roleName);
      if (!Object.hasOwn(role.policies, policyName))
        throw new ServiceError("NoSuchEntity", "The role policy cannot be found.", 404);
      save({
        ...role,
        policies: Object.fromEntries(Object.entries(role.policies).filter(([name]) => name !== policyName)),
      });
    },
    delete(roleName) {
      known(roleName);
      remove.run(roleName);
      roles.delete(roleName);
      onChange();
    },
    get(nameOrArn) {
      const role = roles.get(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1));
      return role !== undefined && (role.name === nameOrArn || role.arn === nameOrArn) ? role : undefined;
    },
    list: () => [...roles.values()],
  };
}

const invalid = (member: string): ServiceError =>
  new ServiceError("ValidationError", `The value for ${member} is invalid.`, 400);
