import { type ReactNode, useId } from "react";
import { classes } from "./classes.ts";
import css from "./layout.module.css";
import { Link, type LinkTarget } from "./link.tsx";
import { Heading, Text } from "./text.tsx";
import { useText } from "../i18n/index.ts";
import { uiMessages } from "./messages.ts";

interface Crumb extends LinkTarget {
  readonly label: string;
}

interface PageProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** One sentence under the title. */
  readonly intro?: string;
  readonly actions?: ReactNode;
  /** The screens above this one, the first one first. */
  readonly breadcrumbs?: readonly Crumb[];
  /** `text` for what is read, `wide` for most, `full` for a board. */
  readonly width?: "text" | "wide" | "full";
}

/** One screen: its title takes the focus after navigation. The browser's own title never says what it shows. */
export function Page({ title, children, intro, actions, breadcrumbs = [], width = "wide" }: PageProps) {
  const t = useText(uiMessages);
  return (
    <div className={classes(css["page"], css[`page-${width}`])}>
      <div className={css["page-head"]}>
        <div className={css["page-titles"]}>
          {breadcrumbs.length > 0 && (
            <nav aria-label={t("breadcrumbs")}>
              <ol className={css["breadcrumbs"]}>
                {breadcrumbs.map(({ label, ...target }) => (
                  <li key={target.to}>
                    <Link {...target}>{label}</Link>
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <Heading level={1} isTarget>
            {title}
          </Heading>
          {intro !== undefined && <Text tone="muted">{intro}</Text>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly level?: 2 | 3 | 4;
}

/** A part of a page with a title of its own. */
export function Section({ title, children, actions, level = 2 }: SectionProps) {
  const id = useId();
  return (
    <section className={css["section"]} aria-labelledby={id}>
      <div className={css["section-head"]}>
        <Heading level={level} id={id}>
          {title}
        </Heading>
        {actions}
      </div>
      {children}
    </section>
  );
}
