import { IconAlertCircle } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { classes } from "./classes.ts";
import css from "./entry-grid.module.css";
import { Icon } from "./icon.tsx";

/** One number of a row that is typed. */
export interface EntryInput {
  readonly name: string;
  /** Its whole name, as the row and the column do not say it together: "Weight in kg". */
  readonly label: string;
  readonly value: string;
  readonly error?: string | undefined;
}

export interface EntryRow {
  readonly id: string;
  readonly label: ReactNode;
  /** Beside what is typed: the unit. */
  readonly unit?: ReactNode;
  /** Empty for a row that nobody types, as one that is computed. */
  readonly inputs: readonly EntryInput[];
  /** Between two numbers of a row: the stroke of a blood pressure. */
  readonly joint?: string;
  readonly hint?: ReactNode;
  /** What stands in the columns, in their order. */
  readonly cells: readonly ReactNode[];
}

interface EntryGridProps {
  /** What the grid holds. */
  readonly caption: string;
  readonly rowsLabel: string;
  /** The column that is typed into; left out where nobody may. */
  readonly entryLabel?: string;
  readonly columns: readonly { readonly id: string; readonly label: ReactNode }[];
  readonly rows: readonly EntryRow[];
  readonly onChange: (name: string, value: string) => void;
  /** Enter in the last number, and Ctrl with Enter anywhere. */
  readonly onSubmit: () => void;
}

/** How far a key moves among the numbers that are typed; undefined for a key that is the number's own. */
function stepOf(event: KeyboardEvent<HTMLInputElement>): 1 | -1 | undefined {
  const { key, currentTarget, shiftKey } = event;
  const { selectionStart, selectionEnd, value } = currentTarget;
  const isAtStart = selectionStart === 0 && selectionEnd === 0;
  const isAtEnd = selectionStart === value.length;
  if (key === "Enter") return shiftKey ? -1 : 1;
  if (key === "ArrowDown" || (key === "ArrowRight" && isAtEnd)) return 1;
  if (key === "ArrowUp" || (key === "ArrowLeft" && isAtStart)) return -1;
  return undefined;
}

/**
 * Rows of measures, a column that is typed into, and beside it what was before. Enter and the arrow keys go from number to
 * number as in a spreadsheet; Tab goes on as everywhere.
 */
export function EntryGrid(props: EntryGridProps) {
  const { caption, rowsLabel, entryLabel, columns, rows, onChange, onSubmit } = props;
  const id = useId();
  const grid = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSubmit();
      return;
    }
    const step = stepOf(event);
    if (step === undefined) return;
    event.preventDefault();
    const inputs = [...(grid.current?.querySelectorAll("input") ?? [])];
    const next = inputs[inputs.indexOf(event.currentTarget) + step];
    if (next !== undefined) {
      next.focus();
      next.select();
    } else if (event.key === "Enter" && step === 1) onSubmit();
  };
  return (
    // What scrolls sideways is reached by keyboard.
    <div className={css["scroll"]} {...{ role: "region", "aria-label": caption, tabIndex: 0 }}>
      <table ref={grid} className={css["grid"]}>
        <caption className={css["caption"]}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{rowsLabel}</th>
            {entryLabel !== undefined && (
              <th scope="col" className={css["entry"]}>
                {entryLabel}
              </th>
            )}
            {columns.map((column) => (
              <th key={column.id} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.label}</th>
              {entryLabel !== undefined && (
                <td className={css["entry"]}>
                  <span className={css["inputs"]}>
                    {row.inputs.map((input, index) => (
                      <span key={input.name} className={css["joined"]}>
                        {index > 0 && row.joint !== undefined && <span aria-hidden="true">{row.joint}</span>}
                        <input
                          type="text"
                          inputMode="decimal"
                          autoComplete="off"
                          data-name={input.name}
                          aria-label={input.label}
                          aria-invalid={input.error === undefined ? undefined : true}
                          aria-describedby={input.error === undefined ? undefined : `${id}-${input.name}`}
                          className={classes(css["input"], input.error !== undefined && css["wrong"])}
                          value={input.value}
                          onChange={({ target }) => onChange(input.name, target.value)}
                          onKeyDown={move}
                        />
                      </span>
                    ))}
                    {row.unit}
                  </span>
                  {row.inputs.map(({ name, error }) =>
                    error === undefined ? null : (
                      <span key={name} id={`${id}-${name}`} className={css["error"]}>
                        <Icon of={IconAlertCircle} size={14} />
                        {error}
                      </span>
                    ),
                  )}
                  {row.hint}
                </td>
              )}
              {row.cells.map((cell, index) => (
                <td key={columns[index]?.id ?? index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
