import type { AddPasskey, PasskeyView, RenamePasskey } from "../../core/contract/index.ts";
import type { Passkey } from "../../core/identity/passkeys.ts";
import { tellFactors } from "../../core/identity/told-factors.ts";
import { activeClinics, readAccount } from "../../core/identity/sign-in.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { notAsked } from "../../core/policy/grant.ts";
import { json, type Exchange, type Handle, type Identity, identityOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { actorOf, type Interaction, type Operation, type Telling } from "../runtime/operation-audit.ts";
import { trailsOf } from "./begin-session.ts";
import { audit, digestOf, isProven, passkeys, registry, sessions, wordsOf } from "./context.ts";
import { nameIn } from "./view.ts";

const viewOf = ({ id, name, row }: Passkey): PasskeyView => ({
  id,
  name,
  createdAt: toInstant(row.createdAtMs),
  ...(row.lastUsedAtMs === undefined ? {} : { lastUsedAt: toInstant(row.lastUsedAtMs) }),
  isSynced: row.backedUp,
});

const operationOf = ({ principal }: Identity, interaction: Interaction, rule: string, id?: string): Operation => ({
  interaction,
  actor: actorOf(principal),
  decision: notAsked(interaction, [rule]),
  entities: id === undefined ? [] : [{ type: "Passkey", id }],
});

/** A passkey opens every clinic that the user belongs to: each hears of a new one, and of one that is gone. */
async function tellingsOf(identity: Identity, operation: Operation): Promise<Telling[]> {
  const { principal, tenantEpoch, cell } = identity;
  const own = { trail: { tenantId: principal.tenantId, epoch: tenantEpoch, cell }, operation };
  const account = await readAccount(registry, principal.userId);
  const others = account === undefined ? [] : activeClinics(account).filter((id) => id !== principal.tenantId);
  // What the user is in one clinic is nothing that another is told.
  const elsewhere = { ...operation, actor: { ...operation.actor, roles: [], session: "none" } };
  return [own, ...(await trailsOf(registry, others)).map((trail) => ({ trail, operation: elsewhere }))];
}

/** What an administrator of each clinic sees of it: how many there are. */
async function tellClinics({ principal }: Identity): Promise<void> {
  const account = await readAccount(registry, principal.userId);
  await tellFactors(registry, passkeys, principal.userId, account === undefined ? [] : activeClinics(account));
}

/** Writes down in the own clinic what came to nothing. */
async function tellFailure(exchange: Exchange, interaction: Interaction, rule: string, id?: string): Promise<void> {
  const identity = identityOf(exchange);
  const { principal, tenantEpoch, cell } = identity;
  const trail = { tenantId: principal.tenantId, epoch: tenantEpoch, cell };
  const telling = { trail, operation: operationOf(identity, interaction, rule, id) };
  await audit.recordFailures([telling], originOf(exchange.event));
}

async function requireStepUp(exchange: Exchange, interaction: Interaction): Promise<void> {
  if (isProven(exchange)) return;
  await tellFailure(exchange, interaction, "step-up", exchange.path["id"]);
  fail({ kind: "forbidden", rule: "step-up" });
}

async function listPasskeys(exchange: Exchange) {
  const { userId } = identityOf(exchange).principal;
  return json(200, { passkeys: (await passkeys.list(userId)).map(viewOf) });
}

/** The challenge is given only after a step-up and answered only in the same session: so the answer needs no other one. */
async function passkeyOptions(exchange: Exchange) {
  await requireStepUp(exchange, "passkey.add");
  const identity = identityOf(exchange);
  const { userId, tenantId } = identity.principal;
  const [account, [tenant]] = await Promise.all([readAccount(registry, userId), trailsOf(registry, [tenantId])]);
  const displayName =
    account === undefined || tenant === undefined ? undefined : await nameIn(account, tenant, wordsOf);
  if (displayName === undefined) return fail({ kind: "unauthenticated" });
  const options = await passkeys.registrationOptions({ id: userId, displayName }, digestOf(identity));
  return options.ok ? json(200, options.value) : fail({ kind: "business-rule", rule: "passkey-count" });
}

async function addPasskey(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { passkey, name } = exchange.body as AddPasskey;
  const checked = await passkeys.check(identity.principal.userId, digestOf(identity), passkey, name);
  if (!checked.ok) {
    await tellFailure(exchange, "passkey.add", checked.error.kind);
    return checked.error.kind === "too-many"
      ? fail({ kind: "business-rule", rule: "passkey-count" })
      : fail({ kind: "unauthenticated" });
  }
  const added = checked.value;
  const tellings = await tellingsOf(identity, operationOf(identity, "passkey.add", "step-up", added.id));
  let isStored = false;
  const done = await audit.perform(tellings, originOf(exchange.event), async () => {
    isStored = await passkeys.store(added);
    if (isStored) await tellClinics(identity);
    if (!isStored) await audit.recordFailures(tellings, originOf(exchange.event));
  });
  if (!done.ok) return fail({ kind: "unavailable" });
  return isStored ? json(201, viewOf(added)) : fail({ kind: "duplicate", rule: "passkey-known" });
}

async function renamePasskey(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { principal } = identity;
  const id = exchange.path["id"] ?? "";
  const { name } = exchange.body as RenamePasskey;
  const found = await passkeys.find(principal.userId, id);
  if (found === undefined) return fail({ kind: "not-found" });
  const trail = { tenantId: principal.tenantId, epoch: identity.tenantEpoch, cell: identity.cell };
  const telling = { trail, operation: operationOf(identity, "passkey.rename", "own", id) };
  const done = await audit.perform([telling], originOf(exchange.event), () =>
    passkeys.rename(principal.userId, id, name),
  );
  if (!done.ok) return fail({ kind: "unavailable" });
  return done.value === undefined ? fail({ kind: "conflict" }) : json(200, viewOf(done.value));
}

/** Takes a passkey away, and ends what was signed in with it: it may be in other hands. The session that asks goes on. */
async function removePasskey(exchange: Exchange) {
  await requireStepUp(exchange, "passkey.remove");
  const identity = identityOf(exchange);
  const { userId, sessionId } = identity.principal;
  const id = exchange.path["id"] ?? "";
  const removable = await passkeys.isRemovable(userId, id);
  if (!removable.ok) {
    const { kind } = removable.error;
    return kind === "not-found" ? fail({ kind }) : fail({ kind: "business-rule", rule: "last-factor" });
  }
  const tellings = await tellingsOf(identity, operationOf(identity, "passkey.remove", "step-up", id));
  const done = await audit.perform(tellings, originOf(exchange.event), async () => {
    const isRemoved = await passkeys.remove(removable.value);
    if (isRemoved) await tellClinics(identity);
    await sessions.endAll(userId, (session) => session.passkeyId === id && session.sessionId !== sessionId);
    return isRemoved;
  });
  if (!done.ok) return fail({ kind: "unavailable" });
  return done.value ? { status: 204 } : fail({ kind: "conflict" });
}

export const passkeyHandlers = {
  listPasskeys,
  passkeyOptions,
  addPasskey,
  renamePasskey,
  removePasskey,
} as const satisfies Record<string, Handle>;
