import { currentSession } from "../../app/session-state.ts";
import { createStore } from "../../app/store.ts";

/**
 * What somebody has begun to write, by sign-in and thread, for as long as the page: it outlives another item, another
 * screen and a session that lapses, and is never stored.
 */
const drafts = createStore<ReadonlyMap<string, string>>(new Map());

const nameOf = (thread: string): string => {
  const session = currentSession();
  return `${session?.tenant.id ?? ""} ${session?.user.id ?? ""} ${thread}`;
};

export const draftOf = (thread: string): string => drafts.get().get(nameOf(thread)) ?? "";

export const keepDraft = (thread: string, text: string): void =>
  drafts.update((known) => {
    const next = new Map(known);
    if (text.trim() === "") next.delete(nameOf(thread));
    else next.set(nameOf(thread), text);
    return next;
  });
