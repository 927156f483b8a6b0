import * as z from "zod";
import { MESSAGE_CATEGORIES, type MessageCategory } from "../kernel/message-category.ts";
import { PLAIN_TEXT } from "./plain-text.ts";

/** Requests and answers of messages, tasks, results and the inbox that holds them. */

export { MESSAGE_CATEGORIES, type MessageCategory } from "../kernel/message-category.ts";

/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const line = z.string().trim().min(1).max(120);
export const MESSAGE_TEXT_MAX = 5_000;
const text = z.string().trim().min(1).max(MESSAGE_TEXT_MAX).regex(PLAIN_TEXT);
const comment = z.string().trim().min(1).max(1_000).regex(PLAIN_TEXT);

/** Whose work waits together: everybody of a role. */
export const POOLS = ["front-desk", "nurse", "physician", "billing"] as const;
export type Pool = (typeof POOLS)[number];

/** To whom something goes: a pool, or somebody of the clinic by her account. */
export const Assignee = z.union([z.strictObject({ pool: z.enum(POOLS) }), z.strictObject({ user: recordId })]);
export type Assignee = z.infer<typeof Assignee>;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
/** A day of the clinic, or a time on its clock; `occurrence` where the clock shows that time twice. */
export const ClinicMoment = z.strictObject({
  day,
  time: time.optional(),
  occurrence: z.enum(["first", "second"]).optional(),
});
export type ClinicMoment = z.infer<typeof ClinicMoment>;

export const PRIORITIES = ["routine", "urgent", "asap", "stat"] as const;
export type Priority = (typeof PRIORITIES)[number];

export const ITEM_KINDS = ["message", "task", "result", "note"] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** What a task can be about. */
export const LINK_TYPES = ["Appointment", "DocumentReference", "DiagnosticReport", "Communication"] as const;
export type LinkType = (typeof LINK_TYPES)[number];
export interface Link {
  readonly type: LinkType;
  readonly id: string;
}

/** A message: the first of a thread says its topic and category, and every other one keeps them. */
export const SendMessage = z.union([
  z.strictObject({
    patient: recordId,
    topic: line,
    category: z.enum(MESSAGE_CATEGORIES),
    text,
    /** `patient`, or whom of the clinic it goes to. */
    to: z.union([z.literal("patient"), Assignee]),
    priority: z.enum(PRIORITIES).default("routine"),
    /** What a new thread goes on from: forwarded, and of another category. Downwards it says why. */
    forwards: z.strictObject({ thread: recordId, reason: comment.optional() }).optional(),
  }),
  z.strictObject({
    thread: recordId,
    text,
    to: z.union([z.literal("patient"), Assignee]),
    /** Nothing more is to be done in the thread once this is sent. */
    closes: z.boolean().default(false),
  }),
]);
export type SendMessage = z.infer<typeof SendMessage>;

export const CreateTask = z.strictObject({
  /** Absent for what is about nobody: that is administrative. */
  patient: recordId.optional(),
  title: line,
  category: z.enum(MESSAGE_CATEGORIES),
  owner: Assignee,
  priority: z.enum(PRIORITIES).default("routine"),
  due: ClinicMoment.optional(),
  comment: comment.optional(),
  link: z.strictObject({ type: z.enum(LINK_TYPES), id: recordId }).optional(),
});
export type CreateTask = z.infer<typeof CreateTask>;

/** FHIR R4 valueset-task-status: those that a task of ours goes through. */
export const TASK_STATES = ["requested", "accepted", "in-progress", "completed", "cancelled", "failed"] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const TASK_MOVES = [
  "accept",
  "start",
  "complete",
  "cancel",
  "fail",
  "reopen",
  "assign",
  "snooze",
  "wake",
  "comment",
  "plan",
] as const;
export type TaskMove = (typeof TASK_MOVES)[number];

