import type { AuditEvent } from "../audit/event.ts";
import { patientOfId } from "../fhir/index.ts";
import { patientsOf } from "./index-row.ts";
import { opaqueName } from "./opaque-name.ts";
import type { Touch } from "./touch.ts";

/** What the watch needs of an event. */
export type WatchedEvent = Pick<
  AuditEvent,
  | "id"
  | "tenant"
  | "at"
  | "action"
  | "interaction"
  | "outcome"
  | "service"
  | "actor"
  | "purpose"
  | "patient"
  | "entities"
  | "count"
  | "classes"
  | "request"
  | "emergency"
  | "delegation"
  | "decision"
  | "writer"
>;

/** Of one patient's chart, whole: these say so by naming the patient. */
const WHOLE_CHART: ReadonlySet<string> = new Set(["everything", "view.read"]);
/** About one record, by its name. */
const ONE_RECORD: ReadonlySet<string> = new Set(["read", "vread", "history", "create", "update", "delete"]);
/** What policy may have to read of the patient to know whether somebody treats her. */
const RELATIONSHIP: ReadonlySet<string> = new Set(["CareTeam", "Appointment", "Encounter"]);
/** Exports are of many patients, and say at their start of which classes. */
const isExport = ({ interaction }: WatchedEvent): boolean =>
  interaction === "export" || interaction.startsWith("export.");

/** How many rows of one unnamed record an attempt may open: its classes, and the marker it left. */
const UNNAMED_RECORDS_MAX = 1;

/**
 * What the events of one request explain. An event explains what it says was touched, and what must be read to say it;
 * an event of one record explains no other record, and one of a patient no other patient.
 */
export class Coverage {
  readonly #events: readonly WatchedEvent[];
  readonly #unnamed = new Set<string>();

  constructor(events: readonly WatchedEvent[]) {
    this.#events = events;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  explains(touch: Touch): boolean {
    // Whether a job waits is looked for by the minute, and tells nothing of a chart.
    if (touch.kind === "job") return true;
    return this.#events.some((event) => this.#explainedBy(event, touch));
  }

  #explainedBy(event: WatchedEvent, touch: Touch): boolean {
    if (touch.tenantId !== undefined && touch.tenantId !== event.tenant) return false;
    switch (touch.kind) {
      case "strange":
        return false;
      case "job":
      case "plain":
      case "privacy":
      case "shared":
        return true;
      case "directory":
        return readsDirectory(event) || namesPatient(event, touch);
      case "chart":
        return this.#chart(event, touch);
    }
  }

  #chart(event: WatchedEvent, touch: Touch): boolean {
    const { type } = touch;
    if (isExport(event)) return touch.dataClass === undefined || event.classes.includes(touch.dataClass);
    if (!namesPatient(event, touch)) return this.#searchedAll(event, touch) || this.#attempted(event, touch);
    if (WHOLE_CHART.has(event.interaction) || event.interaction === "transaction") return true;
    // A query names its partition and not its rows: of the event's own patient it may be a history, or what policy reads.
    if (type === undefined || RELATIONSHIP.has(type)) return true;
    if (!ONE_RECORD.has(event.interaction)) return true;
    const names = event.entities.filter((entity) => entity.type === type);
    if (names.length === 0) return type === "Patient" && isWrite(event);
    if (touch.id === undefined) return true;
    const id = opaqueName(touch.id);
    return names.some((entity) => entity.id === undefined || opaqueName(entity.id) === id);
  }

  /** A search across patients says its type; whom it then shows, it names. */
  #searchedAll(event: WatchedEvent, touch: Touch): boolean {
    if (event.interaction !== "search" || event.patient !== undefined || event.outcome !== "success") return false;
    return touch.type === "Patient" && event.entities.some(({ type }) => type === "Patient");
  }

  /** An attempt at an id that is not ours names its type alone: it explains one record of that type and no second. */
  #attempted(event: WatchedEvent, touch: Touch): boolean {
    if (event.outcome === "success" || event.patient !== undefined || !ONE_RECORD.has(event.interaction)) return false;
    const isUnnamed = event.entities.some(({ type, id }) => id === undefined && type === touch.type);
    if (!isUnnamed || touch.id === undefined) return false;
    this.#unnamed.add(`${touch.type ?? ""}/${touch.id}`);
    return this.#unnamed.size <= UNNAMED_RECORDS_MAX;
  }
}

const isWrite = ({ action }: WatchedEvent): boolean => action === "C" || action === "U" || action === "D";

function namesPatient(event: WatchedEvent, { patient, id }: Touch): boolean {
  const names = patientsOf(event);
  if (patient !== undefined) return names.includes(opaqueName(patient));
  const own = id === undefined ? undefined : patientOfId(id);
  return own !== undefined && names.includes(own);
}

/** The directory is opened whole to find a patient in it. */
const readsDirectory = (event: WatchedEvent): boolean =>
  isExport(event) ||
  event.interaction === "transaction" ||
  event.interaction === "batch" ||
  (event.interaction === "search" && event.entities.some(({ type }) => type === "Patient"));
