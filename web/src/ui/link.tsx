import { Link as RouterLink } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import css from "./text.module.css";

export interface LinkTarget {
  /** A path of the portal: `/app/patients/$patient`. */
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, string | undefined>>;
  readonly hash?: string;
}

interface LinkProps extends LinkTarget {
  readonly children: ReactNode;
  /** Looks like the text that it stands in, as in a table of names. */
  readonly isPlain?: boolean;
  /** What it leads to, where its text alone does not say: it begins with the text. */
  readonly label?: string;
}

/** What the router takes. Its own types know the routes of one file; ours come from the areas' manifest. */
export const targetOf = ({ to, params = {}, search = {}, hash }: LinkTarget) =>
  ({ to, params, search, ...(hash !== undefined && { hash }) }) as { readonly to: string };

/** Leads to another screen, which is fetched when the pointer or the focus comes near. */
export const Link = ({ children, isPlain = false, label, ...target }: LinkProps) => (
  <RouterLink
    {...targetOf(target)}
    preload="intent"
    className={classes(isPlain ? css["plain"] : css["link"])}
    aria-label={label}
  >
    {children}
  </RouterLink>
);

interface ExternalLinkProps {
  readonly href: string;
  readonly children: ReactNode;
  /** Saves what it leads to under this name, which says nothing of a person. */
  readonly fileName?: string;
  /** What it leads to, where its text alone does not say: it begins with the text. */
  readonly label?: string;
}

/** Leads out of the portal, or to a file. It opens beside the portal and learns nothing of where it was. */
export const ExternalLink = ({ href, children, fileName, label }: ExternalLinkProps) => (
  <a
    href={href}
    className={css["link"]}
    aria-label={label}
    rel="noopener noreferrer"
    {...(fileName === undefined ? { target: "_blank" } : { download: fileName })}
  >
    {children}
  </a>
);