export const ChangeTask = z.discriminatedUnion("move", [
  z.strictObject({ move: z.enum(["accept", "start", "wake"]) }),
  z.strictObject({ move: z.literal("complete"), comment: comment.optional() }),
  z.strictObject({ move: z.enum(["cancel", "fail", "reopen"]), reason: comment }),
  z.strictObject({ move: z.literal("assign"), owner: Assignee, comment: comment.optional() }),
  z.strictObject({ move: z.literal("snooze"), until: ClinicMoment }),
  z.strictObject({ move: z.literal("comment"), comment }),
  z.strictObject({ move: z.literal("plan"), priority: z.enum(PRIORITIES), due: ClinicMoment.optional() }),
]);
export type ChangeTask = z.infer<typeof ChangeTask>;

/** Whose desk a result waits on, or until when it is put aside. */
export const AssignResult = z.strictObject({
  owner: Assignee.optional(),
  snooze: ClinicMoment.optional(),
  due: ClinicMoment.optional(),
  comment: comment.optional(),
});
export type AssignResult = z.infer<typeof AssignResult>;

/** Signs a result off; what follows from it is written in the same moment or not at all. */
export const ReviewResult = z.strictObject({
  comment: comment.optional(),
  followUp: z.strictObject({ title: line, owner: Assignee, due: ClinicMoment.optional() }).optional(),
  message: z.strictObject({ topic: line, text }).optional(),
});
export type ReviewResult = z.infer<typeof ReviewResult>;

/** Somebody who sends, owns or signs: of the clinic by name, a pool, or the patient herself. */
export type Party =
  | { readonly kind: "person"; readonly name: string; readonly isMe: boolean; readonly user?: string }
  | { readonly kind: "pool"; readonly pool: Pool; readonly isMine: boolean }
  | { readonly kind: "patient" }
  | { readonly kind: "other"; readonly name?: string };

export interface MessageView {
  readonly id: string;
  readonly version: number;
  readonly from: Party;
  readonly to: readonly Party[];
  readonly sentAt: string;
  readonly text: string;
  /** Who of those that it went to has opened it, and when. */
  readonly readBy: readonly { readonly by: Party; readonly at: string }[];
  /** True where it waits for who looks. */
  readonly isUnread: boolean;
}

/** `open` while something is to be done in it. */
export interface ThreadLine {
  readonly id: string;
  readonly patient: string;
  readonly topic: string;
  readonly category: MessageCategory;
  readonly state: "open" | "closed";
  readonly startedAt: string;
  readonly lastAt: string;
  readonly lastFrom: Party;
  readonly count: number;
  readonly unread: number;
  /** True where the patient takes part, and not the clinic's people alone. */
  readonly isWithPatient: boolean;
}

export interface ThreadView extends ThreadLine {
  readonly messages: readonly MessageView[];
  /** The work that waits in it, where who looks may see it. */
  readonly task?: TaskView;
  /** Of the thread that it was forwarded from. */
  readonly forwardedFrom?: string;
}

/** A day of the clinic's calendar, or an instant. */
export interface DueView {
  readonly at: string;
  readonly isDay: boolean;
  readonly isOverdue: boolean;
}

export interface TaskView {
  readonly id: string;
  readonly version: number;
  readonly kind: "message" | "task" | "result";
  readonly patient?: string;
  readonly title: string;
  readonly category: MessageCategory;
  readonly state: TaskState;
  readonly priority: Priority;
  readonly owner: Party;
  readonly requester: Party;
  readonly due?: DueView;
  readonly snoozedUntil?: string;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly endedAt?: string;
  /** Why it was ended or opened again. */
  readonly reason?: string;
  readonly link?: Link;
  readonly comments: readonly { readonly by: Party; readonly at: string; readonly text: string }[];
  /** What who looks may do to it now. */
  readonly may: readonly TaskMove[];
}

/** `critical`: outside of what can wait. http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation */
export const RESULT_FLAGS = ["normal", "low", "high", "abnormal", "critical-low", "critical-high", "critical"] as const;
export type ResultFlag = (typeof RESULT_FLAGS)[number];

