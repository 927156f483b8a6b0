import { newTestId } from "../world.ts";
import type { Row } from "./rows.ts";
import type { Role } from "./scene.ts";

const CLINICIANS: readonly Role[] = ["physician", "nurse"];
const unknown = newTestId();
const section = { key: "call", title: "Call", text: "x" };
const template = {
  id: "call",
  name: "Call",
  type: "telephone",
  sections: [{ key: "call", title: "Call" }],
  asks: { vitals: "no", allergies: "no" },
};

/** One act to a note that does not exist, of a patient who does: who may, learns that it is not there. */
const act = (route: Row["route"], path: string, body: object, roles = CLINICIANS): Row => ({
  route,
  on: "one that does not exist",
  status: 404,
  roles,
  ask: ({ other }, by) => by.send("POST", `/clinic/notes/${other}.${unknown}/${path}`, { body }),
});
const look = (route: Row["route"], path: string): Row => ({
  route,
  on: "one that does not exist",
  status: 404,
  roles: CLINICIANS,
  ask: ({ other }, by) => by.send("GET", path.replace("{id}", `${other}.${unknown}`)),
});

/** Visits and notes are for who treats; the office does not even read them. */
export const ENCOUNTERS: readonly Row[] = [
  {
    route: "openVisit",
    on: "another patient",
    status: 201,
    roles: CLINICIANS,
    ask: ({ other }, by) => by.send("POST", "/clinic/visits", { body: { patient: other } }),
  },
  look("readVisit", "/clinic/visits/{id}"),
  {
    route: "changeVisit",
    on: "one that does not exist",
    status: 404,
    roles: CLINICIANS,
    ask: ({ other }, by) =>
      by.send("POST", `/clinic/visits/${other}.${unknown}/state`, { body: { to: "finished", version: 1 } }),
  },
  {
    route: "listVisits",
    on: "another patient",
    status: 200,
    roles: CLINICIANS,
    ask: ({ other }, by) => by.send("GET", `/clinic/patients/${other}/visits`),
  },
  {
    route: "startNote",
    on: "a visit that does not exist",
    status: 404,
    roles: CLINICIANS,
    ask: ({ other }, by) =>
      by.send("POST", "/clinic/notes", { body: { encounter: `${other}.${unknown}`, template: "telephone" } }),
  },
  look("readNote", "/clinic/notes/{id}"),
  look("listNoteVersions", "/clinic/notes/{id}/versions"),
  look("checkNote", "/clinic/notes/{id}/checks"),
  {
    route: "saveDraft",
    on: "one that does not exist",
    status: 404,
    roles: CLINICIANS,
    ask: ({ other }, by) =>
      by.send("PUT", `/clinic/notes/${other}.${unknown}`, { body: { version: 1, draft: 0, sections: [section] } }),
  },
  act("saveNote", "versions", { version: 1, draft: 0 }),
  act("signNote", "sign", { version: 1, draft: 0, isLocking: true }),
  act("coSignNote", "co-sign", { version: 1 }, ["physician"]),
  act("addendNote", "addenda", { version: 1 }),
  {
    ...act("unlockNote", "unlock", { version: 1, reason: { code: "other", text: "an exercise of the matrix" } }, []),
    on: "without showing both factors again",
  },
  act("discardNote", "discard", { version: 1, reason: "not-needed" }),
  {
    route: "listUnsigned",
    on: "one's own",
    status: 200,
    roles: CLINICIANS,
    ask: (_scene, by) => by.send("GET", "/clinic/unsigned-notes"),
  },
  {
    route: "readTemplates",
    on: "the clinic",
    status: 200,
    roles: ["physician", "nurse", "clinic-administrator"],
    ask: (_scene, by) => by.send("GET", "/clinic/note-templates"),
  },
  {
    route: "changeTemplates",
    on: "over a version that is not there",
    status: 409,
    roles: ["clinic-administrator"],
    ask: (_scene, by) =>
      by.send("PUT", "/clinic/note-templates", { body: { version: 99, templates: [template], snippets: [] } }),
  },
];
