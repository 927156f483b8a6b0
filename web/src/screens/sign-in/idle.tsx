import { useEffect, useRef, useState } from "react";
import { endSession } from "../../app/session-end.ts";
import { readSession } from "../../app/session-read.ts";
import { type Session, signOut, useSession } from "../../app/session.tsx";
import { sessionState } from "../../app/session-state.ts";
import { useStore } from "../../app/store.ts";
import { useText } from "../../i18n/index.ts";
import { Button, Countdown, Dialog, Stack, Text } from "../../ui/index.ts";
import { signInMessages } from "./messages.ts";

/** Somebody is warned this long before: WCAG 2.2.1 asks for 20 seconds at least. */
const WARNING_MS = 60_000;
/** How often presence is told to the server: it notes it no more often. */
const TELL_EVERY_MS = 60_000;
/** A timer that has slept with its device, or another tab that was used, is found out by asking. */
const CHECK_EVERY_MS = 30_000;

const SIGNS_OF_LIFE = ["keydown", "pointerdown", "wheel", "touchstart"] as const;

/** Tells the server that somebody is there, once a minute while there are signs of it: a screen reads nothing by itself. */
function usePresence(isWarning: boolean): void {
  const lastToldMs = useRef(0);
  useEffect(() => {
    // Who is asked whether he is there answers by the button: a cat on the keyboard does not.
    if (isWarning) return undefined;
    const note = (): void => {
      const now = performance.now();
      if (now - lastToldMs.current < TELL_EVERY_MS || sessionState.get().status !== "active") return;
      lastToldMs.current = now;
      void readSession().catch(() => undefined);
    };
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, note, { capture: true, passive: true });
    return () => {
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, note, { capture: true });
    };
  }, [isWarning]);
}

interface End {
  /** By this page's own clock, which may be wrong: counted from what the server said was left. */
  readonly atMs: number;
  readonly isFinal: boolean;
}

const endOf = ({ idleLeftMs, leftMs }: Session): End => ({
  atMs: Date.now() + Math.min(idleLeftMs, leftMs),
  isFinal: leftMs <= idleLeftMs,
});

/** When this session ends if nothing happens, as the server's last answer has it. */
function useEnd(): End {
  // A new one with each answer of the server, though it says the same.
  const session = useSession();
  const [end, setEnd] = useState<End>(() => endOf(session));
  useEffect(() => setEnd(endOf(session)), [session]);
  return end;
}

/** Warns before the session ends, and lets whoever is there stay. A page that nobody looks at locks itself. */
export default function IdleWarning() {
  const t = useText(signInMessages);
  const { status } = useStore(sessionState);
  const { atMs, isFinal } = useEnd();
  const [isWarning, setIsWarning] = useState(false);
  const [isSeen, setIsSeen] = useState(false);
  usePresence(isWarning);

  useEffect(() => {
    if (status !== "active") return undefined;
    const leftMs = (): number => atMs - Date.now();
    /** What is left, as the server has it: another tab may have been used. */
    const check = (): void =>
      void readSession(true).catch(() => {
        // Nobody can be asked, and the time is over: what is shown is locked all the same.
        if (leftMs() <= 0) endSession("lapsed");
      });
    const look = (): void => {
      if (leftMs() <= 0) check();
      setIsWarning(leftMs() <= WARNING_MS);
      if (leftMs() > WARNING_MS) setIsSeen(false);
    };
    look();
    const untilWarningMs = leftMs() - WARNING_MS;
    const warning = untilWarningMs > 0 ? setTimeout(check, untilWarningMs) : undefined;
    const shown = setTimeout(look, Math.max(0, untilWarningMs) + 250);
    const over = setTimeout(look, Math.max(0, leftMs()) + 500);
    const timer = setInterval(look, CHECK_EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      for (const one of [warning, shown, over]) clearTimeout(one);
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [atMs, status]);

  const stay = (): void => {
    if (isFinal) setIsSeen(true);
    else void readSession().catch(() => undefined);
  };
  return (
    <Dialog
      title={t(isFinal ? "endTitle" : "idleTitle")}
      isOpen={isWarning && !isSeen && status === "active"}
      onClose={stay}
      size="sm"
      closesLightly={false}
      footer={
        <>
          <Button onClick={() => void signOut().catch(() => undefined)}>{t("leave")}</Button>
          <Button tone="primary" onClick={stay}>
            {t(isFinal ? "understood" : "stay")}
          </Button>
        </>
      }
    >
      <Stack>
        <Text>{t(isFinal ? "endText" : "idleText")}</Text>
        <Countdown label={t("idleLeft")} until={new Date(atMs).toISOString()} />
      </Stack>
    </Dialog>
  );
}
