import type { BeginBreakGlass, BreakGlassView, ReviewBreakGlass } from "../../core/contract/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { type Grant, grantForClinic } from "../../core/policy/index.ts";
import {
  beginBreakGlass as begin,
  type BreakGlass,
  endBreakGlass as end,
  findBreakGlass,
  listOpenReviews,
  reviewBreakGlass as review,
} from "../../core/privacy/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { noteEmergency } from "../runtime/emergency-marker.ts";
import { currentRequestId } from "../runtime/request-context.ts";
import { actOnce, failTold, tell, type Told } from "./act.ts";
import { type Affair, openAffair, openScope } from "./context.ts";
import { failureOf } from "./failures.ts";
import { checkPatient } from "./patients.ts";
import { namesOf } from "./people.ts";

function view(episode: BreakGlass, nowMs = systemClock.now()): BreakGlassView {
  const {
    id,
    userId,
    patientId,
    reasonCode,
    reasonText,
    beganAtMs,
    expiresAtMs,
    endedAtMs,
    review: reviewed,
  } = episode;
  const isOver = nowMs >= Math.min(expiresAtMs, endedAtMs ?? expiresAtMs);
  return {
    id,
    user: userId,
    patient: patientId,
    reason: { code: reasonCode, text: reasonText },
    beganAt: toInstant(beganAtMs),
    expiresAt: toInstant(expiresAtMs),
    state: reviewed !== undefined ? "reviewed" : isOver ? "ended" : "active",
    ...(endedAtMs === undefined ? {} : { endedAt: toInstant(endedAtMs) }),
    ...(reviewed === undefined
      ? {}
      : { review: { by: reviewed.by, at: toInstant(reviewed.atMs), outcome: reviewed.outcome, text: reviewed.note } }),
  };
}

async function find(affair: Affair, id: string) {
  const found = await findBreakGlass(affair.privacy, id);
  return found.ok ? found.value : failTold(affair, { entities: [{ type: "BreakGlass" }] }, failureOf(found.error));
}

const shown = async (affair: Affair, id: string): Promise<Answer> => json(200, view((await find(affair, id)).value));

const toldOf = (id: string, patientId: string): Told => ({
  patientId,
  entities: [
    { type: "BreakGlass", id },
    { type: "Patient", id: patientId },
  ],
});

/** The same affair under an emergency: its events name it, and its answer carries the red marker. */
function underEmergency(affair: Affair, emergency: NonNullable<Grant["emergency"]>): Affair {
  const grant = grantForClinic(affair.principal, affair.decision, affair.purpose, { emergency });
  return { ...affair, ...openScope(affair.exchange, grant) };
}

/**
 * Opens one patient's chart to one clinician for an hour at most. Policy has asked for the role, for a purpose of
 * treatment and for both factors moments ago; the event and the row that the review queue reads are one transaction.
 */
export async function beginBreakGlass(exchange: Exchange): Promise<Answer> {
  const { patient, reason, minutes } = exchange.body as BeginBreakGlass;
  const asked = await openAffair(exchange, { patientId: patient });
  await checkPatient(asked, patient, { patientId: patient, entities: [{ type: "BreakGlass" }], reason: reason.code });
  const nowMs = systemClock.now();
  const id = newId(nowMs);
  const affair = underEmergency(asked, { id, expiresAtMs: nowMs + minutes * 60_000 });
  return actOnce(asked, {
    under: affair,
    told: { ...toldOf(id, patient), reason: reason.code, detail: { reason: reason.text } },
    change: (marks) =>
      begin(
        affair.privacy,
        affair.principal,
        { id, patientId: patient, reasonCode: reason.code, reasonText: reason.text, minutes },
        marks,
      ),
    reference: id,
    answer: async (known) => {
      const { value } = await find(asked, known);
      const body = view(value);
      if (body.state === "active") noteEmergency(currentRequestId(), value);
      return json(201, body);
    },
  });
}

/** The review queue: every episode that nobody has looked back at yet, the oldest first. */
export async function listBreakGlass(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const open = await listOpenReviews(affair.privacy);
  if (!open.ok) return fail(failureOf(open.error));
  await tell(affair, { entities: [{ type: "BreakGlass" }], count: open.value.length });
  const nowMs = systemClock.now();
  const people = await namesOf(
    affair,
    open.value.map(({ episode }) => episode.userId),
  );
  return json(200, {
    episodes: open.value.map(({ episode, isOverdue }) => ({ ...view(episode, nowMs), isOverdue })),
    people,
  });
}

/** GET /clinic/break-glass/own: what is open to the caller now, the one that ends first at the front. */
export async function ownBreakGlass(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const open = await listOpenReviews(affair.privacy);
  if (!open.ok) return fail(failureOf(open.error));
  const nowMs = systemClock.now();
  const episodes = open.value
    .filter(({ episode }) => episode.userId === affair.principal.userId)
    .map(({ episode }) => view(episode, nowMs))
    .filter(({ state }) => state === "active")
    .toSorted((left, right) => (left.expiresAt < right.expiresAt ? -1 : 1));
  await tell(affair, { entities: [{ type: "BreakGlass" }], count: episodes.length });
  return json(200, { episodes });
}

const keepsTheQueue = ({ identity, principal }: Affair): boolean =>
  principal.roles.includes("clinic-administrator") || identity.privacy.privacyOfficers.includes(principal.userId);

/** Ends an episode before its time: one's own, or anybody's by who keeps the queue. */
export async function endBreakGlass(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const id = exchange.path["id"] ?? "";
  const episode = await find(affair, id);
  const told = toldOf(episode.value.id, episode.value.patientId);
  // To a colleague it is as unknown as one that never was.
  if (episode.value.userId !== affair.principal.userId && !keepsTheQueue(affair))
    return failTold(affair, told, { kind: "not-found" });
  return actOnce(affair, {
    told,
    change: (marks) => end(affair.privacy, episode, affair.principal, marks),
    reference: episode.value.id,
    answer: (known) => shown(affair, known),
  });
}

/** What came of an episode, said by somebody else, once, when it is over. */
export async function reviewBreakGlass(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { outcome, text } = exchange.body as ReviewBreakGlass;
  const episode = await find(affair, exchange.path["id"] ?? "");
  return actOnce(affair, {
    told: { ...toldOf(episode.value.id, episode.value.patientId), detail: { outcome, note: text } },
    change: (marks) => review(affair.privacy, episode, { by: affair.principal, outcome, note: text }, marks),
    reference: episode.value.id,
    answer: (known) => shown(affair, known),
  });
}
