import { type ReactNode, useId } from "react";
import css from "./card.module.css";
import { classes } from "./classes.ts";
import { Heading } from "./text.tsx";

interface CardProps {
  readonly title: string;
  /** What state the whole card is in: a `Badge`. */
  readonly state?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
  readonly footer?: ReactNode;
  /** The level of its title, for where it stands under another. */
  readonly level?: 2 | 3 | 4;
  readonly tone?: "default" | "info" | "warning" | "danger";
  /** Its content reaches its edges, as a table. */
  readonly isFlush?: boolean;
}

/** One matter of a page, with its name, its state and what can be done about it. */
export function Card({
  title,
  state,
  actions,
  children,
  footer,
  level = 2,
  tone = "default",
  isFlush = false,
}: CardProps) {
  const id = useId();
  return (
    <section className={classes(css["card"], tone !== "default" && css[tone])} aria-labelledby={id}>
      <div className={css["head"]}>
        <div className={css["title"]}>
          <Heading level={level} size={3} id={id}>
            {title}
          </Heading>
          {state}
        </div>
        {actions !== undefined && (
          <div className={css["actions"]} data-print="never">
            {actions}
          </div>
        )}
      </div>
      {children !== undefined && <div className={classes(css["body"], isFlush && css["flush"])}>{children}</div>}
      {footer !== undefined && <div className={css["foot"]}>{footer}</div>}
    </section>
  );
}
