import type { ItemKind, Pool } from "../../../core/contract/index.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import type { InboxDesk, MessageDesk, Owner } from "../../../core/message/index.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { createWorld, grantOf, patient, resource, type World } from "../record/world.ts";

export const ADA = { userId: "01hzzzzzzzzzzzzzzzzzzzzzza" as UserId, name: "Dr. Ada Byron", roles: ["physician"] };
export const BEN = { userId: "01hzzzzzzzzzzzzzzzzzzzzzzb" as UserId, name: "Ben Okoro", roles: ["nurse"] };
export const CLEO = { userId: "01hzzzzzzzzzzzzzzzzzzzzzzc" as UserId, name: "Cleo Diaz", roles: ["front-desk"] };

type Person = typeof ADA;
/** What policy gives each role of records: the desk sees class D alone. */
const CLASSES: Readonly<Record<string, readonly RecordClass[]>> = {
  physician: ["C", "B", "D"],
  nurse: ["C", "D"],
  "front-desk": ["D"],
};

export interface Clinic {
  readonly world: World;
  readonly patientId: string;
  as(person: Person): InboxDesk;
  /** The same request sent again, or another one under a key of its own. */
  once(desk: InboxDesk, key?: string): InboxDesk;
  patient(): MessageDesk;
  /** A laboratory's report of one value, and the order that it answers. */
  report(options?: { readonly orderedBy?: Person; readonly status?: string; readonly code?: string }): Promise<string>;
}

const ZONE = "America/Chicago";

export async function openClinic(): Promise<Clinic> {
  const world = await createWorld();
  const whole = grantOf({ userId: ADA.userId });
  const records = world.for(whole);
  const patientId = valueOf(await records.create(whole, patient("Lovelace"))).version.id;
  const sees = (roles: readonly string[]): ReadonlySet<ItemKind> =>
    new Set(roles.includes("front-desk") ? ["message", "task"] : ["message", "task", "result", "note"]);
  const unstaffed: readonly Pool[] = [];
  return {
    world,
    patientId,
    // Nobody works twice in one moment: each request is a millisecond after the one before.
    as(person) {
      world.clock.nowMs += 1;
      const classes = CLASSES[person.roles[0] ?? ""] ?? [];
      const grant = grantOf({ userId: person.userId, classes });
      return {
        records: world.for(grant),
        grant,
        me: { kind: "staff", signer: person },
        clock: world.clock,
        timeZone: ZONE,
        sees: sees(person.roles),
        unstaffed,
      };
    },
    once: (desk, key = newId(world.clock.now())) => ({ ...desk, effect: { key, fingerprint: key } }),
    patient() {
      world.clock.nowMs += 1;
      const grant = grantOf({ userId: CLEO.userId, onlyPatientId: patientId, classes: ["C", "B", "D"] });
      const me = { kind: "patient", patientId } as const;
      return { records: world.for(grant), grant, me, clock: world.clock, timeZone: ZONE };
    },
    async report({ orderedBy, status = "final", code = "HH" } = {}) {
      const subject = { reference: `Patient/${patientId}` };
      const make = async (value: object) => valueOf(await records.create(whole, resource(value))).version.id;
      const value = await make({
        resourceType: "Observation",
        status: "final",
        subject,
        code: { text: "Potassium" },
        valueQuantity: { value: 6.9, unit: "mmol/L" },
        referenceRange: [{ low: { value: 3.5 }, high: { value: 5.1 } }],
        interpretation: [{ coding: [{ code }] }],
      });
      const basedOn = orderedBy && [
        {
          reference: `ServiceRequest/${await make({
            resourceType: "ServiceRequest",
            status: "active",
            intent: "order",
            subject,
            requester: { identifier: { system: "urn:keyward:user", value: orderedBy.userId }, display: orderedBy.name },
          })}`,
        },
      ];
      return make({
        resourceType: "DiagnosticReport",
        status,
        subject,
        code: { text: "Basic metabolic panel" },
        issued: new Date(world.clock.now()).toISOString(),
        result: [{ reference: `Observation/${value}` }],
        ...(basedOn && { basedOn }),
      });
    },
  };
}

export const pool = (name: Pool): Owner => ({ kind: "pool", pool: name });
export const person = (one: Person): Owner => ({ kind: "person", ...one });
