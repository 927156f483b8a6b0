import { lazy, Suspense } from "react";
import { useText } from "../i18n/index.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Skeleton } from "../ui/states.tsx";
import { appMessages } from "./messages.ts";
import { closePalette, isPaletteOpen, returnsFocus } from "./palette-open.ts";
import { useStore } from "./store.ts";

export { openPalette } from "./palette-open.ts";

const PaletteBody = lazy(() => import("./palette-body.tsx"));

/** The palette: Ctrl or Cmd with K, or `/`. Areas feed it through `registerPaletteSource`. */
export function Palette() {
  const t = useText(appMessages);
  return (
    <Dialog
      title={t("palette")}
      isOpen={useStore(isPaletteOpen)}
      onClose={() => closePalette()}
      returnsFocus={useStore(returnsFocus)}
    >
      <Suspense fallback={<Skeleton />}>
        <PaletteBody />
      </Suspense>
    </Dialog>
  );
}
