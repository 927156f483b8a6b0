import { Link as RouterLink, Outlet } from "@tanstack/react-router";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useText } from "../i18n/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Drawer } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd, VisuallyHidden } from "../ui/text.tsx";
import { OfflineBar, RedisclosureNotice } from "./bars.tsx";
import { isHelpOpen } from "./help.ts";
import { appMessages } from "./messages.ts";
import { NavList } from "./nav.tsx";
import { openPalette, Palette } from "./palette.tsx";
import { IdleWarning, StepUpDialog, useCan, useSession } from "./session.tsx";
import { sessionState } from "./session-state.ts";
import css from "./shell.module.css";
import { useShellKeys } from "./shell-keys.ts";
import { useStore } from "./store.ts";
import { useTitleFocus } from "./title-focus.ts";
import { UserMenu } from "./user-menu.tsx";

const HelpSheet = lazy(() => import("./help-sheet.tsx"));
/** The red frame of an emergency: screens/break-glass knows what it says. */
const EmergencyFrame = lazy(() => import("../screens/break-glass/frame.tsx"));

function SearchButton() {
  const [t, can] = [useText(appMessages), useCan()];
  return (
    <button type="button" className={css["search"]} onClick={openPalette} aria-keyshortcuts="Control+K">
      <Icon of={IconSearch} />
      <VisuallyHidden>{t("search")}</VisuallyHidden>
      <span className={css["hint"]}>{t(can("patient.search") ? "searchHint" : "searchScreens")}</span>
      <span className={css["hint"]}>
        <Kbd>Ctrl K</Kbd>
      </span>
    </button>
  );
}

function Header({ onMenu }: { readonly onMenu: () => void }) {
  const [t, { tenant }] = [useText(appMessages), useSession()];
  return (
    <header className={css["header"]}>
      <span className={css["burger"]}>
        <IconButton label={t("openMenu")} icon={IconMenu2} onClick={onMenu} />
      </span>
      <RouterLink {...({ to: "/app/" } as { to: string })} className={css["brand"]}>
        <img src="/app/icon.svg" alt="Keyward" width={26} height={26} />
        <span className={css["clinic"]}>{tenant.name}</span>
      </RouterLink>
      <span className={css["spacer"]} />
      <SearchButton />
      <UserMenu />
    </header>
  );
}

function SignedIn() {
  const t = useText(appMessages);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isHelpAsked = useStore(isHelpOpen);
  useShellKeys();
  useTitleFocus();
  return (
    <div className={css["shell"]}>
      <a
        className={css["skip"]}
        href="#content"
        onClick={(event) => {
          // The address keeps the screen that it names.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("skip")}
      </a>
      <OfflineBar />
      <Header onMenu={() => setIsMenuOpen(true)} />
      <div className={css["body"]}>
        <div className={css["nav"]}>
          <NavList />
        </div>
        <main id="content" ref={main} tabIndex={-1} className={css["main"]}>
          <Outlet />
          <RedisclosureNotice />
        </main>
      </div>
      <Drawer title={t("menu")} isOpen={isMenuOpen} onClose={() => setIsMenuOpen(false)} closesLightly>
        <NavList onChosen={() => setIsMenuOpen(false)} />
      </Drawer>
      <Palette />
      <Suspense>{isHelpAsked && <HelpSheet />}</Suspense>
      <StepUpDialog />
      <IdleWarning />
      <Suspense>
        <EmergencyFrame />
      </Suspense>
    </div>
  );
}

/** What stands around every screen. A public one stands alone. */
export function Shell(): ReactNode {
  const { status } = useStore(sessionState);
  if (status !== "none") return <SignedIn />;
  return (
    <main className={css["alone"]} id="content">
      <Outlet />
    </main>
  );
}
