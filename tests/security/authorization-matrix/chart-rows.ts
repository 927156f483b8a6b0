import { newTestId } from "../world.ts";
import type { Row } from "./rows.ts";
import type { Role } from "./scene.ts";

const CLINICIANS: readonly Role[] = ["physician", "nurse"];
/** A screen of the chart is a view: whoever has one gets it, with states where a part is withheld. */
const VIEWERS: readonly Role[] = ["physician", "nurse", "front-desk", "billing", "integration"];
const unknown = newTestId();
const seen = { "if-match": 'W/"1"' };

const looks = (route: Row["route"], path: string): readonly Row[] => [
  {
    route,
    on: "Patient",
    status: 200,
    roles: [...VIEWERS, "patient"],
    ask: ({ own }, by) => by.send("GET", `/clinic/patients/${own}/${path}`),
  },
  {
    route,
    on: "another patient",
    status: 200,
    roles: VIEWERS,
    ask: ({ other }, by) => by.send("GET", `/clinic/patients/${other}/${path}`),
  },
];

/** Something of its own with each asking, so that nothing is on the list already. */
let asked = 0;
const adds = (route: Row["route"], path: string, body: (text: string) => object): Row => ({
  route,
  on: "another patient",
  status: 201,
  roles: CLINICIANS,
  ask: ({ other }, by) => {
    asked += 1;
    return by.send("POST", `/clinic/patients/${other}/${path}`, { body: body(`matrix ${asked}`) });
  },
});

/** A change to an item that does not exist, of a patient who does: who may, learns that it is not there. */
const changes = (route: Row["route"], method: string, path: string, body: object): Row => ({
  route,
  on: "one that does not exist",
  status: 404,
  roles: CLINICIANS,
  ask: ({ other }, by) =>
    by.send(method, `/clinic/patients/${other}/${path.replace("{id}", `${other}.${unknown}`)}`, {
      body,
      headers: seen,
    }),
});

/** A chart's lists and vitals: looked at by roles as states, written by who treats. */
export const CHART: readonly Row[] = [
  ...looks("readBanner", "banner"),
  ...looks("readLists", "lists"),
  ...looks("readVitals", "vitals"),
  ...looks("readTimeline", "timeline"),
  adds("addProblem", "lists/problems", (text) => ({ problem: { text } })),
  {
    ...adds("stateNoneKnown", "lists/allergies/none-known", () => ({})),
    on: "another patient, whose allergies nobody has asked for",
  },
  {
    ...adds("addAllergy", "lists/allergies", (text) => ({ substance: { text } })),
    on: "another patient, of whom it is stated that none are known",
    status: 422,
  },
  adds("addMedication", "lists/medications", (text) => ({ kind: "reported", medication: { text } })),
  adds("addImmunization", "lists/immunizations", (text) => ({
    vaccine: { text },
    status: "completed",
    source: "reported",
    date: "2026-01-05",
  })),
  changes("changeItem", "PUT", "lists/items/{id}", { list: "problems", content: { problem: { text: "x" } } }),
  changes("moveItem", "POST", "lists/problems/{id}/moves", { move: "resolve" }),
  changes("correctVital", "POST", "vitals/{id}/corrections", { reason: "an exercise of the matrix" }),
  {
    route: "readItemHistory",
    on: "one that does not exist",
    status: 404,
    roles: CLINICIANS,
    ask: ({ other }, by) => by.send("GET", `/clinic/patients/${other}/lists/problems/${other}.${unknown}/history`),
  },
  {
    route: "reconcileList",
    on: "another patient, with nothing decided",
    status: 422,
    roles: CLINICIANS,
    ask: ({ other }, by) =>
      by.send("POST", `/clinic/patients/${other}/reconciliations`, {
        body: { list: "problems", source: { kind: "patient" }, decisions: [] },
      }),
  },
  {
    route: "recordVitals",
    on: "another patient, with a value that nobody has",
    status: 422,
    roles: CLINICIANS,
    ask: ({ other }, by) =>
      by.send("POST", `/clinic/patients/${other}/vitals`, {
        body: { entries: [{ measure: "heart-rate", value: "900", unit: "/min" }] },
      }),
  },
];
