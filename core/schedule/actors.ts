import type { FhirResource } from "../fhir/index.ts";
import type { Grant } from "../policy/index.ts";
import { type Records, resourceOf } from "../record/index.ts";
import { placeOf, providerOf, visitTypeOf } from "./setup.ts";
import { type Actor, ACTORS, type ActorRole } from "./visit.ts";

const NAMES: Readonly<Record<ActorRole, (resource: FhirResource) => string | undefined>> = {
  provider: (practitioner) => providerOf({ ...practitioner, active: true }, undefined)?.name,
  room: (location) => placeOf(location, 0).name,
  visitType: (service) => visitTypeOf(service, 0).name,
};

/**
 * Who or what an appointment takes, with its name as it is now: a reader of the record knows whom it was booked with, also
 * where the directory has another name for her later. One that cannot be read has none, and the write says so.
 */
export async function actorOf(
  { records, grant }: { readonly records: Pick<Records, "read">; readonly grant: Grant },
  role: ActorRole,
  id: string,
): Promise<Actor> {
  const found = await records.read(grant, ACTORS[role], id);
  return { id, name: found.ok ? NAMES[role](resourceOf(found.value)) : undefined };
}

/** All that a request names, one after the other. */
export async function actorsOf(
  desk: Parameters<typeof actorOf>[0],
  asked: Partial<Readonly<Record<ActorRole, string | undefined>>>,
): Promise<Partial<Record<ActorRole, Actor>>> {
  const found: Partial<Record<ActorRole, Actor>> = {};
  for (const role of Object.keys(ACTORS) as ActorRole[]) {
    const id = asked[role];
    if (id !== undefined) found[role] = await actorOf(desk, role, id);
  }
  return found;
}
