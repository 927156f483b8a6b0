import { RoleName } from "../../../core/contract/index.ts";
import { clientToken, memberToken, newClientKey } from "../../../scripts/cli/sign-in.ts";
import { membershipKey } from "../../../core/tenant/rows.ts";
import { addMember, amend, openRegistry, signMember } from "../http/members.ts";
import { type Caller, canaryObservation, canaryPatient, startWorld, type World } from "../world.ts";

/** Every role that a membership can carry. */
export type Role = (typeof RoleName.options)[number];
export const ROLES: readonly Role[] = RoleName.options;

/** Types by whose records the classes of a clinic are told apart. */
export type Kind = "Patient" | "Practitioner" | "Observation" | "Account";

export interface Scene {
  readonly world: World;
  /** Somebody of each role in clinic A; the operator stands outside of every clinic. */
  readonly callers: ReadonlyMap<Role, Caller>;
  /** The patient that the caller with the role `patient` is, and another of the same clinic. */
  readonly own: string;
  readonly other: string;
  /** A valid resource of a kind, about the own patient. */
  readonly resource: (kind: Kind, patientId?: string) => Record<string, unknown>;
  /** A new record of a kind, at version 1. */
  readonly file: (kind: Kind, patientId?: string) => Promise<string>;
  /** A record of a kind that nobody changes. */
  readonly filed: (kind: Kind, patientId?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A system of the clinic, or of another, that works for treatment. */
async function signSystem(world: World, role: Role): Promise<Caller> {
  const { a, operator, stack } = world;
  const key = newClientKey();
  const added = await operator.send("POST", `/platform/tenants/${a.tenantId}/clients`, {
    body: { name: role, roles: [role], purpose: "TREAT", jwks: { keys: [key.publicJwk] } },
  });
  if (added.status !== 201) throw new Error(`the ${role} was refused: ${added.status} ${added.text}`);
  const client = { clientId: String(added.body["clientId"]), privateJwk: key.privateJwk };
  return world.caller(await clientToken(stack.endpoint, client, "system/*.cruds"));
}

/** Somebody of a clinic whose row says finance, which no route lets a clinic give. */
async function signPlanted(world: World): Promise<Caller> {
  const { tenantId } = world.a;
  const { member, userId } = await addMember(world, { tenantId, login: "a.matrix-finance", roles: ["front-desk"] });
  const registry = openRegistry(world);
  await amend(registry.store, membershipKey(userId, tenantId), { roles: ["finance"] });
  registry.close();
  return world.caller(await memberToken(world.stack.endpoint, member));
}

/** A caller whose session was declared for nothing: each request says what it is for. */
const declaring = (caller: Caller, purpose: string): Caller => ({
  ...caller,
  send: (method, path, options = {}) =>
    caller.send(method, path, { ...options, headers: { "x-purpose-of-use": purpose, ...options.headers } }),
});

export type Use = () => Scene;

export async function openScene(): Promise<Scene> {
  const world = await startWorld({ throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  const { a, operator } = world;
  let own = "";

  function resource(kind: Kind, patientId = own): Record<string, unknown> {
    switch (kind) {
      case "Patient":
        return canaryPatient(a);
      case "Practitioner":
        return { resourceType: "Practitioner", name: [{ family: a.canary }] };
      case "Observation":
        return canaryObservation(a, patientId);
      case "Account":
        return { resourceType: "Account", status: "active", subject: [{ reference: `Patient/${patientId}` }] };
    }
  }
  async function file(kind: Kind, patientId = own): Promise<string> {
    const answer = await a.importer.send("POST", `/fhir/${kind}`, { body: resource(kind, patientId) });
    if (answer.status !== 201) throw new Error(`${kind} was refused: ${answer.status} ${answer.text}`);
    return String(answer.body["id"]);
  }

  const known = new Map<string, Promise<string>>();
  function filed(kind: Kind, patientId = own): Promise<string> {
    const name = `${kind} ${patientId}`;
    const id = known.get(name) ?? file(kind, patientId);
    known.set(name, id);
    return id;
  }

  own = await file("Patient");
  const other = await file("Patient");
  const callers = new Map<Role, Caller>([
    ["physician", a.doc],
    ["front-desk", a.desk],
    ["billing", a.bill],
    ["integration", a.importer],
    ["platform-operator", declaring(operator, "HOPERAT")],
    ["assistant", await signSystem(world, "assistant")],
    ["referral-partner", await signSystem(world, "referral-partner")],
    ["finance", await signPlanted(world)],
  ]);
  for (const role of ROLES) {
    if (callers.has(role)) continue;
    const wanted = { tenantId: a.tenantId, login: `a.matrix-${role}`, roles: [role] };
    const patientId = role === "patient" ? { patientId: own } : {};
    callers.set(role, (await signMember(world, { ...wanted, ...patientId })).caller);
  }
  return { world, callers, own, other, resource, file, filed, close: () => world.close() };
}
