import { type Shown, type Timeline, TIMELINE_KINDS, type TimelineEntry, type TimelineKind } from "../contract/chart.ts";
import { type FhirResource, isResourceType } from "../fhir/index.ts";
import { ABSENT, type Fields, type SectionName } from "../view/index.ts";
import { recordingOf } from "./author.ts";
import { columnsOf } from "./sheet.ts";
import { type ChartLook, listField, recordsIn } from "./view-input.ts";

const listed = (fields: Fields, name: string): string | undefined => {
  const field = fields[name];
  if (field?.state !== "value") return undefined;
  const values: readonly unknown[] = Array.isArray(field.value) ? (field.value as unknown[]) : [field.value];
  const texts = values.flatMap((value) => {
    if (typeof value === "string") return value;
    const { text, start, unit } = value as { text?: unknown; start?: unknown; unit?: unknown };
    if (typeof text === "string") return typeof unit === "string" ? `${text} ${unit}` : text;
    return typeof start === "string" ? start : [];
  });
  return texts.length === 0 ? undefined : texts.join(", ");
};

/** Of which section each kind is made, and which of its fields say what. The first title that there is, is taken. */
const SOURCES: Readonly<
  Record<
    Exclude<TimelineKind, "vitals">,
    {
      readonly section: SectionName;
      readonly titles: readonly string[];
      readonly date: string;
      readonly detail?: string;
    }
  >
> = {
  notes: { section: "notes", titles: ["title", "type"], date: "date", detail: "author" },
  encounters: { section: "encounters", titles: ["service", "reason", "status"], date: "period", detail: "reason" },
  results: { section: "results", titles: ["code"], date: "date", detail: "value" },
  medications: { section: "medications", titles: ["medication"], date: "date", detail: "dosage" },
  immunizations: { section: "immunizations", titles: ["vaccine"], date: "date" },
  problems: { section: "problems", titles: ["code"], date: "onset" },
  documents: { section: "documents", titles: ["title", "type"], date: "date", detail: "type" },
  appointments: { section: "appointments", titles: ["service", "status"], date: "start", detail: "with" },
};

export const TIMELINE_SECTIONS: readonly SectionName[] = [
  ...Object.values(SOURCES).map(({ section }) => section),
  "vitals",
];

/** When a record was written down, for one that says no other time. */
function recordedAt(look: ChartLook, ref: string | undefined): string | undefined {
  const [type, id] = ref?.split("/") ?? [];
  const record = isResourceType(type)
    ? recordsIn(look)
        .of(type)
        .find((each) => each.id === id)
    : undefined;
  return record && recordingOf(record).at;
}

const entriesOf = (
  look: ChartLook,
  kind: Exclude<TimelineKind, "vitals">,
  rows: readonly Fields[],
): readonly TimelineEntry[] => {
  const { titles, date, detail } = SOURCES[kind];
  return rows.map((fields): TimelineEntry => {
    const [ref, status] = [listed(fields, "ref"), listed(fields, "status")];
    const when = listed(fields, date) ?? recordedAt(look, ref);
    const title = titles.map((name) => listed(fields, name)).find((text) => text !== undefined) ?? "";
    const told = detail === undefined ? undefined : listed(fields, detail);
    const more = told === undefined || REFERENCES.test(told) ? undefined : told;
    return {
      kind,
      title,
      ...(ref !== undefined && { ref }),
      ...(when !== undefined && { date: when }),
      ...(more !== undefined && more !== title && { detail: more }),
      ...(status !== undefined && { status }),
    };
  });
};

/** A column of the flowsheet is one entry of the day, not ten. */
const vitalsEntries = (look: ChartLook): readonly TimelineEntry[] =>
  columnsOf(look).flatMap(({ at, cells }): TimelineEntry[] => {
    const good = cells.filter(({ state }) => state !== "entered-in-error");
    const [first] = good;
    if (first === undefined) return [];
    const detail = good.map(({ shown }) => `${shown.us.value} ${shown.us.label}`).join(", ");
    return [{ kind: "vitals", title: "", date: at, detail, ref: `Observation/${first.id}` }];
  });

type KindState = NonNullable<Timeline["kinds"][TimelineKind]>;

const timeOf = ({ date }: TimelineEntry): number => {
  const ms = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
};

const nameOf = ({ kind, ref }: TimelineEntry): string => `${kind}:${ref ?? ""}`;
/** What is named by its id alone is no words for anybody. */
const REFERENCES = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:, [A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})*$/;
export const MAX_PAGE = 100;
const POSITION = /^(\d{1,6})~([a-z]+:[A-Za-z0-9./-]{0,150})$/;

/** Where a page ends: the place of its last entry and that entry's name, which holds ids of ours and no content. */
export const isPosition = (text: string): boolean => POSITION.test(text);

/**
 * What happened, newest first. Each kind that was asked for is in the entries, or says why it is not. A page begins after
 * the entry that its position names, wherever that is by now.
 */
export function timelineOf(
  look: ChartLook,
  kinds: readonly TimelineKind[],
  { count, position }: { readonly count: number; readonly position?: string },
): Timeline {
  const states: Partial<Record<TimelineKind, KindState>> = {};
  const entries: TimelineEntry[] = [];
  for (const kind of TIMELINE_KINDS) {
    if (!kinds.includes(kind)) continue;
    const field = listField(look, kind === "vitals" ? "vitals" : SOURCES[kind].section);
    const found =
      field.state !== "value" && field.state !== "stale"
        ? []
        : kind === "vitals"
          ? vitalsEntries(look)
          : entriesOf(look, kind, field.value as readonly Fields[]);
    entries.push(...found);
    states[kind] = stateOf(field as Shown<readonly FhirResource[]>, found.length);
  }
  const sorted = entries
    .map((entry, index) => ({ entry, index }))
    .toSorted((left, right) => timeOf(right.entry) - timeOf(left.entry) || left.index - right.index)
    .map(({ entry }) => entry);
  const [, place, name] = POSITION.exec(position ?? "") ?? [];
  const at = name === undefined ? -1 : sorted.findIndex((entry) => nameOf(entry) === name);
  const start = place === undefined ? 0 : at === -1 ? Number(place) : at + 1;
  const page = sorted.slice(start, start + count);
  const last = page.at(-1);
  const end = start + page.length;
  return {
    patient: look.input.patientId,
    entries: page,
    kinds: states,
    ...(last !== undefined && end < sorted.length && { next: `${String(end)}~${nameOf(last)}` }),
  };
}

function stateOf(field: Shown<unknown>, count: number): KindState {
  if (field.state === "restricted" || field.state === "unavailable") return field;
  return count === 0 ? ABSENT : { state: "value", value: count };
}
