import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { ServiceError, type ServiceDeps } from "../service.ts";
import { newSecret, uniqueId, type AccessKey } from "./credentials.ts";
import { checkPolicy } from "./documents.ts";

/** A person or machine with long-lived keys: tests and operators only, the product itself has none. */
export interface User {
  readonly arn: string;
  readonly name: string;
  /** AIDA... */
  readonly userId: string;
  readonly policies: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument;
  readonly tags: Readonly<Record<string, string>>;
}

export interface UserInput {
  readonly name: string;
  readonly policies?: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StoredKey extends AccessKey {
  /** Undefined: the account's root user. */
  readonly userName: string | undefined;
}

export interface UserStore {
  /** Creates the user or replaces all of it but its id and keys. Throws ServiceError as IAM would. */
  put(input: UserInput): User;
  get(name: string): User | undefined;
  delete(name: string): void;
  createAccessKey(userName: string): AccessKey;
  deleteAccessKey(accessKeyId: string): void;
  key(accessKeyId: string): StoredKey | undefined;
  /** Made once for a data folder, the same after a restart. */
  readonly rootKey: AccessKey;
}

/** Users and long-lived keys; secrets are wrapped before they reach the disk. */
export function createUserStore(
  database: DatabaseSync,
  deps: Pick<ServiceDeps, "accountId" | "wrapSecret" | "unwrapSecret">,
  onChange: () => void,
): UserStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, user TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS access_keys (id TEXT PRIMARY KEY, user_name TEXT, secret BLOB NOT NULL) WITHOUT ROWID;
  `);
  const users = new Map<string, User>();
  for (const row of database.prepare("SELECT user FROM users").all()) {
    const user = JSON.parse(String(row["user"])) as User;
    users.set(user.name, user);
  }
  const keys = new Map<string, StoredKey>();
  for (const row of database.prepare("SELECT id, user_name, secret FROM access_keys").all()) {
    const secret = deps.unwrapSecret(Buffer.from(row["secret"] as Uint8Array)).toString();
    const userName = row["user_name"] === null ? undefined : String(row["user_name"]);
    keys.set(String(row["id"]), { accessKeyId: String(row["id"]), secretAccessKey: secret, userName });
  }
  const insertKey = database.prepare("INSERT INTO access_keys (id, user_name, secret) VALUES (?, ?, ?)");

  const addKey = (userName: string | undefined): AccessKey => {
    const key = { accessKeyId: uniqueId("AKIA"), secretAccessKey: newSecret() };
    insertKey.run(key.accessKeyId, userName ?? null, deps.wrapSecret(Buffer.from(key.secretAccessKey)));
    keys.set(key.accessKeyId, { ...key, userName });
    return key;
  };
  const rootKey = [...keys.values()].find((key) => key.userName === undefined) ?? addKey(undefined);

  const dropKey = (accessKeyId: string): void => {
    database.prepare("DELETE FROM access_keys WHERE id = ?").run(accessKeyId);
    keys.delete(accessKeyId);
    onChange();
  };

  return {
    put(input) {
      if (!/^[\w+=,.@-]{1,64}$/.test(input.name))
        throw new ServiceError("ValidationError", "The value for userName is invalid.", 400);
      const policies = Object.entries(input.policies ?? {}).map(
        ([name, document]) => [name, checkPolicy(document, "identity")] as const,
      );
      const user: User = {
        arn: `arn:aws:iam::${deps.accountId}:user/${input.name}`,
        name: input.name,
        userId: users.get(input.name)?.userId ?? uniqueId("AIDA"),
        policies: Object.fromEntries(policies),
        ...(input.boundary === undefined ? {} : { boundary: checkPolicy(input.boundary, "identity") }),
        tags: input.tags ?? {},
      };
      database.prepare("INSERT OR REPLACE INTO users (name, user) VALUES (?, ?)").run(user.name, JSON.stringify(user));
      users.set(user.name, user);
      onChange();
      return user;
    },
    get: (name) => users.get(name),
    delete(name) {
      if (!users.has(name)) throw noSuchUser();
      for (const key of keys.values()) if (key.userName === name) dropKey(key.accessKeyId);
      database.prepare("DELETE FROM users WHERE name = ?").run(name);
      users.delete(name);
      onChange();
    },
    createAccessKey(userName) {
      if (!users.has(userName)) throw noSuchUser();
      return addKey(userName);
    },
    deleteAccessKey(accessKeyId) {
      if (keys.get(accessKeyId)?.userName === undefined)
        throw new ServiceError("NoSuchEntity", "The access key cannot be found.", 404);
      dropKey(accessKeyId);
    },
    key: (accessKeyId) => keys.get(accessKeyId),
    rootKey: { accessKeyId: rootKey.accessKeyId, secretAccessKey: rootKey.secretAccessKey },
  };
}

const noSuchUser = (): ServiceError => new ServiceError("NoSuchEntity", "The user cannot be found.", 404);
