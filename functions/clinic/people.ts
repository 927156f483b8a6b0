import type { People, PersonView } from "../../core/contract/index.ts";
import { authorizeClinic } from "../../core/policy/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import {
  ClientRow,
  clientKey,
  MembershipRow,
  membershipKey,
  membersIndex,
  parseRow,
  type RegistryKey,
  type RegistryRow,
  UserRow,
  userKey,
} from "../../core/tenant/index.ts";
import { isId } from "../../core/kernel/ids.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { tell } from "./act.ts";
import { type Affair, memberName, openAffair, standingOptions, zone } from "./context.ts";
import { openOwnRegistry } from "./registry.ts";

/** The registry takes a hundred keys at once. */
const KEYS_AT_ONCE = 100;

async function readRows(keys: readonly RegistryKey[]): Promise<ReadonlyMap<string, RegistryRow>> {
  const found = new Map<string, RegistryRow>();
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    for (const row of await zone.registry.getMany(keys.slice(at, at + KEYS_AT_ONCE))) found.set(nameOf(row), row);
  }
  return found;
}

const nameOf = ({ pk, sk }: RegistryKey): string => `${pk} ${sk}`;

interface Named {
  readonly kind: "user" | "client";
  readonly name: string;
  readonly isActive: boolean;
}

type Whose = Pick<Affair, "principal" | "identity">;

/** The account or the system behind a member; undefined for none. */
async function holderOf(
  { identity }: Whose,
  rows: ReadonlyMap<string, RegistryRow>,
  member: MembershipRow,
): Promise<Named | undefined> {
  const { userId, tenantId } = member;
  const user = rows.get(nameOf(userKey(userId)));
  if (user !== undefined) {
    const { status } = parseRow(UserRow, user);
    return { kind: "user", name: await memberName(identity, member), isActive: status === "active" };
  }
  const client = rows.get(nameOf(clientKey(userId, tenantId)));
  if (client === undefined) return undefined;
  const { name, status } = parseRow(ClientRow, client);
  return { kind: "client", name, isActive: status === "active" };
}

/**
 * Everybody who belongs to the clinic, by name: members and systems, patients' own accounts left out, because a name of
 * theirs is a patient's. Policy has been asked by the caller.
 */
export async function membersOf(affair: Whose): Promise<readonly PersonView[]> {
  const { tenantId } = affair.principal;
  const { privacyOfficers } = affair.identity.privacy;
  const rows = await createRegistryStore(openOwnRegistry(affair)).queryIndex(membersIndex(tenantId));
  const members = rows
    .map((row) => parseRow(MembershipRow, row))
    .filter(({ roles }) => roles.some((role) => role !== "patient"));
  const holders = await readRows(members.flatMap(({ userId }) => [userKey(userId), clientKey(userId, tenantId)]));
  const named = await Promise.all(
    members.map(async (member) => ({ ...member, holder: await holderOf(affair, holders, member) })),
  );
  return named
    .flatMap(({ userId, roles, status, practitionerId, holder }): PersonView[] => {
      if (holder === undefined) return [];
      return [
        {
          id: userId,
          kind: holder.kind,
          name: holder.name,
          roles,
          ...(practitionerId !== undefined && { practitionerId }),
          status: holder.isActive && status === "active" ? "active" : "disabled",
          isPrivacyOfficer: privacyOfficers.includes(userId),
        },
      ];
    })
    .toSorted((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1));
}

/** GET /clinic/people. */
export async function listPeople(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const people = await membersOf(affair);
  await tell(affair, { entities: [{ type: "Membership" }], count: people.length });
  return json(200, { people });
}

/** Whether the caller may know who works here, for the purpose of this request. */
export const mayKnowPeople = ({ principal, exchange }: Pick<Affair, "principal" | "exchange">): boolean =>
  authorizeClinic(principal, "people.list", standingOptions(exchange)).ok;

/** A member or system of the clinic, as far as its staff know each other. */
export interface Colleague extends Named {
  readonly id: string;
  readonly roles: readonly string[];
  readonly practitionerId?: string | undefined;
}

/**
 * Members and systems of a clinic by their ids. Nobody is found by an id of another clinic, and a patient's own account is
 * nobody here. Policy has been asked by the caller.
 */
export async function colleaguesOf(
  affair: Whose,
  ids: Iterable<string | undefined>,
): Promise<ReadonlyMap<string, Colleague>> {
  const { tenantId } = affair.principal;
  const wanted = [...new Set(ids)].filter((id): id is string => id !== undefined && isId(id));
  const rows = await readRows(
    wanted.flatMap((id) => [membershipKey(id, tenantId), userKey(id), clientKey(id, tenantId)]),
  );
  const found = new Map<string, Colleague>();
  for (const id of wanted) {
    const membership = rows.get(nameOf(membershipKey(id, tenantId)));
    if (membership === undefined) continue;
    const member = parseRow(MembershipRow, membership);
    const { roles, status, practitionerId } = member;
    const holder = roles.some((role) => role !== "patient") ? await holderOf(affair, rows, member) : undefined;
    if (holder === undefined) continue;
    found.set(id, { ...holder, id, roles, isActive: holder.isActive && status === "active", practitionerId });
  }
  return found;
}

/** Names for the ids of an answer, for who may list the clinic's people. */
export async function namesOf(affair: Affair, ids: Iterable<string | undefined>): Promise<People> {
  if (!mayKnowPeople(affair)) return {};
  const found = await colleaguesOf(affair, ids);
  return Object.fromEntries([...found].map(([id, { name, kind }]) => [id, { name, kind }]));
}
