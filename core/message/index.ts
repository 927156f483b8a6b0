/** The door of core/message: messages, tasks, results that wait, and the inbox that holds them. */
export type { Answer, MessageDesk } from "./desk.ts";
export type { MessageFailure, MessageRule } from "./failure.ts";
export { type Me, type Owner } from "./parties.ts";
export { mailboxOf, type Post, postMessage, readThread, receiveThread, threadsOf } from "./threads.ts";
export { changeTask, createTask, type MoveAsked, readTask, viewOfTask } from "./tasks.ts";
export { patientOfResult } from "./bare-values.ts";
export { countInbox, type InboxAsked, type InboxDesk, readInbox } from "./inbox.ts";
export { type AssignAsked, assignResult, readResult, type ReviewAsked, reviewResult } from "./results.ts";
