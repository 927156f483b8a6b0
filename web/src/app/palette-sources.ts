import { createStore } from "./store.ts";

export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  /** A word beside it, as "restricted". */
  readonly badge?: string;
  readonly run: () => void;
}

export interface PaletteSource {
  readonly id: string;
  /** What its findings are, over them. */
  readonly label: () => string;
  /** Asked from so many characters on; 0 also with none. */
  readonly fromCharacters: number;
  /** Shown only where the session can do this. */
  readonly needs?: string;
  /** What is typed may be a name: it goes into a request's body, and is kept nowhere. */
  readonly search: (text: string, signal: AbortSignal) => Promise<readonly PaletteItem[]>;
}

export const paletteSources = createStore<readonly PaletteSource[]>([]);

/** Adds findings to the palette. Gives what takes them out again. */
export function registerPaletteSource(source: PaletteSource): () => void {
  paletteSources.update((known) => [...known.filter(({ id }) => id !== source.id), source]);
  return () => paletteSources.update((known) => known.filter((other) => other !== source));
}
