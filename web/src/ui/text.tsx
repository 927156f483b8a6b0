import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import css from "./text.module.css";
import type { Tone } from "./tone.ts";

interface TextProps {
  readonly children?: ReactNode;
  readonly as?: "p" | "span" | "strong" | "em" | "del" | "blockquote";
  readonly size?: "xs" | "sm" | "md" | "lg" | "xl";
  readonly tone?: "default" | "muted" | Exclude<Tone, "neutral">;
  /** False takes back what stands around it, as in a row's header. */
  readonly isStrong?: boolean;
  /** Figures of one width, for columns of numbers. */
  readonly isNumeric?: boolean;
  /** Ids and codes. */
  readonly isCode?: boolean;
  /** One line, cut where there is no room. */
  readonly isTruncated?: boolean;
  /** Keeps line breaks, as what somebody wrote. */
  readonly isProse?: boolean;
  /** The language of the text where it is not the page's. */
  readonly lang?: string;
}

export function Text({ as: Tag = "p", size = "md", tone = "default", children, lang, ...is }: TextProps) {
  return (
    <Tag
      lang={lang}
      className={classes(
        css["text"],
        css[size],
        tone !== "default" && css[tone],
        is.isStrong !== undefined && css[is.isStrong ? "strong" : "regular"],
        is.isNumeric === true && css["numeric"],
        is.isCode === true && css["mono"],
        is.isTruncated === true && css["truncate"],
        is.isProse === true && css["prose"],
      )}
    >
      {children}
    </Tag>
  );
}

interface HeadingProps {
  readonly level: 1 | 2 | 3 | 4;
  readonly children: ReactNode;
  /** How it looks, where that is not its level. */
  readonly size?: 1 | 2 | 3 | 4;
  readonly id?: string;
  /** Takes the focus when somebody comes to it, as the title of a page after navigation. */
  readonly isTarget?: boolean;
}

export function Heading({ level, size = level, children, id, isTarget = false }: HeadingProps) {
  const Tag = `h${level}` as const;
  return (
    <Tag
      id={id}
      className={classes(css["heading"], css[`h${size}`])}
      {...(isTarget && { tabIndex: -1, "data-page-title": "" })}
    >
      {children}
    </Tag>
  );
}

/** A key of the keyboard. */
export const Kbd = ({ children }: { readonly children: ReactNode }) => <kbd className={css["kbd"]}>{children}</kbd>;

/** Said to a screen reader alone. */
export const VisuallyHidden = ({ children }: { readonly children: ReactNode }) => (
  <span className={css["hidden"]}>{children}</span>
);

interface ExactProps {
  readonly short: string;
  readonly exact: string;
}

/** A figure as people say it. Its last digit is told to who hears it, and to who points at it. */
export const Exact = ({ short, exact }: ExactProps) =>
  short === exact ? (
    <span>{short}</span>
  ) : (
    <span title={exact}>
      <span aria-hidden="true">{short}</span>
      <VisuallyHidden>{exact}</VisuallyHidden>
    </span>
  );
