import type { DownloadOwnRecord, OwnDownload, OwnHome } from "../../core/contract/index.ts";
import { type ChartLook, lookAt } from "../../core/chart/index.ts";
import { oneField } from "../../core/chart/view-input.ts";
import type { Shown } from "../../core/contract/chart.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import {
  newMessagesIn,
  OWN_SECTIONS,
  ownNotes,
  ownRecord,
  ownResults,
  ownVisitsOf,
  readableRecord,
  readAllowance,
  recordBundle,
  responseIdOf,
  takeDownload,
} from "../../core/portal/index.ts";
import { clinicDay } from "../../core/schedule/clinic-time.ts";
import { chartOf, type SectionName } from "../../core/view/index.ts";
import { commit, failTold } from "../clinic/act.ts";
import { failureOf } from "../clinic/failures.ts";
import { viewChart, type Viewed } from "../clinic/viewing.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import type { RecordId } from "../../core/table/index.ts";
import { type Around, around, namesIn, ownPatient } from "./desk.ts";

interface Looking extends Around {
  readonly patientId: RecordId;
  readonly viewed: Viewed;
  readonly look: ChartLook;
}

const NOTHING = { record: false, change: false, reconcile: false } as const;

/** The own record as core/view places it for the patient. The record layer holds it to what is released. */
async function openRecord(exchange: Exchange, sections: readonly SectionName[]): Promise<Looking> {
  const patientId = await ownPatient(exchange);
  const viewed = await viewChart(exchange, patientId, sections);
  const at = await around(exchange, viewed.affair);
  const { input } = viewed;
  const zone = at.clinic.timeZone;
  const today = clinicDay(zone, at.nowMs);
  const look = lookAt(input, sections, { may: NOTHING, today, zone });
  return { ...at, patientId, viewed, look };
}

/** GET /patient/record */
async function readOwnRecord(exchange: Exchange): Promise<Answer> {
  const { look } = await openRecord(exchange, OWN_SECTIONS);
  return json(200, ownRecord(look));
}

const DAY_MS = 86_400_000;
const NEW_FOR_MS = 30 * DAY_MS;
const RESULTS_SHOWN = 5;

type HomeResult = OwnHome["results"][number];

function newest(look: ChartLook, nowMs: number): readonly HomeResult[] {
  const rows = <T extends { readonly id: string; readonly date?: string }>(
    list: Shown<readonly T[]>,
    row: (item: T) => Pick<HomeResult, "kind" | "name">,
  ): HomeResult[] =>
    list.state !== "value"
      ? []
      : list.value.map((item) => ({ id: item.id, ...row(item), ...(item.date !== undefined && { date: item.date }) }));
  const found = [
    ...rows(ownResults(look), ({ name }) => ({ kind: "result", name })),
    ...rows(ownNotes(look), ({ title }) => ({ kind: "note", name: title })),
  ];
  const ageOf = ({ date }: HomeResult): number => nowMs - Date.parse(date ?? "1900-01-01");
  return found
    .filter((one) => ageOf(one) <= NEW_FOR_MS)
    .toSorted((one, other) => ageOf(one) - ageOf(other))
    .slice(0, RESULTS_SHOWN);
}

/** GET /patient/home: what waits for her, from one reading of the record. */
async function readOwnHome(exchange: Exchange): Promise<Answer> {
  const looking = await openRecord(exchange, ["banner", "appointments", "results", "notes"]);
  const { patientId, settings, clinic, nowMs, look, viewed } = looking;
  const names = namesIn(viewed.input.records);
  const chart = chartOf(viewed.input);
  const { upcoming } = ownVisitsOf({ clinic, settings, names, nowMs }, chart.of("Appointment"));
  const [nextVisit] = upcoming;
  const sent = new Set(chart.of("QuestionnaireResponse").map(({ id }) => id));
  const forms = settings.forms.filter((form) => form.isActive && !sent.has(responseIdOf(form, patientId)));
  const answer: OwnHome = {
    greeting: oneField(look, "banner", "name") as Shown<string>,
    forms: forms.map(({ id, edition, title }) => ({ id, edition, title, state: "to-fill" })),
    newMessages: newMessagesIn(chart.of("Communication"), patientId),
    results: newest(look, nowMs),
    ...(nextVisit !== undefined && { nextVisit }),
  };
  return json(200, answer);
}

/**
 * POST /patient/record/download: the record as a page to read or as FHIR, made for this request and kept nowhere. Five in
 * a day, counted in the transaction of the event that tells of it.
 */
async function downloadOwnRecord(exchange: Exchange): Promise<Answer> {
  const { format, language } = exchange.body as DownloadOwnRecord;
  const looking = await openRecord(exchange, OWN_SECTIONS);
  const { patientId, viewed, clinic, look } = looking;
  const { affair, input } = viewed;
  // A part that is away for the moment would be missing for good from what she keeps.
  if (Object.values(input.readings).some(({ state }) => state === "failed")) return fail({ kind: "unavailable" });
  const nowMs = systemClock.now();
  const told = {
    patientId,
    entities: [{ type: "Patient", id: patientId }, { type: "Bundle" }],
    count: input.records.length,
  };
  const allowance = await readAllowance(affair.privacy, patientId, nowMs);
  if (!allowance.ok) return fail(failureOf(allowance.error));
  const { left, retryAfterMs } = allowance.value;
  if (left <= 0) return failTold(affair, told, { kind: "throttled", retryAfterMs });
  const taken = await commit(affair, told, (marks) =>
    takeDownload(affair.privacy, patientId, allowance.value, nowMs, marks),
  );
  if (!taken.ok) return failTold(affair, told, { kind: "conflict" });
  const options = { language, clinic: clinic.profile.name, zone: clinic.timeZone };
  const files: Readonly<Record<DownloadOwnRecord["format"], () => Omit<OwnDownload, "left">>> = {
    readable: () => ({
      name: "health-record.html",
      mediaType: "text/html",
      content: readableRecord(ownRecord(look), options),
    }),
    fhir: () => ({
      name: "health-record.json",
      mediaType: "application/fhir+json",
      content: JSON.stringify(recordBundle(input.records, nowMs)),
    }),
  };
  return json(200, { ...files[format](), left: left - 1 } satisfies OwnDownload);
}

export const recordHandlers = { readOwnRecord, readOwnHome, downloadOwnRecord };
