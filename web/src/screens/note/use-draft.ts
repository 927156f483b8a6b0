import { useCallback, useEffect, useRef, useState } from "react";
import type { NoteView } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import { useConnection } from "../../app/connection.ts";
import { sessionState } from "../../app/session-state.ts";
import { createStore, useStore } from "../../app/store.ts";
import { begin, type DraftEvent, type DraftState, isKept, next, type Writing } from "./draft-state.ts";

/** A pause in writing after which it is saved; and the longest that a text waits while somebody goes on writing. */
const PAUSE_MS = 1_500;
const LONGEST_MS = 10_000;
const RETRY_MS = 10_000;

const failureOf = (thrown: unknown): "offline" | "failed" | "waiting" | "refused" => {
  if (!(thrown instanceof Problem)) return "failed";
  if (thrown.kind === "offline") return "offline";
  if (thrown.kind === "signed-out" || thrown.kind === "session-changed") return "waiting";
  const isClosed = ["business-rule", "forbidden", "not-found", "deleted", "locked"].includes(thrown.kind);
  return isClosed ? "refused" : "failed";
};

export interface Draft extends DraftState {
  readonly write: (writing: Writing) => void;
  readonly merge: (writing: Writing) => void;
  /** Saves what is not saved yet. True where the server holds all of it afterwards. */
  readonly flush: () => Promise<boolean>;
  /** Makes a version for others. */
  readonly saveVersion: () => Promise<boolean>;
  readonly current: () => DraftState;
}

/**
 * The author's text of a note: in memory as it is written, at the server after each pause. What could not be saved is kept
 * here and tried again, when the connection or the session is back, and in any case after a while.
 */
export function useDraft(note: NoteView): Draft {
  const [store] = useState(() => createStore(begin(note)));
  const state = useStore(store);
  const tell = useCallback((event: DraftEvent) => store.update((known) => next(known, event)), [store]);
  const sending = useRef<Promise<void> | undefined>(undefined);
  const [{ isOnline }, { status: session }] = [useConnection(), useStore(sessionState)];
  const { id } = note;

  const send = useCallback(async (): Promise<void> => {
    const { writing, held, change } = store.get();
    // A refusal that comes late would end the session that is begun meanwhile.
    if (sessionState.get().status !== "active") {
      tell({ kind: "failed", as: "waiting" });
      return;
    }
    tell({ kind: "sent" });
    try {
      const body = { ...held, sections: [...writing.sections], attested: [...writing.attested] };
      const answer = await call("saveDraft", { path: { id }, body });
      tell({ kind: "answered", answer, change });
    } catch (thrown) {
      tell({ kind: "failed", as: failureOf(thrown) });
    }
  }, [id, store, tell]);

  const save = useCallback((): Promise<void> => {
    // One at a time: the next goes on from what the one before was answered.
    sending.current ??= send().finally(() => {
      sending.current = undefined;
    });
    return sending.current;
  }, [send]);

  const flush = useCallback(async (): Promise<boolean> => {
    // What is written while a saving is on its way is saved by the next.
    for (let tries = 0; tries < 3; tries += 1) {
      if (isKept(store.get().status) || store.get().status === "conflict") break;
      await save();
    }
    return isKept(store.get().status);
  }, [save, store]);

  const isDue = state.status === "dirty";
  const waitsSince = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (!isDue) {
      waitsSince.current = undefined;
      return undefined;
    }
    waitsSince.current ??= Date.now();
    const left = Math.max(0, waitsSince.current + LONGEST_MS - Date.now());
    const timer = setTimeout(() => void save(), Math.min(PAUSE_MS, left));
    return () => clearTimeout(timer);
  }, [isDue, state.change, save]);

  const { status } = state;
  useEffect(() => {
    const isHeldUp = status === "offline" || status === "failed" || status === "waiting";
    if (!isHeldUp || session !== "active") return undefined;
    if ((status === "offline" && isOnline) || status === "waiting") {
      void save();
      return undefined;
    }
    const timer = setTimeout(() => void save(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [status, isOnline, session, save]);

  const saveVersion = useCallback(async (): Promise<boolean> => {
    if (!(await flush())) return false;
    try {
      const answer = await call("saveNote", { path: { id }, body: store.get().held });
      if (answer.state === "saved") tell({ kind: "versioned", version: answer.version });
      else tell({ kind: "answered", answer, change: store.get().change });
      return answer.state === "saved";
    } catch {
      return false;
    }
  }, [flush, id, store, tell]);

  return {
    ...state,
    write: useCallback((writing: Writing) => tell({ kind: "written", writing }), [tell]),
    merge: useCallback((writing: Writing) => tell({ kind: "merged", writing }), [tell]),
    flush,
    saveVersion,
    current: useCallback(() => store.get(), [store]),
  };
}
