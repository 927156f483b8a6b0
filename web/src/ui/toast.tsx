import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { createStore, useStore } from "../app/store.ts";
import { useText } from "../i18n/index.ts";
import { Button, IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import { uiMessages } from "./messages.ts";
import css from "./toast.module.css";

export interface Toast {
  /** One short sentence. It names no patient: it outlives the screen that it is about. */
  readonly text: string;
  readonly tone?: "success" | "info" | "warning" | "danger";
  /** Takes it back. */
  readonly undo?: () => unknown;
  readonly undoLabel?: string;
}

interface Shown extends Toast {
  readonly id: number;
}

const toasts = createStore<readonly Shown[]>([]);
let lastId = 0;

const SHOWN_MS = 8_000;
/** What can be taken back stays longer. */
const UNDO_MS = 15_000;
const MOST = 4;

const dismiss = (id: number): void => toasts.update((known) => known.filter((toast) => toast.id !== id));

/** Says that something was done, and how to take it back. */
export function notify(toast: Toast): void {
  lastId += 1;
  toasts.update((known) => [...known, { ...toast, id: lastId }].slice(-MOST));
}

function ToastItem({ toast }: { readonly toast: Shown }) {
  const t = useText(uiMessages);
  const [isHeld, setIsHeld] = useState(false);
  const { id, text, tone = "success", undo, undoLabel } = toast;
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => dismiss(id), undo === undefined ? SHOWN_MS : UNDO_MS);
    return () => clearTimeout(timer);
  }, [id, isHeld, undo]);
  return (
    // Nothing goes away under a pointer or the focus.
    <div
      className={classes(css["toast"], css[tone])}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <span className={css["text"]}>{text}</span>
      {undo !== undefined && (
        <Button
          size="sm"
          onClick={() => {
            dismiss(id);
            undo();
          }}
        >
          {undoLabel ?? t("undo")}
        </Button>
      )}
      <IconButton size="sm" icon={IconX} label={t("dismiss")} onClick={() => dismiss(id)} />
    </div>
  );
}

/** Where toasts appear: read out when there is a pause. */
export function ToastRegion() {
  const [t, shown] = [useText(uiMessages), useStore(toasts)];
  return (
    <section className={css["region"]} aria-label={t("notifications")} aria-live="polite" data-print="never">
      {shown.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </section>
  );
}
