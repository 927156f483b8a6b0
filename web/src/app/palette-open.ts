import { createStore } from "./store.ts";

export const isPaletteOpen = createStore(false);
/** False after something was chosen: it leads elsewhere, and the focus goes with it. */
export const returnsFocus = createStore(true);

export function openPalette(): void {
  returnsFocus.set(true);
  isPaletteOpen.set(true);
}

export function closePalette(hasChosen = false): void {
  returnsFocus.set(!hasChosen);
  isPaletteOpen.set(false);
}
