import { createHash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Clock } from "../kernel/clock.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import { kindOf } from "../tenant/apps.ts";
import { findClient } from "../tenant/find-client.ts";
import type { ClientRow } from "../tenant/rows.ts";
import { isLoopback } from "../contract/admin-apps.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** RFC 7591 2: a registered app as the authorization server knows clients. */
function metadataOf(client: ClientRow): AdapterPayload {
  const kind = kindOf(client);
  const named = { client_id: client.clientId, client_name: client.name };
  const keyed = {
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    jwks: JSON.parse(client.jwks) as { keys: Record<string, unknown>[] },
  };
  if (kind === "backend")
    return {
      ...named,
      ...keyed,
      grant_types: ["client_credentials"],
      response_types: [],
      redirect_uris: [],
    } as AdapterPayload;
  const { redirectUris = [] } = client;
  return {
    ...named,
    ...(kind === "public" ? { token_endpoint_auth_method: "none" } : keyed),
    // RFC 8252 8.4: on this machine any port of the loopback address, on a server the address as it was registered.
    application_type: redirectUris.every(isLoopback) ? "native" : "web",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: redirectUris,
    id_token_signed_response_alg: "ES256",
  } as AdapterPayload;
}

/** A hint at who may sign in is a login: nothing here reads it, and it is not kept. */
function withoutHint(payload: AdapterPayload): AdapterPayload {
  const { login_hint: _login, ...params } = (payload.params ?? {}) as Readonly<Record<string, unknown>>;
  return payload.params === undefined ? payload : { ...payload, params };
}

/**
 * Keeps what the authorization server must remember as registry rows. An artifact's id is a credential
 * (a code, a session cookie), so that only its hash is a key, and it is left out of what is stored.
 */
export function createOidcAdapter(store: RegistryStore, clock: Clock): new (model: string) => Adapter {
  return class RegistryAdapter implements Adapter {
    readonly #model: string;

    constructor(model: string) {
      this.#model = model;
    }

    #key(id: string) {
      return { pk: `OIDC#${this.#model}#${digest(id)}`, sk: "OIDC" };
    }

    async #read(row: RegistryRow | undefined): Promise<AdapterPayload | undefined> {
      if (row === undefined || typeof row["payload"] !== "string") return undefined;
      if (typeof row.ttl === "number" && row.ttl * 1000 <= clock.now()) return undefined;
      return Promise.resolve(JSON.parse(row["payload"]) as AdapterPayload);
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      const groups = payload.grantId === undefined ? payload.uid : payload.grantId;
      await store.write([
        {
          kind: "put",
          row: {
            ...this.#key(id),
            rev: 1,
            payload: JSON.stringify(withoutHint(payload)),
            ...(groups === undefined ? {} : { gpk: `OIDCGROUP#${this.#model}#${digest(groups)}`, gsk: digest(id) }),
            ttl: Math.ceil(clock.now() / 1000) + expiresIn,
          },
        },
      ]);
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      if (this.#model !== "Client") return this.#read(await store.get(this.#key(id)));
      const client = await findClient(store, id);
      return client?.status === "active" ? metadataOf(client) : undefined;
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      const [row] = await store.queryIndex(`OIDCGROUP#${this.#model}#${digest(uid)}`);
      return this.#read(row);
    }

    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined);
    }

    /** A code or refresh token is used once: the mark is conditional, and a lost race throws. */
    async consume(id: string): Promise<void> {
      const row = await store.get(this.#key(id));
      const payload = await this.#read(row);
      if (row === undefined || payload === undefined) throw new Error("the artifact is gone");
      const consumed = { ...payload, consumed: Math.floor(clock.now() / 1000) };
      const written = await store.write([
        { kind: "replace", row: { ...row, rev: row.rev + 1, payload: JSON.stringify(consumed) }, rev: row.rev },
      ]);
      if (!written.ok) throw new Error("the artifact was used at the same time");
    }

    async destroy(id: string): Promise<void> {
      await store.write([{ kind: "put", row: { ...this.#key(id), rev: 1, ttl: Math.floor(clock.now() / 1000) } }]);
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      const rows = await store.queryIndex(`OIDCGROUP#${this.#model}#${digest(grantId)}`);
      const ttl = Math.floor(clock.now() / 1000);
      for (const { pk, sk } of rows) await store.write([{ kind: "put", row: { pk, sk, rev: 1, ttl } }]);
    }
  };
}
