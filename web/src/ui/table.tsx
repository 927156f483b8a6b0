import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useText } from "../i18n/index.ts";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import css from "./table.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly render: (row: Row) => ReactNode;
  /** Figures and amounts stand at the end. */
  readonly align?: "start" | "end";
  /** As narrow as its content. */
  readonly isNarrow?: boolean;
  /** What the column is sorted by; not sortable where not said. */
  readonly sortBy?: (row: Row) => string | number | bigint;
  /** Names the row: read out before each of its cells. */
  readonly isRowHeader?: boolean;
  /** The label is said and not shown, as over buttons. */
  readonly hidesLabel?: boolean;
}

interface TableProps<Row> {
  /** What the table holds. */
  readonly caption: string;
  readonly hidesCaption?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Stand below the others however those are sorted: a rounding, a total. */
  readonly foot?: readonly Row[];
  /** Shown where there are no rows. */
  readonly empty?: ReactNode;
  /** A row that stands out. Its words must say why as well. */
  readonly rowTone?: (row: Row) => "warning" | "danger" | "muted" | undefined;
  /** On a phone a row becomes a card; false scrolls instead, as a grid of figures does. */
  readonly stacks?: boolean;
  readonly sortedBy?: { readonly column: string; readonly isDescending?: boolean };
}

/* A table that is laid out as cards is one still: browsers drop what `display` changes, and these say it again. */
const ROLE = {
  table: { role: "table" },
  group: { role: "rowgroup" },
  row: { role: "row" },
  column: { role: "columnheader" },
  header: { role: "rowheader" },
  cell: { role: "cell" },
} as const;

interface Sorting {
  readonly column: string;
  readonly isDescending: boolean;
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting) => void;
}

function Head<Row>({ column, sorting, onSort }: HeadProps<Row>) {
  const t = useText(uiMessages);
  const direction = sorting?.column === column.id ? (sorting.isDescending ? "descending" : "ascending") : undefined;
  const className = classes(column.align === "end" && css["end"], column.isNarrow === true && css["narrow"]);
  const label =
    column.hidesLabel === true ? <span className={css["hidden-caption"]}>{column.label}</span> : column.label;
  if (column.sortBy === undefined) {
    return (
      <th scope="col" className={className} {...ROLE.column}>
        {label}
      </th>
    );
  }
  const shape = direction === undefined ? IconArrowsSort : direction === "ascending" ? IconArrowUp : IconArrowDown;
  return (
    <th scope="col" className={className} aria-sort={direction} {...ROLE.column}>
      <button
        type="button"
        className={css["sort"]}
        title={t("sortBy", { column: column.label })}
        onClick={() => onSort({ column: column.id, isDescending: direction === "ascending" })}
      >
        {label}
        <Icon of={shape} size={12} />
      </button>
    </th>
  );
}

type Sorted = string | number | bigint;

const compare = (one: Sorted, other: Sorted): number => {
  if (typeof one === "string" || typeof other === "string") return String(one).localeCompare(String(other));
  return one < other ? -1 : one > other ? 1 : 0;
};

function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const by = columns.find(({ id }) => id === sorting?.column)?.sortBy;
  if (by === undefined || sorting === undefined) return rows;
  const sign = sorting.isDescending ? -1 : 1;
  return rows.toSorted((one, other) => sign * compare(by(one), by(other)));
}

/** Rows of records with a caption and headers; on a phone each row is a card that names its cells. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, hidesCaption = false, columns, rows, foot = [], rowKey, empty, rowTone, stacks = true } = props;
  const { sortedBy } = props;
  const t = useText(uiMessages);
  const [sorting, setSorting] = useState<Sorting | undefined>(
    sortedBy && { column: sortedBy.column, isDescending: sortedBy.isDescending ?? false },
  );
  const shown = useMemo(() => sorted(rows, columns, sorting), [rows, columns, sorting]);
  if (rows.length + foot.length === 0) return <div className={css["empty"]}>{empty ?? t("tableEmpty")}</div>;
  return (
    <div className={css["frame"]}>
      {/* What scrolls sideways is reached by keyboard. */}
      <div className={css["scroll"]} {...(!stacks && { role: "region", "aria-label": caption, tabIndex: 0 })}>
        <table className={classes(css["table"], stacks && css["stacks"])} {...ROLE.table}>
          <caption className={hidesCaption ? css["hidden-caption"] : css["caption"]}>{caption}</caption>
          <thead {...ROLE.group}>
            <tr {...ROLE.row}>
              {columns.map((column) => (
                <Head key={column.id} column={column} sorting={sorting} onSort={setSorting} />
              ))}
            </tr>
          </thead>
          <tbody {...ROLE.group}>
            {[...shown, ...foot].map((row) => {
              const tone = rowTone?.(row);
              return (
                <tr key={rowKey(row)} className={tone === undefined ? undefined : css[tone]} {...ROLE.row}>
                  {columns.map((column) => {
                    const className = classes(
                      column.align === "end" && css["end"],
                      column.isNarrow === true && css["narrow"],
                      column.hidesLabel === true && css["bare"],
                    );
                    return column.isRowHeader === true ? (
                      <th key={column.id} scope="row" className={className} {...ROLE.header}>
                        {column.render(row)}
                      </th>
                    ) : (
                      <td key={column.id} className={className} {...ROLE.cell}>
                        <span className={css["label"]} aria-hidden="true">
                          {column.label}
                        </span>
                        <span>{column.render(row)}</span>
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
