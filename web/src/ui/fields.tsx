import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import { type Bound, Control, type ControlProps } from "./control.tsx";
import css from "./control.module.css";
import { uiMessages } from "./messages.ts";
import { readNumber } from "./read-number.ts";

/** What browsers and password managers fill in by themselves. HTML, autofill field names. */
export type Autofill =
  | "off"
  | "username"
  | "current-password"
  | "new-password"
  | "one-time-code"
  | "webauthn"
  | "username webauthn";

export interface TextFieldProps extends ControlProps<string> {
  readonly kind?: "text" | "email" | "tel" | "password" | "search" | "code";
  readonly autoFill?: Autofill;
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** Figures and codes in one width. */
  readonly isCode?: boolean;
  readonly hasFocus?: boolean;
  readonly onEnter?: (value: string) => void;
}

const isBlank = (text: string): boolean => text.trim() === "";

const TYPES = {
  text: "text",
  email: "email",
  tel: "tel",
  password: "password",
  search: "search",
  code: "text",
} as const;

export const TextField = (props: TextFieldProps) => (
  <Control control={props} empty="" isEmpty={isBlank}>
    {({ aria, value, set, blur, ref, isDisabled, isReadOnly, className }) => (
      <input
        {...aria}
        ref={ref}
        className={classes(className, props.isCode === true && css["code"])}
        type={TYPES[props.kind ?? "text"]}
        inputMode={props.kind === "code" ? "numeric" : undefined}
        // What is typed of a patient is the clinic's: no browser keeps it to offer it again.
        autoComplete={props.autoFill ?? "off"}
        spellCheck={props.kind === undefined || props.kind === "text" ? undefined : false}
        value={value}
        placeholder={props.placeholder}
        maxLength={props.maxLength}
        disabled={isDisabled}
        readOnly={isReadOnly}
        // The one field that a dialog or a page was opened for.
        data-autofocus={props.hasFocus === true ? "" : undefined}
        onChange={(event) => set(event.target.value)}
        onBlur={blur}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === "Enter" && props.onEnter !== undefined) {
            event.preventDefault();
            props.onEnter(value);
          }
        }}
      />
    )}
  </Control>
);

/** What becomes of a text as it is typed, and where the writing goes on in it. */
export interface Rewritten {
  readonly text: string;
  /** Undefined: where the person is. */
  readonly caret?: number;
}

export interface TextAreaFieldProps extends ControlProps<string> {
  /** Given what was typed, what the field holds instead. */
  readonly rewrite?: (typed: string) => Rewritten;
  readonly placeholder?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly rows?: number;
  readonly lang?: string;
}

/** Gives what puts the caret in the commit that shows the rewritten text: the next key finds it there. */
function useCaret(shown: string): (area: HTMLTextAreaElement, at: number | undefined) => void {
  const wanted = useRef<{ readonly area: HTMLTextAreaElement; readonly at: number }>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const { area, at } = wanted.current;
    wanted.current = undefined;
    area.setSelectionRange(at, at);
  }, [shown]);
  return (area, at) => {
    wanted.current = at === undefined ? undefined : { area, at };
  };
}

const AreaInput = ({ bound, props }: { readonly bound: Bound<string>; readonly props: TextAreaFieldProps }) => {
  const t = useText(uiMessages);
  const { aria, value, set, blur, ref, isDisabled, isReadOnly, className } = bound;
  const putCaret = useCaret(value);
  const left = props.maxLength === undefined ? undefined : props.maxLength - value.length;
  const write = (area: HTMLTextAreaElement): void => {
    const { text, caret } = props.rewrite?.(area.value) ?? { text: area.value };
    putCaret(area, caret);
    set(text);
  };
  return (
    <>
      <textarea
        {...aria}
        ref={ref}
        className={classes(className, css["area"])}
        rows={props.rows ?? 3}
        autoComplete="off"
        lang={props.lang}
        value={value}
        placeholder={props.placeholder}
        maxLength={props.maxLength}
        disabled={isDisabled}
        readOnly={isReadOnly}
        onChange={(event) => write(event.currentTarget)}
        onBlur={blur}
      />
      {left !== undefined && left < 100 && (
        <span className={css["hint"]} role="status">
          {t("characters", { count: left })}
        </span>
      )}
    </>
  );
};

/** Text of several lines: it grows with what is written. */
export const TextAreaField = (props: TextAreaFieldProps) => (
  <Control control={props} empty="" isEmpty={isBlank}>
    {(bound) => <AreaInput bound={bound} props={props} />}
  </Control>
);

export interface NumberFieldProps extends ControlProps<number | undefined> {
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Shown behind it and part of its name: "mmHg". */
  readonly unit?: string;
  readonly placeholder?: string;
}

interface NumberInputProps {
  readonly bound: Bound<number | undefined>;
  readonly props: NumberFieldProps;
  readonly onText: (text: string) => void;
}

const NumberInput = ({ bound, props, onText }: NumberInputProps) => {
  const { aria, value, set, blur, ref, isDisabled, isReadOnly, className } = bound;
  const [text, setText] = useState<string | undefined>(undefined);
  const shown = text ?? (value === undefined ? "" : String(value));
  const change = (next: string): void => {
    setText(next);
    onText(next);
    const read = readNumber(next);
    set(read ?? undefined);
  };
  const move = (by: number): void => {
    const [{ step = 1, min, max }, from] = [props, value ?? 0];
    const digits = (String(step).split(".")[1] ?? "").length;
    const moved = Number((from + by * step).toFixed(digits));
    change(String(Math.min(max ?? moved, Math.max(min ?? moved, moved))));
  };
  return (
    <span className={css["with"]}>
      <input
        {...aria}
        ref={ref}
        className={classes(className, css["numeric"])}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={shown}
        placeholder={props.placeholder}
        disabled={isDisabled}
        readOnly={isReadOnly}
        aria-label={props.unit === undefined ? undefined : `${props.label} (${props.unit})`}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (isReadOnly || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
          event.preventDefault();
          move(event.key === "ArrowUp" ? 1 : -1);
        }}
        onBlur={() => {
          // What cannot be read stays as it was typed, with its error.
          if (readNumber(shown) !== null) setText(undefined);
          blur();
        }}
      />
      {props.unit !== undefined && (
        <span className={css["unit"]} aria-hidden="true">
          {props.unit}
        </span>
      )}
    </span>
  );
};

/** A number. Arrow keys move it by a step; the wheel never does. */
export function NumberField(props: NumberFieldProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const [text, setText] = useState("");
  const { label, min, max } = props;
  const validate = (value: number | undefined): string | undefined => {
    if (readNumber(text) === null) return t("invalidNumber", { label });
    if (value === undefined) return props.validate?.(value);
    const isOut = (min !== undefined && value < min) || (max !== undefined && value > max);
    if (isOut && min !== undefined && max !== undefined) {
      return t("numberRange", { label, min: format.number(min), max: format.number(max) });
    }
    return isOut ? t("invalidNumber", { label }) : props.validate?.(value);
  };
  return (
    <Control control={{ ...props, validate }} empty={undefined} isEmpty={(value) => value === undefined}>
      {(bound) => <NumberInput bound={bound} props={props} onText={setText} />}
    </Control>
  );
}
