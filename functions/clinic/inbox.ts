import { countInbox, listMessages, readInbox } from "./inbox/list.ts";
import { readThread, receiveThread, sendMessage } from "./inbox/messages.ts";
import { assignResult, readResult, reviewResult } from "./inbox/results.ts";
import { changeTask, createTask, readTask } from "./inbox/tasks.ts";

/** Messages, tasks, results that wait, and the inbox that holds them. */
export const inboxHandlers = {
  readInbox,
  countInbox,
  listMessages,
  readThread,
  sendMessage,
  receiveThread,
  createTask,
  readTask,
  changeTask,
  readResult,
  assignResult,
  reviewResult,
};
