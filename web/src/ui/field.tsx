import { IconClockExclamation, IconCloudOff, IconEyeOff, IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import type { FieldState } from "./field-state.ts";
import { Icon, type IconType } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import css from "./state.module.css";
import { VisuallyHidden } from "./text.tsx";

interface FieldValueProps<T> {
  readonly field: FieldState<T>;
  /** How a value is shown. What is masked or stale comes here too, in the form that the server gave it. */
  readonly render?: (value: T) => ReactNode;
  /** The label of the field, for the names of its buttons. */
  readonly label: string;
  readonly onAsk?: () => void;
  readonly onRetry?: () => void;
}

interface StateProps {
  readonly kind: "restricted" | "unavailable" | "stale" | "masked";
  readonly icon: IconType;
  readonly word: string;
  readonly children?: ReactNode;
}

const State = ({ kind, icon, word, children }: StateProps) => (
  <span className={classes(css["state"], css[kind])}>
    <span className={css["word"]}>
      <Icon of={icon} size={14} />
      {word}
    </span>
    {children}
  </span>
);

const plain = (value: unknown): ReactNode =>
  typeof value === "string" || typeof value === "number" ? value : value === undefined ? null : JSON.stringify(value);

/** The value of a server's field in its state, in words: a colour or an icon alone never says it. */
export function FieldValue<T>({ field, render = plain, label, onAsk, onRetry }: FieldValueProps<T>) {
  const [t, format] = [useText(uiMessages), useFormat()];
  switch (field.state) {
    case "value":
      return <span className={css["value"]}>{render(field.value)}</span>;
    case "absent":
      return <span className={css["absent"]}>{t("absent")}</span>;
    case "masked":
      return (
        <span className={css["value"]}>
          {plain(field.value)} <State kind="masked" icon={IconEyeOff} word={t("masked")} />
        </span>
      );
    case "stale":
      return (
        <span className={css["value"]}>
          {render(field.value as T)}{" "}
          <State kind="stale" icon={IconClockExclamation} word={t("stale")}>
            <span className={css["hint"]}>{t("staleAsOf", { when: format.dateTime(field.asOf) })}</span>
          </State>
        </span>
      );
    case "restricted":
      return (
        <State kind="restricted" icon={IconLock} word={t("restricted")}>
          <span className={css["hint"]}>
            {t(`restricted.${field.reason}`)} {t(`ask.${field.howToAsk}`)}
          </span>
          {onAsk !== undefined && (
            <Button size="sm" tone="quiet" onClick={onAsk} label={`${t("askAccess")}: ${label}`}>
              {t("askAccess")}
            </Button>
          )}
        </State>
      );
    case "unavailable":
      return (
        <State kind="unavailable" icon={IconCloudOff} word={t("unavailable")}>
          {onRetry !== undefined && (
            <Button size="sm" tone="quiet" onClick={onRetry} label={`${t("retry")}: ${label}`}>
              {t("retry")}
            </Button>
          )}
        </State>
      );
  }
}

interface FieldProps<T> extends FieldValueProps<T> {
  /** Label and value on one line. */
  readonly isInline?: boolean;
  /** The label is said and not shown, where a heading or a column already says it. */
  readonly hidesLabel?: boolean;
}

/** A labelled field of the server's view, whatever its state. */
export const Field = <T,>({ isInline = false, hidesLabel = false, ...value }: FieldProps<T>) => (
  <div className={classes(css["field"], isInline && css["inline"])}>
    {hidesLabel ? <VisuallyHidden>{value.label}</VisuallyHidden> : <span className={css["label"]}>{value.label}</span>}
    <FieldValue {...value} />
  </div>
);
