import type { DelegationView, GrantDelegation } from "../../core/contract/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import {
  type Delegation,
  findDelegation,
  grantDelegation as grant,
  listDelegations as standing,
  revokeDelegation as revoke,
} from "../../core/privacy/index.ts";
import { ClientRow, clientKey, MembershipRow, membershipKey, parseRow } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { actOnce, failTold, tell, type Told } from "./act.ts";
import { type Affair, openAffair, zone } from "./context.ts";
import { failureOf } from "./failures.ts";
import { namesOf } from "./people.ts";

const view = (delegation: Delegation): DelegationView => ({
  id: delegation.id,
  client: delegation.clientId,
  user: delegation.userId,
  purposes: [...delegation.purposes],
  ...(delegation.patientIds === undefined ? {} : { patients: [...delegation.patientIds] }),
  grantedAt: toInstant(delegation.grantedAtMs),
  expiresAt: toInstant(delegation.expiresAtMs),
  ...(delegation.revokedAtMs === undefined ? {} : { revokedAt: toInstant(delegation.revokedAtMs) }),
});

const toldOf = (id: string, clientId: string): Told => ({
  entities: [
    { type: "Delegation", id },
    { type: "Client", id: clientId },
  ],
});

async function find(affair: Affair, id: string) {
  const found = await findDelegation(affair.privacy, id);
  return found.ok ? found.value : failTold(affair, { entities: [{ type: "Delegation" }] }, failureOf(found.error));
}

const shown = async (affair: Affair, id: string, status: number): Promise<Answer> =>
  json(status, view((await find(affair, id)).value));

/** Whether the client is an assistant of this clinic that may still sign in. */
async function isOwnAssistant(clientId: string, tenantId: string): Promise<boolean> {
  const rows = await zone.registry.getMany([clientKey(clientId, tenantId), membershipKey(clientId, tenantId)]);
  const client = rows.find(({ sk }) => sk === clientKey(clientId, tenantId).sk);
  const membership = rows.find(({ sk }) => sk === membershipKey(clientId, tenantId).sk);
  if (client === undefined || membership === undefined) return false;
  const member = parseRow(MembershipRow, membership);
  return (
    parseRow(ClientRow, client).status === "active" && member.status === "active" && member.roles.includes("assistant")
  );
}

/** Lets an assistant act for who asks, never with more than she may herself at that moment. */
export async function grantDelegation(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { client, purposes, patients, days } = exchange.body as GrantDelegation;
  const id = newId(systemClock.now());
  const told = { ...toldOf(id, client), detail: { purposes } };
  if (!(await isOwnAssistant(client, affair.principal.tenantId)))
    return failTold(affair, told, { kind: "business-rule", rule: "not-an-assistant" });
  return actOnce(affair, {
    told,
    change: (marks) =>
      grant(
        affair.privacy,
        {
          id,
          clientId: client,
          by: affair.principal,
          purposes,
          days,
          ...(patients === undefined ? {} : { patientIds: patients }),
        },
        marks,
      ),
    reference: id,
    answer: (known) => shown(affair, known, 201),
  });
}

const OVERSEERS = ["clinic-administrator", "auditor"];
const overseesAll = ({ identity, principal }: Affair): boolean =>
  principal.roles.some((role) => OVERSEERS.includes(role)) ||
  identity.privacy.privacyOfficers.includes(principal.userId);

/** One's own, or all of the clinic for who oversees them. */
export async function listDelegations(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const found = await standing(affair.privacy, overseesAll(affair) ? undefined : affair.principal.userId);
  if (!found.ok) return fail(failureOf(found.error));
  await tell(affair, { entities: [{ type: "Delegation" }], count: found.value.length });
  const people = await namesOf(
    affair,
    found.value.flatMap(({ userId, clientId }) => [userId, clientId]),
  );
  return json(200, { delegations: found.value.map(view), people });
}

/** The assistant's next request finds it gone. */
export async function revokeDelegation(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const delegation = await find(affair, exchange.path["id"] ?? "");
  const told = toldOf(delegation.value.id, delegation.value.clientId);
  if (delegation.value.userId !== affair.principal.userId && !overseesAll(affair))
    return failTold(affair, told, { kind: "not-found" });
  return actOnce(affair, {
    told,
    change: (marks) => revoke(affair.privacy, delegation, affair.principal, marks),
    reference: delegation.value.id,
    answer: (known) => shown(affair, known, 200),
  });
}
