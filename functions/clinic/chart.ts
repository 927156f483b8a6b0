import {
  addAllergy,
  addImmunization,
  addMedication,
  addProblem,
  BANNER_SECTIONS,
  changeItem,
  chartBanner,
  chartLists,
  correctVital,
  isPosition,
  itemHistory,
  LIST_TYPES,
  LISTS_SECTIONS,
  MAX_PAGE,
  moveItem,
  reconcileList,
  recordVitals,
  stateNoneKnown,
  TIMELINE_SECTIONS,
  timelineOf,
  vitalsSheet,
} from "../../core/chart/index.ts";
import type {
  AddAllergy,
  AddImmunization,
  AddMedication,
  AddProblem,
  ChangeItem,
  CorrectVital,
  ListName,
  MoveItem,
  Reconcile,
  RecordVitals,
  StateNoneKnown,
  TimelineKind,
} from "../../core/contract/chart.ts";
import { TIMELINE_KINDS } from "../../core/contract/chart.ts";
import type { Demand } from "../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { clinical, isWithheldByConsent, listIn, look, mustChart, openChart, patientIn, written } from "./chart/desk.ts";

/** Screens of a patient's chart, and what is written into it from them. */

/** GET /clinic/patients/{id}/banner */
async function readBanner(exchange: Exchange): Promise<Answer> {
  const { look: chart, viewed, headers } = await look(exchange, BANNER_SECTIONS);
  const { circumstances } = viewed.standing;
  const banner = chartBanner(chart, {
    hold: circumstances.hold,
    isWithheld: isWithheldByConsent(exchange, viewed),
    ...(circumstances.emergency !== undefined && { emergencyEndsAtMs: circumstances.emergency.expiresAtMs }),
  });
  return json(200, banner, headers);
}

/** GET /clinic/patients/{id}/lists */
async function readLists(exchange: Exchange): Promise<Answer> {
  const { look: chart, headers } = await look(exchange, LISTS_SECTIONS);
  return json(200, chartLists(chart), headers);
}

/** GET /clinic/patients/{id}/vitals */
async function readVitals(exchange: Exchange): Promise<Answer> {
  const { look: chart, headers } = await look(exchange, ["vitals"]);
  return json(200, vitalsSheet(chart), headers);
}

/** The kinds that `?kind=` names, or all of them. */
function kindsIn({ query }: Exchange): readonly TimelineKind[] {
  const named = query.getAll("kind").flatMap((text) => text.split(","));
  if (named.length === 0) return TIMELINE_KINDS;
  const isKnown = named.every((name) => TIMELINE_KINDS.some((kind) => kind === name));
  return isKnown
    ? TIMELINE_KINDS.filter((kind) => named.includes(kind))
    : fail({ kind: "structure", rule: "timeline-kind" });
}

const DEFAULT_PAGE = 30;

/** GET /clinic/patients/{id}/timeline?kind=&count=&cursor= */
async function readTimeline(exchange: Exchange): Promise<Answer> {
  const kinds = kindsIn(exchange);
  const cursor = exchange.query.get("cursor") ?? undefined;
  const asked = Number(exchange.query.get("count") ?? DEFAULT_PAGE);
  if (!Number.isInteger(asked) || asked < 1) return fail({ kind: "structure", rule: "timeline-kind" });
  if (cursor !== undefined && !isPosition(cursor)) return fail({ kind: "structure", rule: "cursor" });
  const { look: chart, headers } = await look(exchange, TIMELINE_SECTIONS);
  const page = timelineOf(chart, kinds, {
    count: Math.min(asked, MAX_PAGE),
    ...(cursor !== undefined && { position: cursor }),
  });
  return json(200, page, headers);
}

/** What a list is read with before something is written into it: its own records. */
const readingOf = (list: ListName, patientId: string): readonly Demand[] =>
  LIST_TYPES[list].map((type) => clinical("search", type, patientId));

const demandsFor = (action: "create" | "update", list: ListName, patientId: string): readonly Demand[] => [
  ...readingOf(list, patientId),
  ...LIST_TYPES[list].map((type) => clinical(action, type, patientId)),
];

/** GET /clinic/patients/{id}/lists/{list}/{item}/history */
async function readItemHistory(exchange: Exchange): Promise<Answer> {
  const list = listIn(exchange);
  const patientId = patientIn(exchange);
  const desk = await openChart(
    exchange,
    LIST_TYPES[list].map((type) => ({ ...clinical("history", type, patientId), classes: ["C", "S"] as const })),
  );
  return json(200, mustChart(await itemHistory(desk, list, exchange.path["item"] ?? "")));
}

