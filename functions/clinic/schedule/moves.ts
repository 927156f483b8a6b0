import type { MovesView } from "../../../core/contract/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { resourceOf } from "../../../core/record/index.ts";
import { actorsOfVisit, dayBounds, movesOf, parseDay, visitOf } from "../../../core/schedule/index.ts";
import { parseRecordId } from "../../../core/table/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must } from "../../records/failures.ts";
import { failTold } from "../act.ts";
import { openCharts } from "../charts.ts";
import { clinicFor } from "../clinic-profile.ts";
import { on } from "./board.ts";

const MAX_LANES = 40;
const LANE_TYPES = { provider: "Practitioner", room: "Location" } as const;

/** GET /clinic/appointments/{id}/moves/{day}: `by` says what the lanes are; a lane without a name is that of none. */
export async function findMoves(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const day = parseDay(exchange.path["day"] ?? "");
  if (day === undefined) return fail({ kind: "not-found" });
  const by = exchange.query.get("by");
  const named = exchange.query.getAll("lane");
  const isReadable = named.length > 0 && named.length <= MAX_LANES && named.every((lane) => lane === "" || isId(lane));
  if ((by !== "provider" && by !== "room") || !isReadable) return fail({ kind: "structure", rule: "free-times" });
  const patientId = patientOfId(id);
  const demands = [on("search", "Schedule"), on("read", "Appointment", patientId), on("read", "Patient", patientId)];
  const charts = await openCharts(exchange, demands, { type: "Appointment", id });
  const { records, recordGrant } = charts;
  const stored = must(await records.read(recordGrant, "Appointment", id));
  const visit = visitOf(resourceOf(stored), stored.version);
  if (visit === undefined) return fail({ kind: "not-found" });
  // Who has arrived cannot be at another time.
  if (visit.stage !== "booked") return failTold(charts, {}, { kind: "business-rule", rule: "step-refused" });
  const clinic = await clinicFor(exchange);
  const lanes = named.map((lane) => (lane === "" ? undefined : lane));
  const actors = [
    ...lanes.flatMap((lane) => (lane === undefined ? [] : [`${LANE_TYPES[by]}/${lane}`])),
    ...actorsOfVisit(visit),
  ];
  const { startMs, endMs } = dayBounds(clinic.timeZone, day);
  // What begins in the last minute reaches into the next day.
  const span = { startMs, endMs: endMs + visit.endMs - visit.startMs };
  const taken = must(await records.busy(recordGrant, actors, span, id));
  const view: MovesView = { lanes: movesOf(clinic, visit, { day, by, lanes }, taken, systemClock.now()) };
  return json(200, view);
}

const isId = (lane: string): boolean => parseRecordId(lane) !== undefined;
