import type { NoteTemplate, NoteView } from "../../../core/contract/index.ts";
import { type EncounterDesk, startNote, startVisit } from "../../../core/encounter/index.ts";
import { ADDENDUM, readTemplates } from "../../../core/encounter/templates.ts";
import type { UserId } from "../../../core/kernel/ids.ts";
import { ok } from "../../../core/kernel/result.ts";
import type { Grant } from "../../../core/policy/grant.ts";
import type { AuditSink, RecordEvent } from "../../../core/record/index.ts";
import { outboxKey, type Table } from "../../../core/table/index.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { createWorld, grantOf, patient, scopeOf, type World } from "../record/world.ts";

export const ADA = "01hzzzzzzzzzzzzzzzzzzzzzza" as UserId;
export const BEN = "01hzzzzzzzzzzzzzzzzzzzzzzb" as UserId;
export const CLEO = "01hzzzzzzzzzzzzzzzzzzzzzzc" as UserId;

export interface Clinic {
  readonly world: World;
  readonly patientId: string;
  /** The desk of a clinician; through a table of the test's own, where it wants to come between. */
  desk(
    userId?: UserId,
    options?: { readonly roles?: readonly string[]; readonly name?: string; readonly through?: Table },
  ): EncounterDesk;
  readonly templates: readonly NoteTemplate[];
  /** A visit that goes on, and a note of it with these texts in its draft's place. */
  visit(desk?: EncounterDesk): Promise<string>;
  begin(desk?: EncounterDesk, template?: string): Promise<NoteView>;
}

/** Draft events into the same outbox as those of records. */
const sinkOn = (table: Table, world: World): AuditSink => {
  const rowOf = (grant: Grant, event: RecordEvent) => {
    const eventId = newId(world.clock.now());
    const day = new Date(world.clock.now()).toISOString().slice(0, 10);
    return { eventId, row: { ...outboxKey(grant.tenantId, day, eventId), event: JSON.stringify(event) } };
  };
  return {
    draft(grant, event) {
      const { eventId, row } = rowOf(grant, event);
      const told = { ...event, tenant: grant.tenantId, fate: "open" };
      world.events.push(told);
      const settle = (fate: string): void => {
        told.fate = fate;
      };
      const write = { kind: "put", table: "outbox", row, condition: { kind: "absent" } } as const;
      return Promise.resolve(ok({ eventId, write, settle }));
    },
    async record(grant, event) {
      await table.put("outbox", rowOf(grant, event).row);
      world.events.push({ ...event, tenant: grant.tenantId, fate: "stored" });
      return ok(undefined);
    },
  };
};

export async function openClinic(makeTable?: Parameters<typeof createWorld>[0]): Promise<Clinic> {
  const world = await createWorld(makeTable);
  const grant = grantOf({ userId: ADA });
  const made = valueOf(await world.for(grant).create(grant, patient("Lovelace"))).version;
  const found = valueOf(await readTemplates(world.privacy(grant)));
  const desk: Clinic["desk"] = (
    userId = ADA,
    { roles = ["physician"], name = "Dr. Ada Byron", through = world.table } = {},
  ) => {
    const own = grantOf({ userId });
    return {
      records: world.for(own, undefined, through),
      grant: own,
      me: { userId, name, roles },
      clock: world.clock,
      isPermitted: () => true,
      drafts: {
        grant: own,
        audit: sinkOn(through, world),
        table: through,
        keyring: world.keyring,
        keyScope: scopeOf(own),
        tenantId: own.tenantId,
        clock: world.clock,
        onAlarm: (alarm) => world.alarms.push(alarm),
      },
    };
  };
  const templates = [...found.value.templates, ADDENDUM];
  const visit = async (by = desk()): Promise<string> =>
    valueOf(await startVisit(by, { patient: made.id, class: "AMB" }, { timeZone: "UTC" })).id;
  return {
    world,
    patientId: made.id,
    desk,
    templates,
    visit,
    async begin(by = desk(), template = "telephone") {
      const encounter = await visit(by);
      return valueOf(await startNote(by, { encounter, template, carryForward: false }, templates));
    },
  };
}

/** The texts of a telephone note, which no check holds back. */
export const CALL = [
  { key: "call", title: "Call", text: "Mother of the patient asks about fever." },
  { key: "advice", title: "Advice", text: "Fluids, rest, call again tomorrow." },
];
