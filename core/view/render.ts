import { authorOf, classOf, type FhirResource, labelsOf, spanOf } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { ConsentRuling, RecordFacts } from "../policy/consent/index.ts";
import { Chart, PSYCHOTHERAPY_LABEL, type Source } from "./chart.ts";
import type { AnySection, Column } from "./columns.ts";
import type { Consumer } from "./consumer.ts";
import { ABSENT, type Field, restricted, type Restriction, UNAVAILABLE } from "./field-state.ts";
import { SECTION_NAMES, type SectionName, SECTIONS, VIEW_VERSION } from "./model.ts";
import { type PlacedFor, type Placement, PLACEMENTS } from "./placements.ts";

/** What the patient's consents say to this caller: as much of a ruling as a view asks. */
export type ViewRuling = Pick<ConsentRuling, "byClass" | "permits">;

/** How the records of a class were had. `asOfMs` is when what was read was written down last. */
export type ClassReading =
  | { readonly state: "read"; readonly asOfMs: number }
  /** Could not be read now, although the caller may. */
  | { readonly state: "failed" };

export interface ViewInput {
  readonly consumer: Consumer;
  readonly patientId: string;
  /** The classes that the grant reaches, each with how it was read: a class that is left out is not the caller's. */
  readonly readings: Readonly<Partial<Record<RecordClass, ClassReading>>>;
  readonly ruling: ViewRuling;
  /** Of the patient's chart and nobody else's. What the ruling does not permit is left out here once more. */
  readonly records: readonly FhirResource[];
  readonly nowMs: number;
}

export type Fields = Readonly<Record<string, Field>>;

export interface View {
  readonly version: typeof VIEW_VERSION;
  readonly consumer: Consumer;
  readonly patient: string;
  readonly at: string;
  /** A field for a field, or one field whose value is a list of rows. */
  readonly sections: Readonly<Partial<Record<SectionName, Fields | Field<readonly Fields[]>>>>;
}

/** A live chart is read in the request itself; what is older than this came from a copy. */
export const STALE_AFTER_MS = 5 * 60_000;

const factsOf = (record: FhirResource): RecordFacts => {
  const author = authorOf(record);
  const span = spanOf(record);
  return {
    type: record.resourceType,
    id: record.id ?? "",
    dataClass: classOf(record),
    labels: labelsOf(record),
    ...(author !== undefined && { authorPractitionerId: author }),
    ...(span && { span }),
  };
};

/** The records that a view is made of: those of a class that was read and that the ruling permits. */
export const chartOf = ({ patientId, readings, ruling, records }: ViewInput): Chart =>
  new Chart(
    patientId,
    records.filter((record) => {
      const facts = factsOf(record);
      return readings[facts.dataClass]?.state === "read" && ruling.permits(facts);
    }),
  );

/**
 * A patient's chart as one consumer sees it: placement, then the grant's classes and consent, then the data and its age.
 * Pure. A restricted or hidden field is never computed, so no byte of it can be anywhere in what is given.
 */
export function renderView(input: ViewInput, sections: readonly SectionName[] = SECTION_NAMES): View {
  const { consumer, patientId, nowMs } = input;
  const chart = chartOf(input);
  const rendered = SECTION_NAMES.filter((name) => sections.includes(name)).map((name) => [
    name,
    renderSection(input, chart, SECTIONS[name], PLACEMENTS[name]),
  ]);
  return {
    version: VIEW_VERSION,
    consumer,
    patient: patientId,
    at: toInstant(nowMs),
    sections: Object.fromEntries(rendered) as View["sections"],
  };
}

type PlacedColumns = Readonly<Record<string, PlacedFor>>;
type Reached = ClassReading | { readonly state: "not-reached" };

/** Of several classes that tell a field, the first that the grant reaches has the say. */
function reach({ readings }: ViewInput, column: Column): Reached {
  const found = column.classes.map((letter) => readings[letter]).find((reading) => reading !== undefined);
  return found ?? { state: "not-reached" };
}

