import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import css from "./layout.module.css";
import type { Gap } from "./tone.ts";

interface StackProps {
  readonly gap?: Gap;
  readonly children?: ReactNode;
}

/** One under the other. */
export const Stack = ({ gap = "md", children }: StackProps) => (
  <div className={classes(css["stack"], css[gap])}>{children}</div>
);

interface RowProps extends StackProps {
  readonly align?: "start" | "center" | "end" | "baseline" | "stretch";
  readonly justify?: "start" | "center" | "between" | "end";
  /** False keeps everything on one line, whatever the width. */
  readonly wraps?: boolean;
  /** Each takes an equal share. */
  readonly grows?: boolean;
}

/** Beside each other, and under each other where there is no room. */
export const Row = ({
  gap = "sm",
  align = "center",
  justify = "start",
  wraps = true,
  grows = false,
  children,
}: RowProps) => (
  <div
    className={classes(
      css["row"],
      css[gap],
      css[`align-${align}`],
      css[`justify-${justify}`],
      !wraps && css["nowrap"],
      grows && css["grow"],
    )}
  >
    {children}
  </div>
);

interface ColumnsProps extends StackProps {
  /** How wide a column is at least: `sm` 11 rem, `md` 17 rem, `lg` 24 rem. */
  readonly min?: "sm" | "md" | "lg";
  /** All of a row are as high as the highest. */
  readonly isEven?: boolean;
}

/** As many equal columns as fit. */
export const Columns = ({ min = "md", gap = "lg", isEven = false, children }: ColumnsProps) => (
  <div className={classes(css["columns"], css[gap], css[`min-${min}`], isEven && css["even"])}>{children}</div>
);

interface SplitProps {
  readonly main: ReactNode;
  readonly side: ReactNode;
  readonly sideAt?: "start" | "end";
  /** The side stays in sight while the main part scrolls. */
  readonly isSticky?: boolean;
}

/** A main part with a narrow one beside it; on a narrow screen the one at the start comes first. */
export function Split({ main, side, sideAt = "end", isSticky = false }: SplitProps) {
  const beside = <div className={classes(css["side"], isSticky && css["sticky"])}>{side}</div>;
  return (
    <div className={css["container"]}>
      <div className={classes(css["split"], css["lg"], sideAt === "start" && css["side-start"])}>
        {sideAt === "start" && beside}
        <div className={css["main"]}>{main}</div>
        {sideAt === "end" && beside}
      </div>
    </div>
  );
}

interface ToolbarProps {
  /** What the tools are for. */
  readonly label: string;
  readonly children: ReactNode;
}

/** Filters and actions over what they work on. */
export const Toolbar = ({ label, children }: ToolbarProps) => (
  <div role="group" aria-label={label} className={css["toolbar"]} data-print="never">
    {children}
  </div>
);

/** What stays in sight while the page scrolls, as who the chart is of. On a phone it scrolls along. */
export const StickyBanner = ({ label, children }: ToolbarProps) => (
  <section aria-label={label} className={css["banner"]}>
    {children}
  </section>
);
