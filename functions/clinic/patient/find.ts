import type { NoteRecentPatient, SearchPatients } from "../../../core/contract/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { noteRecent, rankOf, readSpoken, recentOf } from "../../../core/patient/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must } from "../../records/failures.ts";
import { commit, tell } from "../act.ts";
import { type Charts, openCharts } from "../charts.ts";
import { failureOf } from "../failures.ts";
import { patientDemand, readOne, rowsById, seenRow } from "./answers.ts";

const MAX_FOUND = 20;

/** POST /clinic/patients/search: best match first, at most twenty. Whoever is hidden is absent, and not counted. */
export async function searchPatients(exchange: Exchange): Promise<Answer> {
  const { text } = exchange.body as SearchPatients;
  const charts = await openCharts(exchange, [patientDemand("search")]);
  const terms = readSpoken(text, new Date(systemClock.now()).getUTCFullYear());
  const rank = (entry: Parameters<typeof rankOf>[0]): number => rankOf(entry, terms);
  const found = must(await charts.records.rankPatients(charts.recordGrant, rank, MAX_FOUND));
  const patients = found.entries.map(({ entry }) => seenRow(charts, entry));
  return json(200, { patients, total: found.total });
}

async function recentIds({ privacy, principal }: Charts): Promise<readonly string[]> {
  const ids = await recentOf(privacy, principal.userId);
  return ids.ok ? ids.value : fail(failureOf(ids.error));
}

/** GET /clinic/patients/recent: whom the caller opened last; one who is restricted since says no more than that. */
export async function recentPatients(exchange: Exchange): Promise<Answer> {
  const charts = await openCharts(exchange, [patientDemand("search")]);
  const ids = await recentIds(charts);
  // Where there is nobody to read, the records leave no event of their own.
  if (ids.length === 0) await tell(charts, { entities: [{ type: "Patient" }], count: 0 });
  return json(200, { patients: await rowsById(charts, ids) });
}

const answerRecent = async (charts: Charts): Promise<Answer> =>
  json(200, { patients: await rowsById(charts, await recentIds(charts)) });

/** POST /clinic/patients/recent: only of a patient who may be seen, so that it tells of nobody. */
export async function noteRecentPatient(exchange: Exchange): Promise<Answer> {
  const { patient } = exchange.body as NoteRecentPatient;
  const charts = await openCharts(exchange, [patientDemand("search"), patientDemand("read", patient)]);
  await readOne(charts, patient);
  const before = await recentOf(charts.privacy, charts.principal.userId);
  if (before.ok && before.value[0] === patient) return answerRecent(charts);
  const told = { patientId: patient, entities: [{ type: "Patient", id: patient }] };
  // Two that are opened at once: which of them comes first matters to nobody.
  await commit(charts, told, (marks) => noteRecent(charts.privacy, charts.principal.userId, patient, marks));
  return answerRecent(charts);
}