/** POST: one handler for each list, because each has a body of its own. */
const adding =
  <T>(list: ListName, add: (desk: Awaited<ReturnType<typeof openChart>>, body: T) => Parameters<typeof written>[0]) =>
  async (exchange: Exchange): Promise<Answer> => {
    const desk = await openChart(exchange, demandsFor("create", list, patientIn(exchange)));
    return written(add(desk, exchange.body as T), 201);
  };

const addsProblem = adding<AddProblem>("problems", addProblem);
const addsMedication = adding<AddMedication>("medications", addMedication);
const addsImmunization = adding<AddImmunization>("immunizations", addImmunization);

/** An allergy that ends a statement changes a record beside the one that it adds. */
async function addsAllergy(exchange: Exchange): Promise<Answer> {
  const body = exchange.body as AddAllergy;
  const patientId = patientIn(exchange);
  const ending = body.endsNoneKnown === undefined ? [] : [clinical("update", "AllergyIntolerance", patientId)];
  const desk = await openChart(exchange, [...demandsFor("create", "allergies", patientId), ...ending]);
  return written(addAllergy(desk, body), 201);
}

/** To say it again is a new version of what was said: asked as both, because what there is shows only in the chart. */
async function statesNoneKnown(exchange: Exchange): Promise<Answer> {
  const patientId = patientIn(exchange);
  const desk = await openChart(exchange, [
    ...demandsFor("create", "allergies", patientId),
    clinical("update", "AllergyIntolerance", patientId),
  ]);
  return written(stateNoneKnown(desk, exchange.body as StateNoneKnown), 201);
}

/** PUT /clinic/patients/{id}/lists/items/{item} */
async function changesItem(exchange: Exchange): Promise<Answer> {
  const change = exchange.body as ChangeItem;
  const ifMatch = ifMatchOf(exchange);
  const desk = await openChart(exchange, demandsFor("update", change.list, patientIn(exchange)));
  return written(changeItem(desk, exchange.path["item"] ?? "", ifMatch, change), 200);
}

/** POST /clinic/patients/{id}/lists/{list}/{item}/moves */
async function movesItem(exchange: Exchange): Promise<Answer> {
  const list = listIn(exchange);
  const ifMatch = ifMatchOf(exchange);
  const desk = await openChart(exchange, demandsFor("update", list, patientIn(exchange)));
  return written(moveItem(desk, list, exchange.path["item"] ?? "", ifMatch, exchange.body as MoveItem), 200);
}

/** POST /clinic/patients/{id}/reconciliations */
async function reconcilesList(exchange: Exchange): Promise<Answer> {
  const request = exchange.body as Reconcile;
  const patientId = patientIn(exchange);
  const desk = await openChart(exchange, [
    ...demandsFor("create", request.list, patientId),
    ...LIST_TYPES[request.list].map((type) => clinical("update", type, patientId)),
    clinical("create", "Provenance", patientId),
    ...(request.source.kind === "document" ? [clinical("read", "DocumentReference", patientId)] : []),
  ]);
  return written(reconcileList(desk, request), 200);
}

const sheetDemands = (action: "create" | "update", patientId: string): readonly Demand[] => [
  { action: "read", type: "Patient", classes: ["D"], patientId },
  clinical("search", "Observation", patientId),
  clinical(action, "Observation", patientId),
];

/** POST /clinic/patients/{id}/vitals */
async function recordsVitals(exchange: Exchange): Promise<Answer> {
  const desk = await openChart(exchange, sheetDemands("create", patientIn(exchange)));
  return written(recordVitals(desk, exchange.body as RecordVitals), 201);
}

/** POST /clinic/patients/{id}/vitals/{item}/corrections */
async function correctsVital(exchange: Exchange): Promise<Answer> {
  const ifMatch = ifMatchOf(exchange);
  const desk = await openChart(exchange, sheetDemands("update", patientIn(exchange)));
  return written(correctVital(desk, exchange.path["item"] ?? "", ifMatch, exchange.body as CorrectVital), 200);
}

export const chartHandlers = {
  readBanner,
  readLists,
  readItemHistory,
  readTimeline,
  readVitals,
  addProblem: addsProblem,
  addAllergy: addsAllergy,
  stateNoneKnown: statesNoneKnown,
  addMedication: addsMedication,
  addImmunization: addsImmunization,
  changeItem: changesItem,
  moveItem: movesItem,
  reconcileList: reconcilesList,
  recordVitals: recordsVitals,
  correctVital: correctsVital,
};
