import { Drawer as MantineDrawer, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import css from "./float.module.css";
import { uiMessages } from "./messages.ts";
import { portalProps } from "./portal.ts";

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  /** Its actions, at its foot. A `Form` brings its own. */
  readonly footer?: ReactNode;
  readonly size?: "sm" | "md" | "lg" | "xl";
  readonly tone?: "default" | "danger";
  /** False: only its own buttons close it, where what was entered would be lost by a slip. */
  readonly closesLightly?: boolean;
  /** False where closing it leads to another screen. */
  readonly returnsFocus?: boolean;
  /** Comes over another dialog, as what that one's action asks for does. */
  readonly isAbove?: boolean;
}

/** Mantine's own layer of what floats, and one over it. */
const LAYERS = { usual: 200, above: 250 } as const;
const WIDTHS = { sm: "26rem", md: "36rem", lg: "52rem", xl: "72rem" } as const;
const names = (tone: "default" | "danger") => ({
  overlay: css["overlay"] ?? "",
  inner: css["inner"] ?? "",
  content: classes(css["dialog"], tone === "danger" && css["dialog-danger"]),
  header: css["head"] ?? "",
  title: css["title"] ?? "",
  close: css["close"] ?? "",
  body: css["body"] ?? "",
});

/** Asks for something before anything else goes on. The focus stays in it and goes back to where it came from. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  footer,
  size = "md",
  tone = "default",
  closesLightly = true,
  isAbove = false,
  returnsFocus = true,
}: DialogProps) {
  const t = useText(uiMessages);
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={WIDTHS[size]}
      zIndex={isAbove ? LAYERS.above : LAYERS.usual}
      lockScroll={false}
      returnFocus={returnsFocus}
      closeOnClickOutside={closesLightly}
      closeButtonProps={{ "aria-label": t("close") }}
      portalProps={portalProps}
      transitionProps={{ duration: 0 }}
      classNames={names(tone)}
    >
      {children}
      {footer !== undefined && <div className={css["foot"]}>{footer}</div>}
    </Modal>
  );
}

interface DrawerProps extends Omit<DialogProps, "size" | "tone" | "isAbove"> {
  readonly size?: "sm" | "md" | "lg" | "xl";
}

/** Work beside the page that it belongs to: an entry while the chart stays where it is. */
export function Drawer({ title, isOpen, onClose, children, footer, size = "sm", closesLightly = false }: DrawerProps) {
  const t = useText(uiMessages);
  return (
    <MantineDrawer
      opened={isOpen}
      onClose={onClose}
      title={title}
      position="right"
      size={WIDTHS[size]}
      lockScroll={false}
      closeOnClickOutside={closesLightly}
      closeButtonProps={{ "aria-label": t("close") }}
      portalProps={portalProps}
      transitionProps={{ duration: 0 }}
      classNames={{ ...names("default"), inner: css["whole"] ?? "" }}
    >
      {children}
      {footer !== undefined && <div className={css["foot"]}>{footer}</div>}
    </MantineDrawer>
  );
}
