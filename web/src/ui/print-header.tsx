import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { uiMessages } from "./messages.ts";
import css from "./print-header.module.css";

interface PrintHeaderProps {
  /** What is printed: "Visit note". */
  readonly title: string;
  /** Whose it is, as on every sheet: name, date of birth, record number. The first one stands over each page. */
  readonly lines: readonly string[];
  readonly clinic: string;
  /** Where the clinic is found: address, phone. */
  readonly contact?: readonly string[];
  readonly printedBy: string;
}

/** Read by the margins of a page, in `styles/print.css`. */
const RUNNING_HEAD = "--kw-running-head";

/** The head of a printed sheet, and a line of it over every page after the first. On the screen there is none. */
export function PrintHeader({ title, lines, clinic, contact = [], printedBy }: PrintHeaderProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const [printedMs, setPrintedMs] = useState(() => Date.now());
  const head = useRef<HTMLDivElement>(null);
  const begin = useEffectEvent((): void => {
    // The sheet says when it was printed, not when the page was opened.
    setPrintedMs(Date.now());
    // A page that waits behind the sign-in form is in the tree, and its patient is not on anybody's paper.
    if (head.current?.parentElement?.checkVisibility() !== true) return;
    const text = [title, ...lines.slice(0, 1)].join(" · ");
    document.documentElement.style.setProperty(RUNNING_HEAD, JSON.stringify(text));
  });
  useEffect(() => {
    const print = (): void => begin();
    const end = (): void => void document.documentElement.style.removeProperty(RUNNING_HEAD);
    window.addEventListener("beforeprint", print);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", print);
      window.removeEventListener("afterprint", end);
      end();
    };
  }, []);
  return (
    <div ref={head} className={css["print"]} aria-hidden="true">
      <div>
        <strong>{title}</strong>
        <span>{clinic}</span>
      </div>
      {contact.map((line) => (
        <div key={line} className={css["end"]}>
          {line}
        </div>
      ))}
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
      <div>
        {t("printed", { when: format.dateTime(printedMs) })} {t("printedBy", { name: printedBy })}
      </div>
    </div>
  );
}
