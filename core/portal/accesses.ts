import type { OwnAccess } from "../contract/patient-portal.ts";
import { toInstant } from "../kernel/clock.ts";
import type { IndexedEvent } from "../watch/index.ts";

/** Who opened the record, as the patient reads it: who, as what, when, why and what; not from where, nor in which session. */

const DID: Readonly<Record<IndexedEvent["action"], OwnAccess["did"]>> = {
  R: "looked",
  C: "added",
  U: "changed",
  D: "removed",
  E: "other",
};

export interface AccessNames {
  /** The account of who reads this. */
  readonly userId: string;
  /** Of staff, where the clinic shows them; empty else. */
  readonly names: ReadonlyMap<string, string>;
}

export function ownAccessOf(event: IndexedEvent, { userId, names }: AccessNames): OwnAccess {
  const { id, at, user, kind, role, interaction, action, outcome, purpose, types, emergency } = event;
  const isOwn = user === userId;
  const name = isOwn ? undefined : names.get(user);
  return {
    id,
    at: toInstant(at),
    who: {
      kind: isOwn ? "you" : kind === "client" ? "system" : "staff",
      ...(role !== undefined && !isOwn && { role }),
      ...(name !== undefined && { name }),
    },
    did: DID[action],
    interaction,
    outcome,
    types,
    isEmergency: emergency !== undefined || purpose === "ETREAT",
    ...(purpose !== undefined && { purpose }),
  };
}
