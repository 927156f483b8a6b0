import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/** How long a screen may take before its title is waited for no more. */
const PATIENCE_MS = 5_000;

/** The screen of a path, whatever part of it is shown: `/app/patients/x/notes` and `/app/patients/x` are one. */
const screenOf = (path: string): string => path.replace(/\/$/, "").split("/").slice(0, 4).join("/");

const START = screenOf("/app/");

const focusTitle = (): void =>
  document.querySelector<HTMLElement>("main [data-page-title]")?.focus({ preventScroll: true });

/**
 * After navigation the title of the new screen takes the focus, and so is read out; the page begins at its top. Parts of
 * one screen, as the tabs of a chart, keep the focus where it is.
 */
export function useTitleFocus(): void {
  // Where the router has arrived, not where it is on its way to: the old title is still there until then.
  const screen = useRouterState({ select: ({ resolvedLocation }) => screenOf(resolvedLocation?.pathname ?? "/app/") });
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    const from = last.current;
    last.current = screen;
    // The page has just been opened, or has led on from its start: who comes begins at the top, with the skip link.
    if (from === undefined || from === START) return undefined;
    window.scrollTo(0, 0);
    const main = document.querySelector("main");
    focusTitle();
    if (main === null) return undefined;
    // The title may come after the chunk, and another in its place after the answer: nobody's focus is lost to that.
    const observer = new MutationObserver(() => {
      if (document.activeElement === document.body) focusTitle();
    });
    observer.observe(main, { childList: true, subtree: true });
    const timer = setTimeout(() => observer.disconnect(), PATIENCE_MS);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
    };
  }, [screen]);
}
