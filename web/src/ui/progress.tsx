import { useEffect, useEffectEvent, useId, useState } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { uiMessages } from "./messages.ts";
import css from "./progress.module.css";
import { VisuallyHidden } from "./text.tsx";

interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; undefined while it cannot be told. */
  readonly done: number | undefined;
}

/** How far something is. */
export function ProgressBar({ label, done }: ProgressBarProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const id = useId();
  const percent = done === undefined ? "" : `${format.number(Math.floor(done * 100), 0)} %`;
  return (
    <div className={css["progress"]}>
      <div className={css["line"]}>
        <label htmlFor={id}>{label}</label>
        {done !== undefined && <span>{t("progress", { percent })}</span>}
      </div>
      <progress id={id} className={css["bar"]} {...(done !== undefined && { value: done, max: 1 })} />
    </div>
  );
}

interface CountdownProps {
  /** What ends. */
  readonly label: string;
  /** When, as an instant. */
  readonly until: string;
  readonly onEnd?: () => void;
}

const clockText = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** Moments at which the time that is left is read out: every second would be noise. */
const SAID_AT_S: ReadonlySet<number> = new Set([600, 300, 120, 60, 30, 10]);

/** The time that is left, by the second for the eye and at a few moments for the ear. */
export function Countdown({ label, until, onEnd }: CountdownProps) {
  const t = useText(uiMessages);
  const endsMs = Date.parse(until);
  const [nowMs, setNowMs] = useState(() => Date.now());
  const leftMs = endsMs - nowMs;
  const isOver = leftMs <= 0;
  useEffect(() => {
    if (isOver) return undefined;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isOver, endsMs]);
  const end = useEffectEvent(() => onEnd?.());
  useEffect(() => {
    if (isOver) end();
  }, [isOver]);
  const text = isOver ? t("timeUp") : t("timeLeft", { time: clockText(leftMs) });
  const seconds = Math.ceil(leftMs / 1000);
  return (
    <>
      <span className={css["countdown"]} role="timer" aria-label={label} aria-live="off">
        {text}
      </span>
      <VisuallyHidden>
        <span role="status">{isOver || SAID_AT_S.has(seconds) ? `${label}: ${text}` : ""}</span>
      </VisuallyHidden>
    </>
  );
}
