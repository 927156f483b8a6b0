import { Link as RouterLink } from "@tanstack/react-router";
import { useText } from "../i18n/index.ts";
import { Icon } from "../ui/icon.tsx";
import { AREAS } from "./areas.ts";
import { InboxCount } from "./inbox-count.tsx";
import { menuOf } from "./menu-of.ts";
import { appMessages } from "./messages.ts";
import { navMessages } from "./nav-messages.ts";
import { useSession } from "./session.tsx";
import css from "./shell.module.css";

/** The menu: what somebody's role reaches, in the order of a day. */
export function NavList({ onChosen }: { readonly onChosen?: () => void }) {
  const [t, say] = [useText(appMessages), useText(navMessages)];
  const menu = menuOf(AREAS, useSession().can);
  return (
    <nav aria-label={t("menu")}>
      <ul className={css["items"]}>
        {menu.map(({ id, path, nav }) =>
          nav === undefined ? null : (
            <li key={id}>
              <RouterLink
                {...({ to: path } as { to: string })}
                preload="intent"
                className={css["item"]}
                activeProps={{ "aria-current": "page" }}
                // The other screens of a patient's portal lie below its start page.
                activeOptions={{ exact: path === "/app/my" }}
                onClick={onChosen}
              >
                <Icon of={nav.icon} size={18} />
                {say(nav.label)}
                {nav.counts === "inbox" && <InboxCount />}
              </RouterLink>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}
