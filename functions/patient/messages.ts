import type {
  AnswerOwnThread,
  BeginOwnThread,
  MessageCategory,
  OwnThreadBegun,
  OwnTopic,
  WishContact,
  WishVisit,
} from "../../core/contract/index.ts";
import { searchAll } from "../../core/encounter/desk.ts";
import type { FhirResource } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import type { Result } from "../../core/kernel/result.ts";
import {
  type MessageDesk,
  type MessageFailure,
  type Post,
  postMessage,
  receiveThread,
} from "../../core/message/index.ts";
import { contactWish, languageOf, ownThreads, ownThreadView, visitWish, type Wish } from "../../core/portal/index.ts";
import { effectOf } from "../clinic/charts.ts";
import { clinicFor } from "../clinic/clinic-profile.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { must, toFailure } from "../records/failures.ts";
import { directoryOf, type Own, openOwn, settingsFor } from "./desk.ts";

const MAIL_CLASSES = ["C", "B", "D"] as const;
const READ = { action: "search", type: "Communication", classes: MAIL_CLASSES } as const;
const WORK = { action: "search", type: "Task", classes: MAIL_CLASSES } as const;
const WRITE = [
  { action: "contribute", type: "Communication", classes: MAIL_CLASSES },
  { action: "contribute", type: "Task", classes: MAIL_CLASSES },
  READ,
  WORK,
] as const;
const RECEIVE = [{ action: "amend", type: "Communication", classes: MAIL_CLASSES }, READ, WORK] as const;

const mustMessage = <T>(result: Result<T, MessageFailure>): T => {
  if (result.ok) return result.value;
  const { error } = result;
  return fail(error.kind === "rule" ? { kind: "business-rule", rule: error.rule } : toFailure(error));
};

const mailOf = async ({ charts, patientId }: Own): Promise<readonly FhirResource[]> =>
  must(
    await searchAll({ records: charts.records, grant: charts.recordGrant }, "Communication", `patient=${patientId}`),
  );

/** GET /patient/threads */
async function listOwnThreads(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, [READ]);
  return json(200, { threads: ownThreads(await mailOf(own), own.patientId) });
}

async function threadAnswer(exchange: Exchange, own: Own): Promise<Answer> {
  const { showsStaffNames } = await settingsFor(own.charts);
  const options = { showsNames: showsStaffNames };
  const view = ownThreadView(await mailOf(own), own.patientId, exchange.path["id"] ?? "", options);
  return view === undefined ? fail({ kind: "not-found" }) : json(200, view);
}

/** GET /patient/threads/{id} */
const readOwnThread = async (exchange: Exchange): Promise<Answer> =>
  threadAnswer(exchange, await openOwn(exchange, [READ]));

async function deskOf(exchange: Exchange, { charts, patientId }: Own): Promise<MessageDesk> {
  const { timeZone } = await clinicFor(exchange);
  return {
    records: charts.records,
    grant: charts.recordGrant,
    me: { kind: "patient", patientId },
    clock: systemClock,
    timeZone,
    ...effectOf(exchange),
  };
}

/** Whether a thread is one that she takes part in: what she has no part in is as unknown to her as what never was. */
async function checkThread(exchange: Exchange, own: Own): Promise<string> {
  const thread = exchange.path["id"] ?? "";
  const view = ownThreadView(await mailOf(own), own.patientId, thread, { showsNames: false });
  return view === undefined ? fail({ kind: "not-found" }) : thread;
}

/** POST /patient/threads/{id}/receive */
async function receiveOwnThread(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, RECEIVE);
  const thread = await checkThread(exchange, own);
  mustMessage(await receiveThread(await deskOf(exchange, own), thread));
  return threadAnswer(exchange, own);
}

async function send(exchange: Exchange, own: Own, post: Post): Promise<Answer> {
  const { thread } = mustMessage(await postMessage(await deskOf(exchange, own), post));
  return json(201, { thread } satisfies OwnThreadBegun);
}

/** What is about health goes to those who treat, money to billing, all else to the desk. */
const CATEGORIES: Readonly<Record<OwnTopic, MessageCategory>> = {
  health: "clinical",
  visit: "administrative",
  billing: "billing",
  other: "administrative",
};
const TOPICS: Readonly<Record<"en" | "es", Readonly<Record<OwnTopic, string>>>> = {
  en: {
    health: "Health question",
    visit: "Question about a visit",
    billing: "Question about a bill",
    other: "Question",
  },
  es: {
    health: "Pregunta de salud",
    visit: "Pregunta sobre una visita",
    billing: "Pregunta sobre una cuenta",
    other: "Pregunta",
  },
};

/** POST /patient/threads */
async function beginOwnThread(exchange: Exchange): Promise<Answer> {
  const { topic, text } = exchange.body as BeginOwnThread;
  const own = await openOwn(exchange, WRITE);
  const { profile } = await clinicFor(exchange);
  const words = TOPICS[languageOf(profile.locale)];
  return send(exchange, own, {
    patientId: own.patientId,
    topic: words[topic],
    category: CATEGORIES[topic],
    text,
  });
}

/** POST /patient/threads/{id}/messages */
async function answerOwnThread(exchange: Exchange): Promise<Answer> {
  const { text } = exchange.body as AnswerOwnThread;
  const own = await openOwn(exchange, WRITE);
  const thread = await checkThread(exchange, own);
  return send(exchange, own, { thread, text });
}

const sendWish = (exchange: Exchange, own: Own, { topic, text }: Wish): Promise<Answer> =>
  send(exchange, own, { patientId: own.patientId, topic, category: "administrative", text });

/** POST /patient/visits/wishes: the desk finds it among its messages, and answers there. */
async function wishVisit(exchange: Exchange): Promise<Answer> {
  const wish = exchange.body as WishVisit;
  const own = await openOwn(exchange, WRITE);
  const { profile } = await clinicFor(exchange);
  const { provider: asked } = wish;
  const directory = asked === undefined ? undefined : await directoryOf(own.charts);
  const provider = directory?.names.get(`Practitioner/${asked ?? ""}`);
  return sendWish(exchange, own, visitWish(wish, provider, languageOf(profile.locale)));
}

/** POST /patient/contact/wishes: the desk checks what is asked for, and changes the record. */
async function wishContact(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, WRITE);
  const { profile } = await clinicFor(exchange);
  return sendWish(exchange, own, contactWish(exchange.body as WishContact, languageOf(profile.locale)));
}

export const messageHandlers = {
  listOwnThreads,
  readOwnThread,
  receiveOwnThread,
  beginOwnThread,
  answerOwnThread,
  wishVisit,
  wishContact,
};
