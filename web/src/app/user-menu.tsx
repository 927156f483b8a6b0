import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { Problem } from "../api/problem.ts";
import { problemMessages } from "../api/messages.ts";
import { problemText } from "../api/problem-text.ts";
import { locale, LOCALES, useText } from "../i18n/index.ts";
import { Menu, type MenuEntry } from "../ui/menu.tsx";
import { VisuallyHidden } from "../ui/text.tsx";
import { notify } from "../ui/toast.tsx";
import { AREAS } from "./areas.ts";
import { openHelp } from "./help.ts";
import { appMessages, purposeKey, roleKey } from "./messages.ts";
import { navMessages } from "./nav-messages.ts";
import { useGo } from "./navigation.ts";
import { scheme } from "./scheme.ts";
import { signOut, useSession } from "./session.tsx";
import css from "./shell.module.css";
import { useStore } from "./store.ts";

const SCHEMES = [
  ["auto", IconDeviceDesktop],
  ["light", IconSun],
  ["dark", IconMoon],
] as const;

/** The first letters of a name, for the eye alone. */
const initials = (name: string): string =>
  name
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .slice(0, 2)
    .map((part) => part[0]?.toLocaleUpperCase() ?? "")
    .join("");

/** What somebody works as and for, in words. */
export function useStanding(): string {
  const [t, { roles, purpose, purposes }] = [useText(appMessages), useSession()];
  const named = roles.map((role) => {
    const key = roleKey(role);
    return key === undefined ? role : t(key);
  });
  // Finance works on no record of a patient, and so for none of its purposes.
  if (purpose === undefined && purposes.length === 0) return named.join(", ");
  return t("working", { roles: named.join(", "), purpose: t(purposeKey(purpose)) });
}

/** Who is signed in, as what, and what they can set for themselves. */
export function UserMenu() {
  const [t, say, nav] = [useText(appMessages), useText(problemMessages), useText(navMessages)];
  const [{ user }, go, standing] = [useSession(), useGo(), useStanding()];
  const [chosen, language] = [useStore(scheme), useStore(locale)];
  const account = AREAS.filter(({ zone, nav: own }) => zone === "account" && own !== undefined);
  const leave = (): void => {
    signOut().catch((thrown: unknown) => {
      notify({ tone: "danger", text: thrown instanceof Problem ? problemText(thrown, say) : say("kind.exception") });
    });
  };
  const mark = (isChosen: boolean): { readonly detail?: string } => (isChosen ? { detail: "✓" } : {});
  const entries: readonly MenuEntry[] = [
    { id: "who", heading: `${user.name}. ${standing}` },
    ...account.map(({ id, path, nav: own }) => ({
      id,
      label: own === undefined ? id : nav(own.label),
      icon: own?.icon ?? IconUserCircle,
      onSelect: () => go({ to: path }),
    })),
    { id: "help", label: t("help"), icon: IconKeyboard, onSelect: openHelp },
    { id: "theme", heading: t("theme") },
    ...SCHEMES.map(([value, icon]) => ({
      id: value,
      label: t(`theme.${value}`),
      icon,
      ...mark(chosen === value),
      onSelect: () => scheme.set(value),
    })),
    { id: "language", heading: t("language") },
    ...LOCALES.map((value) => ({
      id: value,
      label: t(`language.${value}`),
      icon: IconLanguage,
      ...mark(language === value),
      onSelect: () => locale.set(value),
    })),
    { id: "line", isDivider: true },
    { id: "sign-out", label: t("signOut"), icon: IconLogout, onSelect: leave },
  ];
  return (
    <Menu
      label={t("accountMenu")}
      entries={entries}
      trigger={
        <button type="button" className={css["user"]}>
          <VisuallyHidden>{t("accountMenu")}</VisuallyHidden>
          <span className={css["avatar"]} aria-hidden="true">
            {initials(user.name)}
          </span>
          <span className={css["who"]}>
            <span>{user.name}</span>
            <span className={css["role"]}>{standing}</span>
          </span>
        </button>
      }
    />
  );
}
