import { IconAlertCircle } from "@tabler/icons-react";
import { type ReactNode, useContext, useEffect, useId, useState } from "react";
import { useController } from "react-hook-form";
import { useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import css from "./control.module.css";
import { FormShellContext } from "./form-context.ts";
import { Icon } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import { VisuallyHidden } from "./text.tsx";

/** What every field of a form takes. `T` is what it holds. */
export interface ControlProps<T> {
  readonly label: string;
  /** Its dotted path in the body that the form sends. Within a `Form` it is all that binds the field. */
  readonly name?: string;
  /** Outside of a form, or where the screen keeps the value itself. */
  readonly value?: T;
  readonly onChange?: (value: T) => void;
  readonly onBlur?: () => void;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  readonly isReadOnly?: boolean;
  /** A sentence where the value cannot be taken; undefined where it can. */
  readonly validate?: (value: T) => string | undefined;
  /** The label is said and not shown, as in a grid whose headers say it. */
  readonly hidesLabel?: boolean;
  readonly width?: "xs" | "sm" | "md" | "full";
}

/** What a field's own input is made with. */
export interface Bound<T> {
  readonly id: string;
  readonly value: T;
  readonly set: (value: T) => void;
  readonly blur: () => void;
  readonly ref: (element: HTMLElement | null) => void;
  readonly isDisabled: boolean;
  readonly isReadOnly: boolean;
  readonly className: string;
  /** Spread on the input: how it is told of its label, hint and error. */
  readonly aria: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": true | undefined;
    readonly "aria-required": true | undefined;
  };
}

interface ShellProps {
  readonly control: Pick<ControlProps<unknown>, "label" | "hint" | "isRequired" | "hidesLabel" | "width">;
  readonly id: string;
  readonly error: string | undefined;
  readonly isGroup: boolean;
  readonly ownsLabel: boolean;
  readonly children: ReactNode;
}

function Shell({ control, id, error, isGroup, ownsLabel, children }: ShellProps) {
  const t = useText(uiMessages);
  const { label, hint, isRequired = false, hidesLabel = false, width = "full" } = control;
  const text = (
    <>
      {label}
      {isRequired && <span className={css["mark"]}>({t("required")})</span>}
    </>
  );
  const shown = hidesLabel ? <VisuallyHidden>{text}</VisuallyHidden> : text;
  const rest = (
    <>
      {hint !== undefined && (
        <div id={`${id}-hint`} className={css["hint"]}>
          {hint}
        </div>
      )}
      <div className={classes(css["control"], css[`w-${width}`])}>{children}</div>
      {error !== undefined && (
        <div id={`${id}-error`} className={css["error"]}>
          <Icon of={IconAlertCircle} size={16} />
          {error}
        </div>
      )}
    </>
  );
  const className = css["field"];
  if (isGroup) {
    return (
      <fieldset
        className={className}
        id={id}
        tabIndex={-1}
        aria-describedby={describedBy(id, hint !== undefined, error !== undefined)}
      >
        <legend className={hidesLabel ? undefined : css["label"]}>{shown}</legend>
        {rest}
      </fieldset>
    );
  }
  return (
    <div className={className}>
      {!ownsLabel && (
        <label htmlFor={id} className={hidesLabel ? undefined : css["label"]}>
          {shown}
        </label>
      )}
      {rest}
    </div>
  );
}

function describedBy(id: string, hasHint: boolean, hasError: boolean): string | undefined {
  const named = [hasHint && `${id}-hint`, hasError && `${id}-error`].filter((part) => part !== false);
  return named.length === 0 ? undefined : named.join(" ");
}

interface ControlShellProps<T> {
  readonly control: ControlProps<T>;
  /** What the field holds while nothing was entered. */
  readonly empty: T;
  readonly isEmpty: (value: T) => boolean;
  readonly isGroup?: boolean;
  /** The input brings its label itself, as a check box does. */
  readonly ownsLabel?: boolean;
  readonly children: (bound: Bound<T>) => ReactNode;
}

interface RawBinding<T> {
  readonly value: T;
  readonly set: (value: T) => void;
  readonly blur: () => void;
  readonly ref: (element: HTMLElement | null) => void;
  readonly error: string | undefined;
  readonly isReadOnly: boolean;
}

function Rendered<T>({
  shell,
  id,
  raw,
}: {
  readonly shell: ControlShellProps<T>;
  readonly id: string;
  readonly raw: RawBinding<T>;
}) {
  const { control, isGroup = false, ownsLabel = false, children } = shell;
  const error = control.error ?? raw.error;
  return (
    <Shell control={control} id={id} error={error} isGroup={isGroup} ownsLabel={ownsLabel}>
      {children({
        ...raw,
        id,
        isDisabled: control.isDisabled ?? false,
        isReadOnly: raw.isReadOnly || (control.isReadOnly ?? false),
        className: classes(css["input"]),
        aria: {
          id,
          "aria-describedby": describedBy(id, control.hint !== undefined, error !== undefined),
          "aria-invalid": error === undefined ? undefined : true,
          "aria-required": control.isRequired === true ? true : undefined,
        },
      })}
    </Shell>
  );
}

interface BindingProps<T> {
  readonly shell: ControlShellProps<T>;
  readonly id: string;
}

function InForm<T>({ shell, id, name }: BindingProps<T> & { readonly name: string }) {
  const { control, empty, isEmpty } = shell;
  const t = useText(uiMessages);
  const form = useContext(FormShellContext);
  const { field, fieldState } = useController({
    name,
    defaultValue: empty as never,
    rules: {
      validate: (value: T) => {
        const known = value ?? empty;
        if (control.isRequired === true && isEmpty(known)) return t("requiredMessage", { label: control.label });
        return control.validate?.(known) ?? true;
      },
    },
  });
  const { label } = control;
  useEffect(() => form?.register(name, { id, label }), [form, name, id, label]);
  const raw: RawBinding<T> = {
    value: (field.value as T | undefined) ?? empty,
    set: (value) => {
      field.onChange(value);
      control.onChange?.(value);
    },
    blur: () => {
      field.onBlur();
      control.onBlur?.();
    },
    ref: field.ref,
    error: fieldState.error?.message,
    isReadOnly: form?.isReadOnly ?? false,
  };
  return <Rendered shell={shell} id={id} raw={raw} />;
}

function Bare<T>({ shell, id }: BindingProps<T>) {
  const { control, empty } = shell;
  const [own, setOwn] = useState<T>(control.value ?? empty);
  const raw: RawBinding<T> = {
    value: control.value ?? own,
    set: (value) => {
      setOwn(value);
      control.onChange?.(value);
    },
    blur: () => control.onBlur?.(),
    ref: () => undefined,
    error: undefined,
    isReadOnly: false,
  };
  return <Rendered shell={shell} id={id} raw={raw} />;
}

/** Label, hint, input and error of one field, bound to its form by name or to the screen by value. */
export function Control<T>(shell: ControlShellProps<T>) {
  const id = useId();
  const isInForm = useContext(FormShellContext) !== undefined;
  const { name } = shell.control;
  return isInForm && name !== undefined ? <InForm shell={shell} id={id} name={name} /> : <Bare shell={shell} id={id} />;
}