/** Why a grant does not reach a column that its consumer may see. Segmented records wait for a consent, others for none. */
const reasonOf = ({ ruling }: ViewInput, column: Column): Restriction =>
  column.classes.some((letter) => letter === "S" || ruling.byClass[letter] === "deny")
    ? "consent"
    : "minimum-necessary";

const roleReason = ({ label }: AnySection): Restriction =>
  label === PSYCHOTHERAPY_LABEL ? "no-right-of-access" : "minimum-necessary";

function renderSection(
  input: ViewInput,
  chart: Chart,
  section: AnySection,
  placed: PlacedColumns,
): Fields | Field<readonly Fields[]> {
  const classes = new Set(RECORD_CLASSES.filter((letter) => input.readings[letter] !== undefined));
  const rowOf = (source: Source | undefined, isAged: boolean): Fields =>
    Object.fromEntries(
      Object.entries(section.columns).map(([name, column]) => {
        const placement = placed[name]?.[input.consumer] ?? "H";
        return [name, renderField(input, section, column, placement, source, isAged)];
      }),
    );
  if (section.kind === "one") return rowOf(section.sources(chart, classes)[0], true);
  const withheld = withheldList(input, section, placed);
  if (withheld !== undefined) return withheld;
  const rows = section.sources(chart, classes).map((source) => rowOf(source, false));
  if (rows.length === 0) return isLabelDenied(input, section) ? restricted("consent") : ABSENT;
  const [oldest = input.nowMs] = shown(input, section, placed)
    .map((column) => reach(input, column))
    .flatMap((reached) => (reached.state === "read" ? [reached.asOfMs] : []))
    .toSorted((left, right) => left - right);
  return valueOrStale(input, rows, oldest);
}

const shown = ({ consumer }: ViewInput, section: AnySection, placed: PlacedColumns): Column[] =>
  Object.entries(section.columns).flatMap(([name, column]) =>
    placed[name]?.[consumer] === "V" || placed[name]?.[consumer] === "M" ? [column] : [],
  );

/** What stands in place of a whole list, whether or not there is anything in it. */
function withheldList(input: ViewInput, section: AnySection, placed: PlacedColumns): Field<never> | undefined {
  const columns = shown(input, section, placed);
  const [first] = columns;
  if (first === undefined) {
    const isHidden = Object.values(placed).every((letters) => letters[input.consumer] === "H");
    return isHidden ? ABSENT : restricted(roleReason(section));
  }
  const states = columns.map((column) => reach(input, column).state);
  if (states.every((state) => state === "not-reached")) return restricted(reasonOf(input, first));
  return states.includes("failed") ? UNAVAILABLE : undefined;
}

/** A list that is empty because consent keeps its kind of record from the caller is not an empty list. */
function isLabelDenied({ ruling }: ViewInput, { label }: AnySection): boolean {
  if (label === undefined) return false;
  return !ruling.permits({ type: "DocumentReference", id: "", dataClass: "S", labels: [label] });
}

function renderField(
  input: ViewInput,
  section: AnySection,
  column: Column,
  placement: Placement,
  source: Source | undefined,
  isAged: boolean,
): Field {
  if (placement === "H") return ABSENT;
  if (placement === "R") return restricted(roleReason(section));
  const reached = reach(input, column);
  if (reached.state === "not-reached") return restricted(reasonOf(input, column));
  if (reached.state === "failed") return UNAVAILABLE;
  const value = source === undefined ? undefined : column.read(source);
  if (value === undefined) return source?.isRedacted === true ? restricted("consent") : ABSENT;
  if (placement === "M") {
    // A field without a mask is no field that some may see a part of.
    const masked = column.mask?.(value);
    if (masked === undefined) return restricted(roleReason(section));
    const aged = isAged ? valueOrStale(input, masked, reached.asOfMs) : undefined;
    return aged?.state === "stale" ? aged : { state: "masked", value: masked };
  }
  return isAged ? valueOrStale(input, value, reached.asOfMs) : { state: "value", value };
}

const valueOrStale = <T>({ nowMs }: ViewInput, value: T, asOfMs: number): Field<T> =>
  nowMs - asOfMs > STALE_AFTER_MS ? { state: "stale", value, asOf: toInstant(asOfMs) } : { state: "value", value };
