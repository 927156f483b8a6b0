import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconLock, IconAlertOctagon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./badge.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconType } from "./icon.tsx";
import type { Tone } from "./tone.ts";

const ICONS: Readonly<Record<Tone, IconType>> = {
  neutral: IconInfoCircle,
  info: IconInfoCircle,
  success: IconCircleCheck,
  warning: IconAlertTriangle,
  danger: IconAlertOctagon,
  restricted: IconLock,
};

interface AlertProps {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** It came while the page was in use, and is read out: at once for danger, else when there is a pause. */
  readonly isLive?: boolean;
}

/** Something that whoever reads the page must know before going on. */
export const Alert = ({ tone, title, children, actions, isLive = false }: AlertProps) => (
  <div className={classes(css["alert"], css[tone])} {...(isLive && { role: tone === "danger" ? "alert" : "status" })}>
    <span className={css["mark"]}>
      <Icon of={ICONS[tone]} size={18} />
    </span>
    <div className={css["body"]}>
      <p className={css["title"]}>{title}</p>
      {children}
      {actions}
    </div>
  </div>
);