export interface ResultValue {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly range?: string;
  readonly flag?: ResultFlag;
  /** What its laboratory says of it beside the value. */
  readonly note?: string;
}

export interface ResultReview {
  readonly by: Party;
  readonly at: string;
  readonly comment?: string;
}

export interface ResultView {
  readonly id: string;
  readonly version: number;
  readonly patient: string;
  readonly title: string;
  /** FHIR R4 valueset-diagnostic-report-status. */
  readonly status: string;
  readonly issuedAt?: string;
  readonly conclusion?: string;
  readonly flag?: ResultFlag;
  readonly values: readonly ResultValue[];
  /** Values that could not be shown to who looks. */
  readonly isPartial: boolean;
  readonly orderedBy?: Party;
  readonly owner: Party;
  readonly task?: TaskView;
  readonly review?: ResultReview;
  readonly may: readonly ("review" | "assign")[];
}

/** Who of the patients an item is about, as far as who looks may see her. */
export type ItemPatient =
  | {
      readonly state: "value";
      readonly id: string;
      readonly name: { readonly given: readonly string[]; readonly family: string };
      readonly birthDate?: string;
    }
  | { readonly state: "restricted"; readonly id: string };

/** A line of the inbox. `id` is that of the thread, the task, the report or the note. */
export interface InboxItem {
  readonly kind: ItemKind;
  readonly id: string;
  readonly title: string;
  readonly category: MessageCategory;
  readonly owner: Party;
  readonly priority: Priority;
  readonly at: string;
  readonly patient?: ItemPatient;
  readonly due?: DueView;
  readonly snoozedUntil?: string;
  readonly unread: number;
  readonly flag?: ResultFlag;
  /** The task by which it is assigned, put aside and done; a result that nobody assigned has none. */
  readonly task?: { readonly id: string; readonly version: number; readonly may: readonly TaskMove[] };
}

export const INBOX_SCOPES = ["mine", "team", "everyone"] as const;
export type InboxScope = (typeof INBOX_SCOPES)[number];

export interface InboxCounts {
  readonly open: number;
  readonly mine: number;
  readonly unread: number;
  readonly overdue: number;
  readonly snoozed: number;
  readonly byKind: Readonly<Record<ItemKind, number>>;
}

export interface InboxView {
  readonly items: readonly InboxItem[];
  readonly next?: string;
  /** Of the scope that was asked for, whatever else narrows the list. */
  readonly counts: InboxCounts;
  readonly pools: readonly Pool[];
  /** Kinds that policy keeps from who looks: whether there are any is not said. */
  readonly withheld: readonly ItemKind[];
  /** More results wait than can be listed: none of them is. */
  readonly hasTooManyResults: boolean;
}

/** What waits for who is signed in, for the menu. */
export interface InboxBadge {
  readonly waiting: number;
  readonly overdue: number;
}

export interface PatientMessagesView {
  readonly threads: readonly ThreadLine[];
  readonly tasks: readonly TaskView[];
  /** Categories that policy keeps from who looks: whether there are any is not said. */
  readonly withheld: readonly MessageCategory[];
}

export interface SentView {
  readonly thread: string;
  readonly message: string;
}

export interface ReviewedView {
  readonly result: ResultView;
  readonly task?: string;
  readonly thread?: string;
}

export interface InboxAnswers {
  readonly readInbox: InboxView;
  readonly countInbox: InboxBadge;
  readonly listMessages: PatientMessagesView;
  readonly readThread: ThreadView;
  readonly sendMessage: SentView;
  readonly receiveThread: ThreadView;
  readonly createTask: TaskView;
  readonly readTask: TaskView;
  readonly changeTask: TaskView;
  readonly readResult: ResultView;
  readonly assignResult: ResultView;
  readonly reviewResult: ReviewedView;
}
