import { createStore } from "./store.ts";

/** Whether the help sheet is shown: the sheet itself comes when it is first asked for. */
export const isHelpOpen = createStore(false);
export const openHelp = (): void => isHelpOpen.set(true);
