import {
  type AdminPeopleAnswers,
  type ChangeRoles,
  type CodeView,
  ENROLMENT_CODE_TTL_MS,
  type InvitePerson,
  type PeopleAct,
  showCode,
  StaffRole,
} from "../../core/contract/index.ts";
import { codeDigestOf, newEnrolmentCode } from "../../core/identity/enrolment.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { isId, newId } from "../../core/kernel/ids.ts";
import { openLogin, openName, type PeopleFailure, peopleEdits, type Person, userKey } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { act, look, type Office, once, openOffice, zone } from "./context.ts";
import { detailOf, type Known, type Sight, summaryOf } from "./person-view.ts";

async function sightOf({ identity, people }: Office): Promise<Sight> {
  const { principal, privacy } = identity;
  const { privacyOfficers } = privacy;
  return { actorId: principal.userId, nowMs: systemClock.now(), privacyOfficers, all: await people.list() };
}

/** What the clinic calls a person: opened for who is shown, and for nobody else. */
async function knownAs({ open }: Office, { member, account }: Person): Promise<Known> {
  const name = await openName(open, member);
  const login = account === undefined ? undefined : await openLogin(open, account);
  // A clinic whose keys are suspended or gone shows nobody.
  if (!name.ok || login?.ok === false) return fail({ kind: "forbidden" });
  return { name: name.value, ...(login === undefined ? {} : { login: login.value }) };
}

/** An id of another clinic and one that never was are the same: there is nobody here by it. */
function personIn({ all }: Sight, id: string | undefined): Person {
  const found = all.find(({ member }) => member.userId === id);
  return found ?? fail({ kind: "not-found" });
}

function failPeople(failure: PeopleFailure): never {
  return fail(
    failure.kind === "business-rule" ? { kind: "business-rule", rule: failure.rule } : { kind: failure.kind },
  );
}

const etag = (version: number): Record<string, string> => ({ etag: `W/"${String(version)}"` });
const detail = async (office: Office, id: string) => {
  const sight = await sightOf(office);
  const person = personIn(sight, id);
  return detailOf(person, await knownAs(office, person), sight);
};
const answer = async (office: Office, id: string): Promise<Answer> => {
  const person = await detail(office, id);
  return json(200, person, etag(person.version));
};

async function listStaff(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  return look(office, { entities: [{ type: "Membership" }] }, async () => {
    const sight = await sightOf(office);
    const people = (
      await Promise.all(sight.all.map(async (person) => summaryOf(person, await knownAs(office, person), sight)))
    ).toSorted((left, right) => left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1));
    return json(200, { people, grantable: StaffRole.options } satisfies AdminPeopleAnswers["listStaff"]);
  });
}

const named = (id: string) => (isId(id) ? [{ type: "User", id }] : []);

async function readPerson(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const id = exchange.path["id"] ?? "";
  return look(office, { entities: named(id) }, () => answer(office, id));
}

const codeView = (code: string, expiresAtMs: number): CodeView => ({
  code: showCode(code),
  expiresAt: toInstant(expiresAtMs),
});

/** What is kept of an answer that showed a code: whom it was about, and neither name nor code. */
function withoutCode(kept: Answer): Answer {
  const { person } = JSON.parse(kept.body ?? "{}") as AdminPeopleAnswers["invitePerson"];
  return { ...kept, body: JSON.stringify({ person: { id: person.id } }) };
}

/** An answer as it was kept, with the person as she is now. */
async function shownAgain(office: Office, kept: Answer): Promise<Answer> {
  if (kept.headers?.["idempotency-replayed"] === undefined) return kept;
  const { person } = JSON.parse(kept.body ?? "{}") as { readonly person: { readonly id: string } };
  return { ...kept, body: JSON.stringify({ person: await detail(office, person.id) }) };
}

async function invitePerson(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const asked = exchange.body as InvitePerson;
  const { userId: actorId } = office.identity.principal;
  const effect = async (): Promise<Answer> => {
    const id = newId(systemClock.now());
    const told = { entities: [{ type: "User", id }], detail: { roles: asked.roles } };
    return act(office, told, async () => {
      const code = newEnrolmentCode();
      const invited = await office.people.invite(actorId, id, asked, codeDigestOf(code));
      if (!invited.ok) return failPeople(invited.error);
      const person = await detail(office, id);
      const enrolment = codeView(code, invited.value.expiresAtMs);
      return json(201, { person, enrolment } satisfies AdminPeopleAnswers["invitePerson"], etag(person.version));
    });
  };
  return shownAgain(office, await once(office, effect, withoutCode));
}

/** A change of one person over the version that was seen. What it was before and is after goes into the event, in codes. */
async function change(
  exchange: Exchange,
  kind: Exclude<PeopleAct, "code">,
  edit: Parameters<Office["people"]["act"]>[1],
  wanted?: readonly string[],
): Promise<Answer> {
  const office = await openOffice(exchange);
  const userId = exchange.path["id"] ?? "";
  const seenRev = ifMatchOf(exchange);
  const before = personIn(await sightOf(office), userId).member;
  const { userId: actorId } = office.identity.principal;
  const told = {
    entities: named(userId),
    detail: { before: before.roles, ...(wanted === undefined ? { state: before.status } : { roles: wanted }) },
  };
  return act(office, told, async () => {
    const asked = { act: kind, actorId, userId, seenRev, ...(wanted !== undefined && { wanted }) };
    const done = await office.people.act(asked, edit);
    return done.ok ? answer(office, userId) : failPeople(done.error);
  });
}

const changePersonRoles: Handle = (exchange) => {
  const { roles } = exchange.body as ChangeRoles;
  return change(exchange, "roles", peopleEdits.roles(roles), roles);
};

/** Whether the account opens another clinic: only where to look is read of it, and nothing of that clinic. */
async function isElsewhere({ principal }: Office["identity"], userId: string): Promise<boolean> {
  const rows = await zone.registry.query(userKey(userId).pk);
  return rows.some(({ sk }) => sk.startsWith("M#") && sk !== `M#${principal.tenantId}`);
}

async function issueCode(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const userId = exchange.path["id"] ?? "";
  const { principal } = office.identity;
  const effect = async (): Promise<Answer> => {
    personIn(await sightOf(office), userId);
    const elsewhere = await isElsewhere(office.identity, userId);
    return act(office, { entities: named(userId) }, async () => {
      const code = newEnrolmentCode();
      const asked = { act: "code", actorId: principal.userId, userId, isElsewhere: elsewhere } as const;
      const done = await office.people.act(asked, peopleEdits.code(codeDigestOf(code)));
      if (!done.ok) return failPeople(done.error);
      const person = await detail(office, userId);
      const enrolment = codeView(code, systemClock.now() + ENROLMENT_CODE_TTL_MS);
      return json(200, { person, enrolment } satisfies AdminPeopleAnswers["issueCode"], etag(person.version));
    });
  };
  return shownAgain(office, await once(office, effect, withoutCode));
}

export const peopleHandlers = {
  listStaff,
  readPerson,
  invitePerson,
  changePersonRoles,
  endAccess: (exchange) => change(exchange, "end", peopleEdits.end),
  restoreAccess: (exchange) => change(exchange, "restore", peopleEdits.restore),
  endPersonSignIns: (exchange) => change(exchange, "end-sign-ins", peopleEdits["end-sign-ins"]),
  issueCode,
} as const satisfies Record<string, Handle>;
