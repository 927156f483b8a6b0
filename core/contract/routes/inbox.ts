import { AssignResult, ChangeTask, CreateTask, ReviewResult, SendMessage } from "../inbox.ts";
import type { Route } from "../route.ts";
import { clinicAct, clinicRead, clinicWrite } from "../route-kinds.ts";

/** The inbox, and the messages, tasks and results that stand in it. */
export const inboxRoutes = {
  readInbox: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/inbox",
    action: "inbox.read",
    summary: "What waits for the caller and for her pools",
  },
  countInbox: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/inbox/count",
    action: "inbox.read",
    summary: "How much waits for the caller",
  },
  listMessages: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/patients/{id}/messages",
    action: "message.read",
    summary: "A patient's messages and tasks",
  },
  readThread: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/messages/{id}",
    action: "message.read",
    summary: "A thread with its messages",
  },
  sendMessage: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/messages",
    action: "message.send",
    summary: "Sends a message in a thread or begins one",
    body: SendMessage,
  },
  receiveThread: {
    ...clinicAct,
    method: "POST",
    path: "/clinic/messages/{id}/read",
    action: "message.receive",
    idempotency: "natural",
    summary: "Marks what waits for the caller in a thread as read",
  },
  createTask: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/tasks",
    action: "task.create",
    body: CreateTask,
    summary: "Gives somebody something to do",
  },
  readTask: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/tasks/{id}",
    action: "task.read",
    summary: "A task with its comments",
  },
  changeTask: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/tasks/{id}/moves",
    action: "task.change",
    body: ChangeTask,
    summary: "Takes a task on, hands it over, puts it aside or ends it, with If-Match",
  },
  readResult: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/results/{id}",
    action: "result.read",
    summary: "A result with its values and its review",
  },
  assignResult: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/results/{id}/task",
    action: "result.assign",
    body: AssignResult,
    summary: "Says on whose desk a result waits, or until when it is put aside",
  },
  reviewResult: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/results/{id}/review",
    action: "result.review",
    body: ReviewResult,
    summary: "Signs a result off, with what follows from it; with If-Match",
  },
} as const satisfies Record<string, Route>;
