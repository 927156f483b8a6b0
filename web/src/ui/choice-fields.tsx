import type { ReactNode } from "react";
import { useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import { Control, type ControlProps } from "./control.tsx";
import css from "./control.module.css";
import { uiMessages } from "./messages.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
  readonly isDisabled?: boolean;
  /** Choices of one group stand together under its name. */
  readonly group?: string;
}

interface SelectFieldProps extends ControlProps<string> {
  readonly choices: readonly Choice[];
  /** What stands there while nothing is chosen; undefined where something always is. */
  readonly placeholder?: string;
}

const isBlank = (value: string): boolean => value === "";

const options = (choices: readonly Choice[]): ReactNode =>
  choices.map(({ value, label, isDisabled = false }) => (
    <option key={value} value={value} disabled={isDisabled}>
      {label}
    </option>
  ));

/** One of a few. The browser's own list, which works on every device. */
export function SelectField(props: SelectFieldProps) {
  const t = useText(uiMessages);
  const groups = [...new Set(props.choices.map(({ group }) => group))];
  return (
    <Control control={props} empty="" isEmpty={isBlank}>
      {({ aria, value, set, blur, ref, isDisabled, isReadOnly, className }) => (
        <select
          {...aria}
          ref={ref}
          className={classes(className, css["select"])}
          value={value}
          disabled={isDisabled || isReadOnly}
          onChange={(event) => set(event.target.value)}
          onBlur={blur}
        >
          {(value === "" || props.isRequired !== true) && <option value="">{props.placeholder ?? t("choose")}</option>}
          {groups.map((group) => {
            const own = options(props.choices.filter((choice) => choice.group === group));
            return group === undefined ? (
              own
            ) : (
              <optgroup key={group} label={group}>
                {own}
              </optgroup>
            );
          })}
        </select>
      )}
    </Control>
  );
}

type CheckboxFieldProps = ControlProps<boolean>;

/** Yes or no. Required means yes. */
export const CheckboxField = (props: CheckboxFieldProps) => (
  <Control control={props} empty={false} isEmpty={(value) => !value} ownsLabel>
    {({ aria, value, set, blur, ref, isDisabled, isReadOnly }) => (
      <label className={css["check"]} htmlFor={aria.id}>
        <input
          {...aria}
          ref={ref}
          type="checkbox"
          checked={value}
          disabled={isDisabled || isReadOnly}
          onChange={(event) => set(event.target.checked)}
          onBlur={blur}
        />
        <span>{props.label}</span>
      </label>
    )}
  </Control>
);

interface RadioFieldProps extends ControlProps<string> {
  readonly choices: readonly Choice[];
  /** Beside each other. */
  readonly isInline?: boolean;
}

/** One of a few that are all in sight. */
export const RadioField = (props: RadioFieldProps) => (
  <Control control={props} empty="" isEmpty={isBlank} isGroup>
    {({ id, value, set, blur, isDisabled, isReadOnly }) => (
      <div className={classes(css["checks"], props.isInline === true && css["beside"])}>
        {props.choices.map((choice) => (
          <label key={choice.value} className={css["check"]}>
            <input
              type="radio"
              name={id}
              value={choice.value}
              checked={value === choice.value}
              disabled={isDisabled || isReadOnly || choice.isDisabled === true}
              onChange={() => set(choice.value)}
              onBlur={blur}
            />
            <span>
              {choice.label}
              {choice.hint !== undefined && <span className={css["hint"]}> {choice.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    )}
  </Control>
);

interface CheckboxesFieldProps extends ControlProps<readonly string[]> {
  readonly choices: readonly Choice[];
  readonly isInline?: boolean;
}

/** Any of a few that are all in sight. */
export const CheckboxesField = (props: CheckboxesFieldProps) => (
  <Control control={props} empty={[]} isEmpty={(value) => value.length === 0} isGroup>
    {({ value, set, blur, isDisabled, isReadOnly }) => (
      <div className={classes(css["checks"], props.isInline === true && css["beside"])}>
        {props.choices.map((choice) => (
          <label key={choice.value} className={css["check"]}>
            <input
              type="checkbox"
              checked={value.includes(choice.value)}
              disabled={isDisabled || isReadOnly || choice.isDisabled === true}
              onChange={({ target }) =>
                set(
                  props.choices
                    .map((known) => known.value)
                    .filter((known) => (known === choice.value ? target.checked : value.includes(known))),
                )
              }
              onBlur={blur}
            />
            <span>
              {choice.label}
              {choice.hint !== undefined && <span className={css["hint"]}> {choice.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    )}
  </Control>
);
