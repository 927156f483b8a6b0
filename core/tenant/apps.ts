import {
  type AppRule,
  type AppScope,
  type ChangeApp,
  isLoopback,
  type RegisterApp,
  SCOPES_OF_KIND,
} from "../contract/admin-apps.ts";
import { MAX_KEYS, type PublicJwk } from "../contract/platform.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { clientRow, membershipRow } from "./member-rows.ts";
import type { RegistryChange, RegistryRow, RegistryStore } from "./registry-store.ts";
import { ClientRow, MembershipRow, parseRow, peoplePartition } from "./rows.ts";

/** A registered app with what it is in the clinic: nothing of its own where people sign in with it. */
export interface App {
  readonly client: ClientRow;
  readonly roles: readonly string[];
}

export type AppFailure =
  | { readonly kind: "not-found" }
  | { readonly kind: "version-conflict" }
  | { readonly kind: "business-rule"; readonly rule: AppRule };

export const kindOf = ({ kind = "backend" }: Pick<ClientRow, "kind">) => kind;
export const scopesOf = (client: Pick<ClientRow, "kind" | "scopes">): readonly AppScope[] =>
  client.scopes ?? SCOPES_OF_KIND[kindOf(client)];

export const keysOf = ({ jwks }: Pick<ClientRow, "jwks">): readonly PublicJwk[] =>
  (JSON.parse(jwks) as { readonly keys: readonly PublicJwk[] }).keys;

type Changed = Result<ClientRow, { readonly rule: AppRule }>;
const refuse = (rule: AppRule): Changed => err({ rule });
const withKeys = (client: ClientRow, keys: readonly PublicJwk[]): Changed =>
  ok({ ...client, jwks: JSON.stringify({ keys }) });

/** What each act makes of an app, or the rule that it breaks. */
export const appEdits = {
  change:
    ({ name, scopes, purposes, redirectUris }: ChangeApp) =>
    (client: ClientRow): Changed => {
      const kind = kindOf(client);
      if (scopes.some((scope) => !SCOPES_OF_KIND[kind].includes(scope))) return refuse("scope-of-kind");
      const isBackend = kind === "backend";
      const isMixed = new Set(redirectUris.map(isLoopback)).size > 1;
      if (isBackend !== (redirectUris.length === 0) || isMixed) return refuse("redirect-of-kind");
      return ok({ ...client, name, scopes, purposes, ...(isBackend ? {} : { redirectUris }) });
    },
  suspend: (client: ClientRow): Changed => ok({ ...client, status: "disabled" }),
  resume: (client: ClientRow): Changed => ok({ ...client, status: "active" }),
  addKey:
    (key: PublicJwk) =>
    (client: ClientRow): Changed => {
      const keys = keysOf(client);
      if (kindOf(client) === "public") return refuse("key-none");
      if (keys.some(({ kid, x, y }) => kid === key.kid || (x === key.x && y === key.y))) return refuse("key-known");
      return keys.length >= MAX_KEYS ? refuse("key-count") : withKeys(client, [...keys, key]);
    },
  /** The last key goes by suspending the app: one without a key would look alive and be dead. */
  revokeKey:
    (kid: string) =>
    (client: ClientRow): Changed => {
      const keys = keysOf(client);
      const kept = keys.filter((key) => key.kid !== kid);
      if (kept.length === keys.length) return refuse("key-unknown");
      return kept.length === 0 ? refuse("key-last") : withKeys(client, kept);
    },
} as const;

/** A clinic's apps. @param store Reaches this clinic's partitions and no other's, as for its people. */
export function createApps(store: RegistryStore, clock: Clock, tenantId: TenantId) {
  async function list(): Promise<readonly App[]> {
    const rows = await store.query(peoplePartition(tenantId));
    const roles = new Map(
      rows
        .filter(({ sk }) => sk.startsWith("M#"))
        .map((row) => parseRow(MembershipRow, row))
        .map((member) => [member.userId, member.roles]),
    );
    return rows
      .filter(({ sk }) => sk.startsWith("C#"))
      .map((row) => parseRow(ClientRow, row))
      .map((client) => ({ client, roles: roles.get(client.clientId) ?? [] }));
  }

  const find = async (clientId: string): Promise<App | undefined> =>
    (await list()).find(({ client }) => client.clientId === clientId);

  return {
    list,
    find,

    async register(clientId: string, asked: RegisterApp): Promise<Result<App, { readonly kind: "conflict" }>> {
      const { name, kind, role, scopes, purposes, redirectUris, keys } = asked;
      const roles = role === undefined ? [] : [role];
      const [only] = purposes.length === 1 ? purposes : [];
      const client = clientRow(
        { clientId, tenantId, name, keys, registeredAtMs: clock.now() },
        { kind, scopes, purposes, ...(kind === "backend" ? { purpose: only } : { redirectUris }) },
      );
      const rows = [client, ...(role === undefined ? [] : [membershipRow(clientId, tenantId, roles)])];
      const written = await store.write(rows.map((row): RegistryChange => ({ kind: "create", row })));
      return written.ok ? ok({ client: parseRow(ClientRow, client), roles }) : err({ kind: "conflict" });
    },

    /** Changes an app as it was seen. */
    async change(
      clientId: string,
      seenRev: number,
      edit: (client: ClientRow) => Changed,
    ): Promise<Result<{ readonly before: App; readonly after: App }, AppFailure>> {
      const before = await find(clientId);
      if (before === undefined) return err({ kind: "not-found" });
      if (before.client.rev !== seenRev) return err({ kind: "version-conflict" });
      const changed = edit(before.client);
      if (!changed.ok) return err({ kind: "business-rule", rule: changed.error.rule });
      const client = { ...changed.value, rev: seenRev + 1 };
      const written = await store.write([{ kind: "replace", row: client as RegistryRow, rev: seenRev }]);
      return written.ok ? ok({ before, after: { ...before, client } }) : err({ kind: "version-conflict" });
    },
  };
}

export type Apps = ReturnType<typeof createApps>;
