import type { Party, Pool } from "../contract/index.ts";
import { POOLS } from "../contract/index.ts";
import { referenceTo, type Signer, userOf } from "../encounter/clinician.ts";
import { isJsonObject, type JsonObject, parseReference } from "../fhir/index.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { ACTOR_SYSTEMS } from "../policy/consent/systems.ts";

/** Who is signed in: somebody of the clinic, or a patient in her own portal. */
export type Me =
  | { readonly kind: "staff"; readonly signer: Signer }
  | { readonly kind: "patient"; readonly patientId: string };

/** To whom something goes: a pool, or somebody of the clinic as the registry knows her. */
export type Owner = { readonly kind: "pool"; readonly pool: Pool } | ({ readonly kind: "person" } & Signer);

/** The roles that write in a category; who is not among them could not open it. */
const CATEGORY_ROLES: Readonly<Record<MessageCategory, readonly Pool[]>> = {
  administrative: ["front-desk", "nurse", "physician"],
  clinical: ["nurse", "physician"],
  prescription: ["nurse", "physician"],
  results: ["nurse", "physician"],
  billing: ["billing"],
};

/** The pool that a patient's message of a category comes to. */
export const POOL_OF_CATEGORY: Readonly<Record<MessageCategory, Pool>> = {
  administrative: "front-desk",
  clinical: "nurse",
  prescription: "nurse",
  results: "physician",
  billing: "billing",
};

const isPool = (value: unknown): value is Pool => (POOLS as readonly unknown[]).includes(value);

/** The pools whose work is hers: a pool is everybody of a role. */
export const poolsOf = (roles: readonly string[]): readonly Pool[] => POOLS.filter((pool) => roles.includes(pool));

/** Whether somebody with these roles works on what is of the category. */
export const reachesCategory = (roles: readonly string[], category: MessageCategory): boolean =>
  CATEGORY_ROLES[category].some((role) => roles.includes(role));

export const rolesOf = (owner: Owner): readonly string[] => (owner.kind === "pool" ? [owner.pool] : owner.roles);

/** Categories below which nothing of a chart stands: to go from the others to these is to show more people. */
const BELOW: ReadonlySet<MessageCategory> = new Set(["administrative", "billing"]);
export const isDownwards = (from: MessageCategory, to: MessageCategory): boolean => !BELOW.has(from) && BELOW.has(to);

/** A Reference to a pool: no record, but a role. FHIR R4 references.html#logical. */
export const poolReference = (pool: Pool): JsonObject => ({
  identifier: { system: ACTOR_SYSTEMS.role, value: pool },
});

export const ownerReference = (owner: Owner): JsonObject =>
  owner.kind === "pool" ? poolReference(owner.pool) : referenceTo(owner);

export const patientReference = (patientId: string): JsonObject => ({ reference: `Patient/${patientId}` });

export const meReference = (me: Me): JsonObject =>
  me.kind === "patient" ? patientReference(me.patientId) : referenceTo(me.signer);

/** The pool that a Reference names. */
export function poolIn(reference: unknown): Pool | undefined {
  if (!isJsonObject(reference) || !isJsonObject(reference["identifier"])) return undefined;
  const { system, value } = reference["identifier"];
  return system === ACTOR_SYSTEMS.role && isPool(value) ? value : undefined;
}

/** The id of the record of a type that a Reference names. */
export function idIn(reference: unknown, type: string): string | undefined {
  const text = isJsonObject(reference) ? reference["reference"] : undefined;
  if (typeof text !== "string") return undefined;
  const target = parseReference(text);
  return target.kind === "relative" && target.type === type ? target.id : undefined;
}

/** Whether a Reference means who is signed in. A Task that came from elsewhere knows her as a Practitioner alone. */
export function isMe(reference: unknown, me: Me): boolean {
  if (me.kind === "patient") return idIn(reference, "Patient") === me.patientId;
  const user = userOf(reference);
  if (user !== undefined) return user === me.signer.userId;
  const practitioner = idIn(reference, "Practitioner");
  return practitioner !== undefined && practitioner === me.signer.practitionerId;
}

/** Whether it waits for who is signed in: for her, or for a pool of hers. */
export function isForMe(reference: unknown, me: Me): boolean {
  const pool = poolIn(reference);
  return pool === undefined ? isMe(reference, me) : me.kind === "staff" && poolsOf(me.signer.roles).includes(pool);
}

/** What a Reference says of somebody, for who looks. A patient is told names of the clinic's people, and no account. */
export function partyOf(reference: unknown, me: Me): Party {
  const pool = poolIn(reference);
  if (pool !== undefined) return { kind: "pool", pool, isMine: isForMe(reference, me) };
  if (idIn(reference, "Patient") !== undefined) return { kind: "patient" };
  const display = isJsonObject(reference) ? reference["display"] : undefined;
  const name = typeof display === "string" ? display : "";
  const user = userOf(reference);
  if (user === undefined && !isMe(reference, me)) return { kind: "other", ...(name !== "" && { name }) };
  const known = me.kind === "staff" && user !== undefined ? { user } : {};
  return { kind: "person", name, isMe: isMe(reference, me), ...known };
}
