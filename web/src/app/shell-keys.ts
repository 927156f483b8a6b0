import { useEffect } from "react";
import { useText } from "../i18n/index.ts";
import { AREAS } from "./areas.ts";
import { openHelp } from "./help.ts";
import { listenToKeys, registerHotkey, useHotkey } from "./hotkeys.ts";
import { menuOf } from "./menu-of.ts";
import { appMessages } from "./messages.ts";
import { navMessages } from "./nav-messages.ts";
import { useGo } from "./navigation.ts";
import { openPalette } from "./palette.tsx";
import { registerPaletteSource } from "./palette-sources.ts";
import { usePatientPalette } from "../screens/patients/palette.ts";
import { signOut, useSession } from "./session.tsx";

/** Keys and findings that the shell itself has: each area of the menu, the palette, the help sheet, and the way out. */
export function useShellKeys(): void {
  const [t, say, go, { can }] = [useText(appMessages), useText(navMessages), useGo(), useSession()];
  useEffect(listenToKeys, []);
  usePatientPalette();
  useHotkey("mod+k", t("palette"), openPalette);
  useHotkey("/", t("palette"), openPalette);
  useHotkey("?", t("help"), openHelp);
  useEffect(() => {
    const menu = menuOf(AREAS, can);
    const unbind = menu.flatMap(({ path, nav }) =>
      nav?.keys === undefined
        ? []
        : [
            registerHotkey({
              keys: nav.keys,
              label: t("goTo", { area: say(nav.label) }),
              run: () => go({ to: path }),
            }),
          ],
    );
    const fits = (label: string, text: string): boolean => label.toLocaleLowerCase().includes(text.toLocaleLowerCase());
    const screens = registerPaletteSource({
      id: "screens",
      label: () => t("paletteScreens"),
      fromCharacters: 0,
      search: (text) =>
        Promise.resolve(
          menu.flatMap(({ id, path, nav }) => {
            const label = nav === undefined ? id : say(nav.label);
            return fits(label, text) ? [{ id, label, run: () => go({ to: path }) }] : [];
          }),
        ),
    });
    const actions = registerPaletteSource({
      id: "actions",
      label: () => t("paletteActions"),
      fromCharacters: 0,
      search: (text) =>
        Promise.resolve(
          [
            { id: "help", label: t("help"), run: openHelp },
            { id: "sign-out", label: t("signOut"), run: () => void signOut().catch(() => undefined) },
          ].filter(({ label }) => fits(label, text)),
        ),
    });
    return () => {
      for (const undo of [...unbind, screens, actions]) undo();
    };
  }, [t, say, go, can]);
}
