import { createStore, useStore } from "./store.ts";

interface State {
  readonly isOnline: boolean;
  /** When the server last answered anything, milliseconds since the epoch. */
  readonly lastAnswerMs: number | undefined;
}

const state = createStore<State>({
  isOnline: typeof navigator === "undefined" || navigator.onLine,
  lastAnswerMs: undefined,
});

/** Whether the server can be reached: what the browser says, and what the last request met. */
export const connection = {
  heard: (): void => state.set({ isOnline: true, lastAnswerMs: Date.now() }),
  lost: (): void => state.update((known) => (known.isOnline ? { ...known, isOnline: false } : known)),
  returned: (): void => state.update((known) => ({ ...known, isOnline: true })),
};

export const useConnection = (): State => useStore(state);
