import { newTestId } from "../world.ts";
import type { Row } from "./rows.ts";
import { ROLES, type Role } from "./scene.ts";

const CLINICIANS: readonly Role[] = ["physician", "nurse"];
/** The front desk has the office's papers: for what is clinical it gets the same answer as for what is not there. */
const FILERS: readonly Role[] = [...CLINICIANS, "front-desk"];
const unknown = newTestId();
const none = { on: "one that does not exist", status: 404 } as const;

const begin = (type: string, roles: readonly Role[]): Row => ({
  route: "beginUpload",
  on: type,
  status: 201,
  roles,
  ask: ({ other }, by) =>
    by.send("POST", "/clinic/document-uploads", {
      body: { patient: other, file: { name: "a.txt", type: "text/plain", sizeBytes: 3 }, type, title: "x" },
    }),
});

const at = (
  route: Row["route"],
  [method, path]: readonly [method: string, path: string],
  roles: readonly Role[],
  body?: object,
): Row => ({
  route,
  ...none,
  roles,
  ask: ({ other }, by) => by.send(method, path.replace("{id}", `${other}.${unknown}`), body ? { body } : {}),
});

const described = { version: 1, title: "x", type: "letter" };

/** Files are for who treats; the office's papers for who keeps the office, too. */
export const DOCUMENTS: readonly Row[] = [
  {
    route: "listDocuments",
    on: "another patient",
    status: 200,
    roles: FILERS,
    ask: ({ other }, by) => by.send("GET", `/clinic/patients/${other}/documents`),
  },
  begin("letter", CLINICIANS),
  begin("insurance-card", FILERS),
  at("readUpload", ["GET", "/clinic/document-uploads/{id}"], FILERS),
  at("sendPart", ["PUT", "/clinic/document-uploads/{id}/parts/0"], FILERS, { data: "YWJj" }),
  at("commitUpload", ["POST", "/clinic/document-uploads/{id}/commit"], FILERS),
  // What a record was before is for who treats alone.
  at("readDocument", ["GET", "/clinic/documents/{id}"], CLINICIANS),
  at("readContent", ["GET", "/clinic/documents/{id}/content"], FILERS),
  at("openPreview", ["POST", "/clinic/documents/{id}/preview"], FILERS, { use: "show" }),
  at("checkDocument", ["POST", "/clinic/documents/{id}/check"], FILERS),
  at("describeDocument", ["PUT", "/clinic/documents/{id}"], FILERS, described),
  at("withdrawDocument", ["POST", "/clinic/documents/{id}/withdraw"], FILERS, { version: 1, reason: "duplicate" }),
  {
    route: "redeemTicket",
    on: "at the API's own origin",
    status: 404,
    roles: ROLES,
    ask: (_scene, by) =>
      by.send("POST", "/document-content", {
        body: "ticket=x",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }),
  },
];
