import type {
  AddendNote,
  CoSignNote,
  DiscardNote,
  SaveDraft,
  SaveNote,
  SignNote,
  StartNote,
  UnlockNote,
} from "../../../core/contract/index.ts";
import * as encounter from "../../../core/encounter/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import type { Demand } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { failureOf } from "../failures.ts";
import type { Said } from "../charts.ts";
import { clinical, must, openVisiting, reading, visiting, writing } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** The desk of one note, by its id. */
function openNote(exchange: Exchange, demandsOn: (patientId?: string) => readonly Demand[], why?: Said) {
  const id = idOf(exchange);
  return openVisiting(exchange, demandsOn(patientOfId(id)), { type: "DocumentReference", id }, why);
}

/** POST /clinic/notes: where a label is chosen, whoever chooses it may read and write there. */
export async function startNote(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as StartNote;
  const patientId = patientOfId(asked.encounter);
  const whose = patientId === undefined ? {} : { patientId };
  const own = { type: "DocumentReference", classes: [asked.label === undefined ? "C" : "S"], ...whose } as const;
  const labelled =
    asked.label === undefined ? [] : (["read", "create", "update"] as const).map((action) => ({ ...own, action }));
  const { charts, desk } = await openVisiting(
    exchange,
    [clinical("read", "Encounter", patientId), { ...own, action: "create" }, ...labelled],
    { type: "Encounter", id: asked.encounter },
  );
  const templates = await encounter.readTemplates(charts.privacy);
  if (!templates.ok) return fail(failureOf(templates.error));
  return json(201, must(await encounter.startNote(desk, asked, templates.value.value.templates)));
}

/** GET /clinic/notes/{id} */
export async function readNote(exchange: Exchange): Promise<Answer> {
  return json(
    200,
    await visiting(
      () => openNote(exchange, reading),
      (desk) => encounter.readNote(desk, idOf(exchange)),
    ),
  );
}

/** GET /clinic/notes/{id}/versions */
export async function listNoteVersions(exchange: Exchange): Promise<Answer> {
  const history = (patientId?: string) => [clinical("history", "DocumentReference", patientId)];
  const open = () => openNote(exchange, history);
  return json(200, await visiting(open, (desk) => encounter.listVersions(desk, idOf(exchange))));
}

/** GET /clinic/notes/{id}/checks */
export async function checkNote(exchange: Exchange): Promise<Answer> {
  return json(
    200,
    await visiting(
      () => openNote(exchange, reading),
      (desk) => encounter.checkNote(desk, idOf(exchange)),
    ),
  );
}

/** PUT /clinic/notes/{id} */
export async function saveDraft(exchange: Exchange): Promise<Answer> {
  const { desk } = await openNote(exchange, writing);
  return json(200, must(await encounter.saveDraft(desk, idOf(exchange), exchange.body as SaveDraft)));
}

/** POST /clinic/notes/{id}/versions */
export async function saveNote(exchange: Exchange): Promise<Answer> {
  const { desk } = await openNote(exchange, writing);
  return json(200, must(await encounter.saveNote(desk, idOf(exchange), exchange.body as SaveNote)));
}

/** POST /clinic/notes/{id}/sign */
export async function signNote(exchange: Exchange): Promise<Answer> {
  const { desk } = await openNote(exchange, writing);
  return json(200, must(await encounter.signNote(desk, idOf(exchange), exchange.body as SignNote)));
}

/** POST /clinic/notes/{id}/co-sign */
export async function coSignNote(exchange: Exchange): Promise<Answer> {
  const { desk } = await openNote(exchange, writing);
  return json(200, must(await encounter.coSignNote(desk, idOf(exchange), exchange.body as CoSignNote)));
}

/** POST /clinic/notes/{id}/addenda */
export async function addendNote(exchange: Exchange): Promise<Answer> {
  const adding = (patientId?: string) => [...writing(patientId), clinical("create", "DocumentReference", patientId)];
  const { desk } = await openNote(exchange, adding);
  return json(201, must(await encounter.addendNote(desk, idOf(exchange), exchange.body as AddendNote)));
}

/** POST /clinic/notes/{id}/unlock: its reason is in the event of what it writes, the words sealed. */
export async function unlockNote(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as UnlockNote;
  const { code, text } = asked.reason;
  const { desk } = await openNote(exchange, writing, { reason: code, detail: { reason: text } });
  return json(200, must(await encounter.unlockNote(desk, idOf(exchange), asked)));
}

/** POST /clinic/notes/{id}/discard */
export async function discardNote(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as DiscardNote;
  const { desk } = await openNote(exchange, writing, { reason: asked.reason });
  return json(200, must(await encounter.discardNote(desk, idOf(exchange), asked)));
}

/** GET /clinic/unsigned-notes */
export async function listUnsigned(exchange: Exchange): Promise<Answer> {
  const open = () => openVisiting(exchange, [clinical("search", "DocumentReference")]);
  return json(200, { notes: await visiting(open, (desk) => encounter.listUnsigned(desk)) });
}
