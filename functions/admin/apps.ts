import { createHash } from "node:crypto";
import type { AddKey, AppView, ChangeApp, PublicJwk, RegisterApp } from "../../core/contract/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { isId, newId } from "../../core/kernel/ids.ts";
import { type App, appEdits, type AppFailure, keysOf, kindOf, scopesOf } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { act, look, once, openOffice } from "./context.ts";

/** RFC 7638 3: names a key by what it is, so that two people can compare it. */
const thumbprintOf = ({ crv, kty, x, y }: PublicJwk): string =>
  createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");

const viewOf = ({ client, roles }: App): AppView => ({
  id: client.clientId,
  name: client.name,
  kind: kindOf(client),
  roles,
  scopes: scopesOf(client),
  purposes: client.purposes ?? (client.purpose === undefined ? [] : [client.purpose]),
  redirectUris: client.redirectUris ?? [],
  keys: keysOf(client).map((key) => ({ kid: key.kid, thumbprint: thumbprintOf(key) })),
  state: client.status === "active" ? "active" : "suspended",
  version: client.rev,
  ...(client.registeredAtMs === undefined ? {} : { registeredAt: toInstant(client.registeredAtMs) }),
});

const answerOf = (app: App, status = 200): Answer =>
  json(status, viewOf(app), { etag: `W/"${String(app.client.rev)}"` });

const named = (id: string) => (isId(id) ? [{ type: "Client", id }] : []);

async function listApps(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  return look(office, { entities: [{ type: "Client" }] }, async () => {
    const apps = (await office.apps.list()).map(viewOf);
    return json(200, { apps: apps.toSorted((left, right) => left.name.localeCompare(right.name)) });
  });
}

async function readApp(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const id = exchange.path["id"] ?? "";
  return look(office, { entities: named(id) }, async () => {
    const app = await office.apps.find(id);
    return app === undefined ? fail({ kind: "not-found" }) : answerOf(app);
  });
}

async function registerApp(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const asked = exchange.body as RegisterApp;
  return once(office, async () => {
    const id = newId(systemClock.now());
    const { kind, role, scopes, purposes } = asked;
    const told = { kind, scopes, purposes, ...(role === undefined ? {} : { roles: [role] }) };
    return act(office, { entities: [{ type: "Client", id }], detail: told }, async () => {
      const made = await office.apps.register(id, asked);
      return made.ok ? answerOf(made.value, 201) : fail({ kind: "conflict" });
    });
  });
}

function failApp(failure: AppFailure): never {
  return fail(
    failure.kind === "business-rule" ? { kind: "business-rule", rule: failure.rule } : { kind: failure.kind },
  );
}

type Edit = (typeof appEdits)["suspend"];

async function change(
  exchange: Exchange,
  edit: Edit,
  told: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<Answer> {
  const office = await openOffice(exchange);
  const id = exchange.path["id"] ?? "";
  const seen = ifMatchOf(exchange);
  const app = await office.apps.find(id);
  if (app === undefined) return fail({ kind: "not-found" });
  return act(office, { entities: named(id), detail: told }, async () => {
    const done = await office.apps.change(id, seen, edit);
    return done.ok ? answerOf(done.value.after) : failApp(done.error);
  });
}

export const appsHandlers = {
  listApps,
  readApp,
  registerApp,
  changeApp: (exchange) => {
    const asked = exchange.body as ChangeApp;
    return change(exchange, appEdits.change(asked), { scopes: asked.scopes, purposes: asked.purposes });
  },
  suspendApp: (exchange) => change(exchange, appEdits.suspend),
  resumeApp: (exchange) => change(exchange, appEdits.resume),
  addAppKey: (exchange) => {
    const { key } = exchange.body as AddKey;
    return change(exchange, appEdits.addKey(key), { key: thumbprintOf(key) });
  },
  revokeAppKey: (exchange) => {
    const kid = exchange.path["kid"] ?? "";
    return change(exchange, appEdits.revokeKey(kid), { kid });
  },
} as const satisfies Record<string, Handle>;
