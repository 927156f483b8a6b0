import { Menu as MantineMenu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { useText } from "../i18n/index.ts";
import { IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import css from "./float.module.css";
import { Icon, type IconType } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import { portalProps } from "./portal.ts";

export type MenuEntry =
  | {
      readonly id: string;
      readonly label: string;
      readonly detail?: string;
      readonly icon?: IconType;
      readonly tone?: "default" | "danger";
      readonly isDisabled?: boolean;
      readonly onSelect: () => void;
    }
  | { readonly id: string; readonly heading: string }
  | { readonly id: string; readonly isDivider: true };

interface MenuProps {
  /** What its button does: the button's name where `trigger` is not given. */
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** A `Button` or `IconButton`; three dots where not given. */
  readonly trigger?: ReactElement;
}

/** Further actions of one thing, behind one button. Arrow keys move, Escape closes and gives the focus back. */
export function Menu({ label, entries, trigger }: MenuProps) {
  const t = useText(uiMessages);
  return (
    <MantineMenu
      withinPortal
      portalProps={portalProps}
      position="bottom-end"
      // The empty element that Mantine would focus first is no item of a menu.
      withInitialFocusPlaceholder={false}
      classNames={{ dropdown: classes(css["dropdown"], css["menu"]), item: css["item"] ?? "" }}
    >
      <MantineMenu.Target>{trigger ?? <IconButton label={label || t("more")} icon={IconDots} />}</MantineMenu.Target>
      <MantineMenu.Dropdown aria-label={label}>
        {entries.map((entry) => {
          if ("heading" in entry) {
            return (
              <MantineMenu.Label key={entry.id} className={css["label"] ?? ""}>
                {entry.heading}
              </MantineMenu.Label>
            );
          }
          if ("isDivider" in entry) return <MantineMenu.Divider key={entry.id} className={css["divider"] ?? ""} />;
          return (
            <MantineMenu.Item
              key={entry.id}
              onClick={entry.onSelect}
              disabled={entry.isDisabled ?? false}
              leftSection={entry.icon === undefined ? undefined : <Icon of={entry.icon} />}
              className={classes(css["item"], entry.tone === "danger" && css["item-danger"])}
            >
              {entry.label}
              {entry.detail !== undefined && <span className={css["detail"]}> {entry.detail}</span>}
            </MantineMenu.Item>
          );
        })}
      </MantineMenu.Dropdown>
    </MantineMenu>
  );
}
