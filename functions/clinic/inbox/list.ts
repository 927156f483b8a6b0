import {
  INBOX_SCOPES,
  type InboxScope,
  ITEM_KINDS,
  type ItemKind,
  MESSAGE_CATEGORIES,
  type PatientMessagesView,
  POOLS,
} from "../../../core/contract/index.ts";
import { CLASS_OF_CATEGORY } from "../../../core/fhir/index.ts";
import {
  countInbox as count,
  type InboxAsked,
  type InboxDesk,
  mailboxOf,
  readInbox as read,
  viewOfTask,
} from "../../../core/message/index.ts";
import { authorize, type Demand } from "../../../core/policy/index.ts";
import { parseRecordId } from "../../../core/table/index.ts";
import { type Answer, type Exchange, json, identityOf } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import type { Charts } from "../charts.ts";
import { standingOptions } from "../context.ts";
import { mayKnowPeople, membersOf } from "../people.ts";
import { mail, on, openWorking, personFor, reading, type StaffDesk } from "./desk.ts";

const PATIENTS: Demand = { action: "search", type: "Patient", classes: ["D"] };

/** What each kind looks at beside messages and tasks. */
const BEYOND: Readonly<Partial<Record<ItemKind, readonly Demand[]>>> = {
  result: [on("search", "DiagnosticReport"), on("search", "Observation"), on("search", "ServiceRequest")],
  // Notes are clinical, whatever else a document can be.
  note: [{ action: "search", type: "DocumentReference", classes: ["C", "S"] }],
};

/** Kinds that policy lets who asks see of many patients: of the others nothing is read. */
function kindsFor(exchange: Exchange): ReadonlySet<ItemKind> {
  const { principal } = identityOf(exchange);
  const options = standingOptions(exchange);
  return new Set(
    ITEM_KINDS.filter((kind) => {
      const beyond = BEYOND[kind];
      return beyond === undefined || authorize(principal, beyond, options).ok;
    }),
  );
}

async function inboxDesk(desk: StaffDesk, charts: Charts, sees: ReadonlySet<ItemKind>): Promise<InboxDesk> {
  const people = mayKnowPeople(charts) ? await membersOf(charts) : [];
  const staffed = new Set(people.filter(({ status }) => status === "active").flatMap(({ roles }) => roles));
  return { ...desk, sees, unstaffed: POOLS.filter((pool) => !staffed.has(pool)) };
}

function openInbox(exchange: Exchange, sees: ReadonlySet<ItemKind>) {
  const beyond = [...sees].flatMap((kind) => BEYOND[kind] ?? []);
  return openWorking(exchange, [...mail(), PATIENTS, ...beyond]);
}

const isScope = (value: string): value is InboxScope => (INBOX_SCOPES as readonly string[]).includes(value);

/** GET /clinic/inbox: `scope` is mine, team, everyone or the account of a colleague. */
export async function readInbox(exchange: Exchange): Promise<Answer> {
  const { query } = exchange;
  const scope = query.get("scope") ?? "team";
  const kind = query.get("kind") ?? undefined;
  const patient = query.get("patient") ?? undefined;
  const known = ITEM_KINDS.find((each) => each === kind);
  const isReadable =
    (kind === undefined || known !== undefined) &&
    (isScope(scope) || parseRecordId(scope) !== undefined) &&
    (patient === undefined || parseRecordId(patient) !== undefined);
  if (!isReadable) return fail({ kind: "structure", rule: "inbox-filter" });
  const sees = kindsFor(exchange);
  const view = await reading(
    () => openInbox(exchange, sees),
    async (desk, charts) => {
      const asked: InboxAsked = {
        scope: isScope(scope) ? scope : await colleague(charts, scope),
        kind: known,
        patient,
        isSnoozed: query.get("state") === "snoozed",
        cursor: query.get("cursor") ?? undefined,
      };
      return read(await inboxDesk(desk, charts, sees), asked);
    },
  );
  return json(200, view);
}

/** A colleague by her account; one who works here no more still has what waited for her. */
async function colleague(charts: Charts, user: string): Promise<Exclude<InboxAsked["scope"], InboxScope>> {
  const person = mayKnowPeople(charts) ? await personFor(charts, user) : undefined;
  return { user, ...(person?.practitionerId !== undefined && { practitionerId: person.practitionerId }) };
}

/** GET /clinic/inbox/count */
export async function countInbox(exchange: Exchange): Promise<Answer> {
  const sees = kindsFor(exchange);
  const badge = await reading(
    () => openInbox(exchange, sees),
    async (desk, charts) => count(await inboxDesk(desk, charts, sees)),
  );
  return json(200, badge);
}

/** GET /clinic/patients/{id}/messages */
export async function listMessages(exchange: Exchange): Promise<Answer> {
  const patient = exchange.path["id"] ?? "";
  const view = await reading(
    () => openWorking(exchange, mail(patient)),
    async (
      desk,
    ): Promise<
      { ok: true; value: PatientMessagesView } | Extract<Awaited<ReturnType<typeof mailboxOf>>, { ok: false }>
    > => {
      const found = await mailboxOf(desk, patient);
      if (!found.ok) return found;
      const { threads, tasks } = found.value;
      const withheld = MESSAGE_CATEGORIES.filter(
        (category) => !desk.grant.classes.includes(CLASS_OF_CATEGORY[category]),
      );
      return { ok: true, value: { threads, tasks: tasks.map((task) => viewOfTask(desk, task)), withheld } };
    },
  );
  return json(200, view);
}
