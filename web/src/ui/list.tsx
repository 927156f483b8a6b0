import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import css from "./list.module.css";

interface ListProps<Item> {
  /** What the list holds, for who hears it. */
  readonly label: string;
  readonly items: readonly Item[];
  readonly itemKey: (item: Item) => string;
  readonly children: (item: Item) => ReactNode;
  readonly look?: "spaced" | "lined" | "bullets";
}

/** Things of one kind, one under the other. */
export const List = <Item,>({ label, items, itemKey, children, look = "lined" }: ListProps<Item>) => (
  <ul aria-label={label} className={classes(css["list"], css[look])}>
    {items.map((item) => (
      <li key={itemKey(item)}>{children(item)}</li>
    ))}
  </ul>
);

export interface Definition {
  readonly term: string;
  readonly value: ReactNode;
}

interface DefinitionListProps {
  readonly items: readonly Definition[];
  /** `columns`: as many beside each other as fit. `rows`: the term beside its value. */
  readonly look?: "columns" | "rows";
}

/** Terms and what they are. */
export const DefinitionList = ({ items, look = "columns" }: DefinitionListProps) => (
  <div className={css["frame"]}>
    <dl className={classes(css["definitions"], css[look])}>
      {items.map(({ term, value }) => (
        <div key={term} className={css["pair"]}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  </div>
);
