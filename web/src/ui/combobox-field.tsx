import { Combobox, useCombobox } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";
import { useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import { type Bound, Control, type ControlProps } from "./control.tsx";
import float from "./float.module.css";
import { uiMessages } from "./messages.ts";
import { portalProps } from "./portal.ts";
import { VisuallyHidden } from "./text.tsx";

export interface ComboboxOption {
  readonly value: string;
  readonly label: string;
  /** What tells it from another of the same name. */
  readonly detail?: string;
}

interface ComboboxFieldProps extends ControlProps<string> {
  /** All of the options: what is typed narrows them. */
  readonly options?: readonly ComboboxOption[];
  /** Or where they are found. What is typed goes into a request's body, never into an address. */
  readonly search?: (text: string, signal: AbortSignal) => Promise<readonly ComboboxOption[]>;
  /** The label of the value that the field begins with. */
  readonly valueLabel?: string;
  /** What was typed may stay as it is. */
  readonly takesOwn?: boolean;
  readonly onPick?: (option: ComboboxOption | undefined) => void;
  readonly placeholder?: string;
}

const PAUSE_MS = 200;

const fits = ({ label, detail = "" }: ComboboxOption, text: string): boolean => {
  const typed = text.trim().toLocaleLowerCase();
  return typed === "" || `${label} ${detail}`.toLocaleLowerCase().includes(typed);
};

/** Options for what is typed: narrowed here, or asked for after a pause. The last question alone is answered. */
function useOptions({ options, search }: ComboboxFieldProps, text: string, isOpen: boolean) {
  const [found, setFound] = useState<readonly ComboboxOption[] | undefined>(undefined);
  const ask = useEffectEvent((signal: AbortSignal) => search?.(text, signal));
  const isSearching = search !== undefined;
  useEffect(() => {
    if (!isSearching || !isOpen) return undefined;
    setFound(undefined);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const show = (next: readonly ComboboxOption[]): void => {
        if (!stop.signal.aborted) setFound(next);
      };
      ask(stop.signal)?.then(show, () => show([]));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [isSearching, isOpen, text]);
  return isSearching ? found : (options ?? []).filter((option) => fits(option, text));
}

function Input({ bound, props }: { readonly bound: Bound<string>; readonly props: ComboboxFieldProps }) {
  const t = useText(uiMessages);
  const { aria, value, set, blur, ref, isDisabled, isReadOnly, className } = bound;
  const [text, setText] = useState<string | undefined>(undefined);
  const [picked, setPicked] = useState<ComboboxOption | undefined>(undefined);
  const [isMoved, setIsMoved] = useState(false);
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const isOpen = box.dropdownOpened;
  const options = useOptions(props, text ?? "", isOpen);
  const named = picked?.value === value ? picked.label : props.options?.find((option) => option.value === value)?.label;
  const label = named ?? (value === "" ? "" : (props.valueLabel ?? (props.takesOwn === true ? value : "")));

  const pick = (option: ComboboxOption | undefined): void => {
    setPicked(option);
    setText(undefined);
    set(option?.value ?? "");
    props.onPick?.(option);
    box.closeDropdown();
  };
  return (
    <Combobox
      store={box}
      withinPortal
      portalProps={portalProps}
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: float["dropdown"] ?? "", option: float["item"] ?? "", options: float["options"] ?? "" }}
      onOptionSubmit={(chosen) => pick(options?.find((option) => option.value === chosen))}
    >
      {/* It names the option that the arrows came to last, also where typing has taken that away. */}
      <Combobox.Target withExpandedAttribute withAriaAttributes={isMoved}>
        <input
          {...aria}
          ref={ref}
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={isOpen ? (box.listId ?? undefined) : undefined}
          // Escape closes the options, and not the dialog around them.
          data-mantine-stop-propagation={isOpen ? true : undefined}
          className={classes(className)}
          type="text"
          autoComplete="off"
          placeholder={props.placeholder}
          value={text ?? label}
          disabled={isDisabled}
          readOnly={isReadOnly}
          onKeyDown={({ key }) => {
            if (key === "ArrowDown" || key === "ArrowUp") setIsMoved(true);
          }}
          onChange={({ target }) => {
            setIsMoved(false);
            setText(target.value);
            if (props.takesOwn === true) set(target.value);
            if (target.value === "") pick(undefined);
            box.openDropdown();
            box.updateSelectedOptionIndex("selected");
          }}
          onClick={() => box.openDropdown()}
          onBlur={() => {
            box.closeDropdown();
            setText(undefined);
            blur();
          }}
        />
      </Combobox.Target>
      <VisuallyHidden>
        <span role="status">
          {isOpen && (options === undefined ? t("searching") : t("matches", { count: options.length }))}
        </span>
      </VisuallyHidden>
      <Combobox.Dropdown>
        <Combobox.Options aria-label={props.label}>
          {options?.map((option) => (
            <Combobox.Option key={option.value} value={option.value} active={option.value === value}>
              <span>{option.label}</span>
              {option.detail !== undefined && <span className={float["detail"]}>{option.detail}</span>}
            </Combobox.Option>
          ))}
          {(options ?? []).length === 0 && (
            // A list box holds options and nothing else: this one cannot be taken.
            <Combobox.Empty className={float["note"] ?? ""} role="option" aria-disabled aria-selected={false}>
              {options === undefined ? t("searching") : t("noMatch")}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** One of many, found by typing. Arrow keys move, Enter takes, Escape closes. */
export const ComboboxField = (props: ComboboxFieldProps) => (
  <Control control={props} empty="" isEmpty={(value) => value === ""}>
    {(bound) => <Input bound={bound} props={props} />}
  </Control>
);
