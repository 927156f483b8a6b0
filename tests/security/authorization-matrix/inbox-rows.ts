import { newTestId } from "../world.ts";
import type { Row } from "./rows.ts";
import type { Role } from "./scene.ts";

const CLINICIANS: readonly Role[] = ["physician", "nurse"];
const WORKERS: readonly Role[] = [...CLINICIANS, "front-desk", "billing"];
const unknown = newTestId();
const IF_MATCH = { "if-match": 'W/"1"' };

/** Of a record that does not exist, of a patient who does: who may, learns that it is not there. */
const look = (route: Row["route"], path: string, roles: readonly Role[]): Row => ({
  route,
  on: "one that does not exist",
  status: 404,
  roles,
  ask: ({ other }, by) => by.send("GET", path.replace("{id}", `${other}.${unknown}`)),
});
const act = (route: Row["route"], path: string, roles: readonly Role[], body?: object): Row => ({
  ...look(route, path, roles),
  ask: ({ other }, by) =>
    by.send("POST", path.replace("{id}", `${other}.${unknown}`), { headers: IF_MATCH, ...(body && { body }) }),
});
const begin = (category: string, roles: readonly Role[]): Row => ({
  route: "sendMessage",
  on: `a new thread that is ${category}`,
  status: 201,
  roles,
  ask: ({ other }, by) =>
    by.send("POST", "/clinic/messages", {
      body: { patient: other, topic: "A question", category, text: "Please call.", to: "patient" },
    }),
});
const give = (category: string, pool: string, roles: readonly Role[]): Row => ({
  route: "createTask",
  on: `one that is ${category}`,
  status: 201,
  roles,
  ask: ({ other }, by) =>
    by.send("POST", "/clinic/tasks", { body: { patient: other, title: "Call", category, owner: { pool } } }),
});

/** Everybody of the clinic works on messages of her kind; what is clinical, and results, are for who treats. */
export const INBOX: readonly Row[] = [
  {
    route: "readInbox",
    on: "one's own",
    status: 200,
    roles: WORKERS,
    ask: (_scene, by) => by.send("GET", "/clinic/inbox?scope=everyone"),
  },
  {
    route: "countInbox",
    on: "one's own",
    status: 200,
    roles: WORKERS,
    ask: (_scene, by) => by.send("GET", "/clinic/inbox/count"),
  },
  {
    route: "listMessages",
    on: "another patient",
    status: 200,
    roles: WORKERS,
    ask: ({ other }, by) => by.send("GET", `/clinic/patients/${other}/messages`),
  },
  look("readThread", "/clinic/messages/{id}", WORKERS),
  begin("clinical", CLINICIANS),
  begin("administrative", [...CLINICIANS, "front-desk"]),
  begin("billing", ["billing"]),
  act("receiveThread", "/clinic/messages/{id}/read", WORKERS),
  give("clinical", "nurse", CLINICIANS),
  give("administrative", "front-desk", [...CLINICIANS, "front-desk"]),
  look("readTask", "/clinic/tasks/{id}", WORKERS),
  act("changeTask", "/clinic/tasks/{id}/moves", WORKERS, { move: "accept" }),
  look("readResult", "/clinic/results/{id}", CLINICIANS),
  act("assignResult", "/clinic/results/{id}/task", CLINICIANS, { owner: { pool: "physician" } }),
  act("reviewResult", "/clinic/results/{id}/review", ["physician"], {}),
];
