import { useEffect, useEffectEvent } from "react";
import { createStore, type Store } from "./store.ts";

export interface Hotkey {
  /** `mod+k` (Ctrl, or Cmd on a Mac), `?`, `/`, or two keys one after the other: `g b`. */
  readonly keys: string;
  /** What it does, for the help sheet. */
  readonly label: string;
  readonly run: () => void;
}

/** What is bound now, for the help sheet. */
export const hotkeys = createStore<readonly Hotkey[]>([]);

/** WCAG 2.2, 2.1.4: shortcuts of one character can be switched off. Kept for as long as the page. */
export const characterKeys: Store<boolean> = createStore(true);

/** Binds a key. Gives what unbinds it. */
export function registerHotkey(hotkey: Hotkey): () => void {
  hotkeys.update((known) => [...known, hotkey]);
  return () => hotkeys.update((known) => known.filter((other) => other !== hotkey));
}

/** Binds a key for as long as a component is shown. */
export function useHotkey(keys: string, label: string, run: () => void, isEnabled = true): void {
  const press = useEffectEvent(run);
  useEffect(
    () => (isEnabled ? registerHotkey({ keys, label, run: () => press() }) : undefined),
    [keys, label, isEnabled],
  );
}

const SEQUENCE_MS = 1_200;
const NOT_TYPED_INTO: ReadonlySet<string> = new Set(["button", "checkbox", "radio", "submit", "reset", "file"]);

/** True where a key is text that somebody types. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !NOT_TYPED_INTO.has(target.type);
}

const isDialogOpen = (): boolean => document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** A keyboard's last keys, and the shortcut that they are. Pure, but for the time it is told. */
export function createMatcher(): (
  key: string,
  isModified: boolean,
  atMs: number,
  bound: readonly Hotkey[],
) => Hotkey | undefined {
  let [first, firstAtMs] = ["", 0];
  return (key, isModified, atMs, bound) => {
    const pressed = isModified ? `mod+${key}` : key;
    const sequence = atMs - firstAtMs <= SEQUENCE_MS && first !== "" ? `${first} ${pressed}` : undefined;
    // The last that was bound stands over those before it, as a dialog over a page.
    const hit = bound.findLast(({ keys }) => keys === sequence) ?? bound.findLast(({ keys }) => keys === pressed);
    const begins = !isModified && bound.some(({ keys }) => keys.startsWith(`${pressed} `));
    [first, firstAtMs] = hit === undefined && begins ? [pressed, atMs] : ["", 0];
    return hit;
  };
}

/** Listens to the keyboard of the whole page. Gives what stops it. */
export function listenToKeys(): () => void {
  const match = createMatcher();
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const isModified = event.ctrlKey || event.metaKey;
    if (!isModified && (!characterKeys.get() || isTyping(event.target) || isDialogOpen())) return;
    const hit = match(event.key.toLowerCase(), isModified, event.timeStamp, hotkeys.get());
    if (hit === undefined) return;
    event.preventDefault();
    hit.run();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
