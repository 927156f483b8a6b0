import type { MantineColorScheme, MantineColorSchemeManager } from "@mantine/core";
import { createStore } from "./store.ts";

/** Light, dark, or as the device is set. Kept for as long as the page: nothing of it is stored. */
export const scheme = createStore<MantineColorScheme>("auto");

let stop: (() => void) | undefined;

/** Mantine's own manager writes to localStorage, where nothing of ours may stand. */
export const schemeManager: MantineColorSchemeManager = {
  get: () => scheme.get(),
  set: (value) => scheme.set(value),
  subscribe: (onUpdate) => {
    stop = scheme.subscribe(() => onUpdate(scheme.get()));
  },
  unsubscribe: () => stop?.(),
  clear: () => scheme.set("auto"),
};
