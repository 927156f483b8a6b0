import * as z from "zod";
import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { isJsonObject, parseReference } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { openAt, putOver } from "../privacy/rows.ts";
import type { Key, RecordId, TableWrite } from "../table/index.ts";
import { calendarKey, parseRecordId } from "../table/index.ts";
import { mayReach } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyFailure, tableFailure } from "./failure.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { resourceOf } from "./stored.ts";

/** Whose time an appointment takes: a practitioner's, a room's, the patient's own. */
export const CALENDAR_TYPES = ["Practitioner", "Location", "Patient"] as const satisfies readonly ResourceType[];

/** A span of time that an appointment takes from one of its participants. Milliseconds since the epoch, half open. */
export interface Busy {
  /** `Practitioner/<id>` */
  readonly actor: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Decides, on what is taken at this very moment, whether a write may take more: `false` refuses it, and nothing is
 * written. Asked again where others were faster. `taken` leaves out what the written appointment itself had.
 */
export type Claim = (wanted: readonly Busy[], taken: readonly Busy[]) => boolean;

/** An appointment that a transaction writes: without `after` it is deleted. */
export interface CalendarChange {
  readonly id: RecordId;
  readonly before?: FhirResource;
  readonly after?: FhirResource;
}

const DAY_MS = 86_400_000;
/** Of one appointment: who books more than this books a place, not a visit. */
const MAX_DAYS = 3;
const TAKES_TIME: ReadonlySet<unknown> = new Set(["booked", "arrived", "checked-in", "fulfilled"]);

const Entry = z.strictObject({ id: z.string(), startMs: z.int(), endMs: z.int() });
type Entry = z.infer<typeof Entry>;
const CalendarDay = z.strictObject({ busy: z.array(Entry) });

/** The planned writes that are of appointments, as calendars see them. */
export const calendarChanges = (writes: readonly PlannedWrite[]): readonly CalendarChange[] =>
  writes.flatMap((write): CalendarChange[] => {
    if (write.kind === "create") {
      return write.resource.resourceType === "Appointment" ? [{ id: write.id, after: write.resource }] : [];
    }
    const { whole } = write.current;
    if (whole.type !== "Appointment") return [];
    const before = whole.text === undefined ? {} : { before: resourceOf(whole) };
    return [{ id: whole.id, ...before, ...(write.kind === "update" && { after: write.resource }) }];
  });

function actorsOf(appointment: FhirResource): readonly string[] {
  const participants = appointment["participant"];
  const actors = (Array.isArray(participants) ? (participants as unknown[]) : []).flatMap((participant) => {
    const actor = isJsonObject(participant) ? participant["actor"] : undefined;
    if (!isJsonObject(participant) || participant["status"] === "declined") return [];
    if (!isJsonObject(actor) || typeof actor["reference"] !== "string") return [];
    const target = parseReference(actor["reference"]);
    const isCalendar = target.kind === "relative" && CALENDAR_TYPES.some((type) => type === target.type);
    return isCalendar && parseRecordId(target.id) !== undefined ? [`${target.type}/${target.id}`] : [];
  });
  return [...new Set(actors)];
}

/** What the appointment takes from each of its participants; nothing where it takes no time, or none any more. */
export function busyOf(appointment: FhirResource | undefined, nowMs: number): readonly Busy[] {
  if (!appointment || !TAKES_TIME.has(appointment["status"])) return [];
  const startMs = Date.parse(String(appointment["start"]));
  const endMs = Date.parse(String(appointment["end"]));
  // Nobody is booked into the past: history that is imported leaves no rows.
  const takesTime = startMs < endMs && endMs > nowMs - DAY_MS && endMs - startMs <= (MAX_DAYS - 1) * DAY_MS;
  return takesTime ? actorsOf(appointment).map((actor) => ({ actor, startMs, endMs })) : [];
}

const daysOf = ({ startMs, endMs }: Pick<Busy, "startMs" | "endMs">): readonly string[] => {
  const days: string[] = [];
  for (let ms = Math.floor(startMs / DAY_MS) * DAY_MS; ms < endMs; ms += DAY_MS) {
    days.push(new Date(ms).toISOString().slice(0, 10));
  }
  return days;
};

/** One actor's day that a transaction changes: who leaves it, and what comes. */
interface Sheet {
  readonly key: Key;
  readonly actor: string;
  readonly leaves: Set<string>;
  readonly comes: Entry[];
}

function sheetsOf(desk: Desk, changes: readonly CalendarChange[]): readonly Sheet[] {
  const sheets = new Map<string, Sheet>();
  const nowMs = desk.clock.now();
  const sheetOf = (actor: string, day: string): Sheet => {
    const name = `${actor}/${day}`;
    const [type = "", id = ""] = actor.split("/");
    const key = calendarKey(desk.grant.tenantId, type as ResourceType, id as RecordId, day);
    const sheet = sheets.get(name) ?? { key, actor, leaves: new Set(), comes: [] };
    sheets.set(name, sheet);
    return sheet;
  };
  for (const { id, before, after } of changes) {
    const [old, next] = [busyOf(before, nowMs), busyOf(after, nowMs)];
    const isKept = (one: Busy, others: readonly Busy[]): boolean =>
      others.some(({ actor, startMs, endMs }) => actor === one.actor && startMs === one.startMs && endMs === one.endMs);
    for (const busy of old.filter((each) => !isKept(each, next)))
      for (const day of daysOf(busy)) sheetOf(busy.actor, day).leaves.add(id);
    for (const busy of next.filter((each) => !isKept(each, old)))
      for (const day of daysOf(busy))
        sheetOf(busy.actor, day).comes.push({ id, startMs: busy.startMs, endMs: busy.endMs });
  }
  return [...sheets.values()];
}

/** How many rows the calendars of a transaction take. */
export const calendarRows = (desk: Desk, changes: readonly CalendarChange[]): number => sheetsOf(desk, changes).length;

/**
 * What goes into the transaction beside its appointments: one row for each participant and UTC day that is taken or given
 * back, over the version of it that was read. `claimed` where the claim refuses.
 *
 * Invariant: no two transactions that take the same participant's time both commit without one having seen the other's.
 */
export async function calendarWrites(
  desk: Desk,
  changes: readonly CalendarChange[],
  eventId: string,
  claim?: Claim,
): Promise<Result<readonly TableWrite[], RecordFailure>> {
  const sheets = sheetsOf(desk, changes);
  if (sheets.length === 0 && !claim) return ok([]);
  const read = await readSheets(
    desk,
    sheets.map(({ key }) => key),
  );
  if (!read.ok) return read;
  const wanted = sheets.flatMap(({ actor, comes }) => comes.map((entry) => busyAt(actor, entry)));
  const own = new Set<string>(changes.map(({ id }) => id));
  const taken = sheets.flatMap(({ actor }, index) =>
    (read.value[index]?.busy ?? []).filter(({ id }) => !own.has(id)).map((entry) => busyAt(actor, entry)),
  );
  if (claim && !claim(wanted, taken)) return err({ kind: "conflict", reason: "claimed" });
  const writes: TableWrite[] = [];
  for (const [index, { key, leaves, comes }] of sheets.entries()) {
    const { busy = [], version = 0 } = read.value[index] ?? {};
    const coming = new Set(comes.map(({ id }) => id));
    const next = [...busy.filter(({ id }) => !leaves.has(id) && !coming.has(id)), ...comes];
    const write = await putOver(desk.privacy.rows, "calendar", key, { busy: next }, version, { eventId });
    if (!write.ok) return err(privacyFailure(write.error));
    writes.push(write.value);
  }
  return ok(writes);
}

/** How often a write is tried whose participants' day others keep writing. */
const ATTEMPTS = 5;

/**
 * Somebody else's appointment on the same day is no reason to refuse: what is free then is looked at anew.
 * @param attempt One try, which reads the calendars and writes; `contended` where another write was faster.
 */
export async function whileContended<T>(
  changes: readonly CalendarChange[],
  attempt: () => Promise<Result<T, RecordFailure>>,
): Promise<Result<T, RecordFailure>> {
  const isContended = (one: Result<T, RecordFailure>): boolean =>
    !one.ok && one.error.kind === "conflict" && one.error.reason === "contended";
  let last = await attempt();
  for (let tries = 1; changes.length > 0 && isContended(last) && tries < ATTEMPTS; tries += 1) last = await attempt();
  return last;
}

const busyAt = (actor: string, { startMs, endMs }: Entry): Busy => ({ actor, startMs, endMs });

async function readSheets(
  desk: Desk,
  keys: readonly Key[],
): Promise<Result<readonly { readonly busy: readonly Entry[]; readonly version: number }[], RecordFailure>> {
  const { rows } = desk.privacy;
  const found = await rows.table.getMany("data", keys, { isConsistent: true });
  if (!found.ok) return err(tableFailure(found.error, desk.onAlarm));
  const sheets: { busy: readonly Entry[]; version: number }[] = [];
  for (const [index, key] of keys.entries()) {
    const row = found.value[index];
    const opened = row === undefined ? ok(undefined) : await openAt(rows, "calendar", key, row, CalendarDay);
    if (!opened.ok) return err(privacyFailure(opened.error));
    sheets.push({ busy: opened.value?.value.busy ?? [], version: opened.value?.version ?? 0 });
  }
  return ok(sheets);
}

/** Actors and days of one question. */
const MAX_SHEETS = 500;

/**
 * When these participants are taken within a span, whoever may see by what. Says nothing of any patient but her own.
 * @param except The appointment that is left out.
 */
export async function readBusy(
  desk: Desk,
  actors: readonly string[],
  span: Pick<Busy, "startMs" | "endMs">,
  except?: string,
): Promise<Result<readonly Busy[], RecordFailure>> {
  const days = daysOf(span);
  const asked = [...new Set(actors)].flatMap((actor) => {
    const [type, text] = actor.split("/");
    const id = parseRecordId(text);
    const known = CALENDAR_TYPES.find((each) => each === type);
    if (id === undefined || known === undefined) return [];
    if (known === "Patient" && !mayReach(desk, { patientId: id })) return [];
    return days.map((day) => ({ actor, key: calendarKey(desk.grant.tenantId, known, id, day) }));
  });
  if (asked.length > MAX_SHEETS) return err({ kind: "too-costly", rule: "bundle-size" });
  const read = await readSheets(
    desk,
    asked.map(({ key }) => key),
  );
  if (!read.ok) return read;
  const found = asked.flatMap(({ actor }, index) =>
    (read.value[index]?.busy ?? []).filter(({ id }) => id !== except).map((entry) => busyAt(actor, entry)),
  );
  const inside = found.filter(({ startMs, endMs }) => startMs < span.endMs && endMs > span.startMs);
  // What spans midnight stands on both days.
  return ok([...new Map(inside.map((each) => [`${each.actor}/${each.startMs}/${each.endMs}`, each])).values()]);
}
