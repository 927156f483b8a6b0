import { Link as RouterLink } from "@tanstack/react-router";
import type { MouseEvent, ReactNode, Ref } from "react";
import css from "./button.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconType } from "./icon.tsx";
import { type LinkTarget, targetOf } from "./link.tsx";

export type ButtonTone = "primary" | "secondary" | "quiet" | "danger";
type Size = "sm" | "md" | "lg";

interface Looks {
  readonly tone?: ButtonTone;
  readonly size?: Size;
  readonly icon?: IconType;
  /** As wide as what it stands in. */
  readonly isWide?: boolean;
}

const look = ({ tone = "secondary", size = "md", isWide = false }: Looks, ...more: readonly (string | false)[]) =>
  classes(css["button"], css[tone], size !== "md" && css[size], isWide && css["wide"], ...more);

export interface ButtonProps extends Looks {
  readonly children: ReactNode;
  readonly onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  readonly type?: "button" | "submit" | "reset";
  /** Something is under way: it says so, and does nothing more. */
  readonly isPending?: boolean;
  readonly isDisabled?: boolean;
  /** For a button that stays down, as a filter. */
  readonly isPressed?: boolean;
  readonly isExpanded?: boolean;
  readonly controls?: string;
  /** Its name where the text alone does not say it: it begins with the text. */
  readonly label?: string;
  readonly describedBy?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** Does something. What it does is its text, and it says so while it does it. */
export function Button({ children, onClick, type = "button", isPending = false, ...props }: ButtonProps) {
  const { icon, isDisabled = false, isPressed, isExpanded, controls, label, describedBy, ref, ...looks } = props;
  return (
    <button
      ref={ref}
      type={type}
      className={look(looks, isPressed === true && (css["pressed"] ?? ""))}
      // A pending button keeps the focus that a disabled one would lose.
      aria-disabled={isPending || undefined}
      disabled={isDisabled}
      aria-busy={isPending || undefined}
      aria-pressed={isPressed}
      aria-expanded={isExpanded}
      aria-controls={controls}
      aria-label={label}
      aria-describedby={describedBy}
      onClick={(event) => {
        if (isPending) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {isPending && <span className={css["spinner"]} aria-hidden="true" />}
      {!isPending && icon !== undefined && <Icon of={icon} {...(css["shape"] && { className: css["shape"] })} />}
      <span>{children}</span>
    </button>
  );
}

interface LinkButtonProps extends Looks, LinkTarget {
  readonly children: ReactNode;
  readonly label?: string;
}

/** Leads somewhere and looks like a button. */
export const LinkButton = ({ children, icon, label, tone, size, isWide, ...target }: LinkButtonProps) => (
  <RouterLink
    {...targetOf(target)}
    preload="intent"
    aria-label={label}
    className={look({
      ...(tone !== undefined && { tone }),
      ...(size !== undefined && { size }),
      ...(isWide !== undefined && { isWide }),
    })}
  >
    {icon !== undefined && <Icon of={icon} />}
    <span>{children}</span>
  </RouterLink>
);

export interface IconButtonProps extends Omit<ButtonProps, "children" | "icon" | "label" | "isWide"> {
  /** What it does: its name, shown when the pointer rests on it. */
  readonly label: string;
  readonly icon: IconType;
}

/** A button without a text. It has a name all the same. */
export function IconButton({ label, icon, onClick, type = "button", isPending = false, ...props }: IconButtonProps) {
  const { isDisabled = false, isPressed, isExpanded, controls, describedBy, ref, tone = "quiet", ...looks } = props;
  return (
    <button
      ref={ref}
      type={type}
      className={look({ tone, ...looks }, css["icon"] ?? "", isPressed === true && (css["pressed"] ?? ""))}
      aria-label={label}
      title={label}
      aria-disabled={isPending || undefined}
      disabled={isDisabled}
      aria-pressed={isPressed}
      aria-expanded={isExpanded}
      aria-controls={controls}
      aria-describedby={describedBy}
      onClick={(event) => {
        if (!isPending) onClick?.(event);
      }}
    >
      {isPending ? <span className={css["spinner"]} aria-hidden="true" /> : <Icon of={icon} size={18} />}
    </button>
  );
}

interface ButtonRowProps {
  readonly children: ReactNode;
  readonly align?: "start" | "end" | "between";
}

/** The actions of one thing, together: the first is the one that is meant. */
export const ButtonRow = ({ children, align = "start" }: ButtonRowProps) => (
  <div className={classes(css["row"], align !== "start" && css[align])}>{children}</div>
);
