import { type ReactNode, type Ref, useEffect, useRef } from "react";
import { classes } from "./classes.ts";
import css from "./panes.module.css";

interface PanesProps {
  /** What narrows the list: beside it where there is room, over it elsewhere. */
  readonly filters: ReactNode;
  readonly list: ReactNode;
  /** What of the list is open; undefined where nothing is. */
  readonly item: ReactNode | undefined;
  /** Names the open item's part, for who hears the page. */
  readonly itemLabel: string;
  /** Which item it is: another one takes the focus when it is opened. */
  readonly itemKey: string | undefined;
  /** Stands in the item's place where nothing is open. */
  readonly placeholder: ReactNode;
}

/** A list, what narrows it, and the one item that is open: beside each other, and on a phone one after the other. */
export function Panes({ filters, list, item, itemLabel, itemKey, placeholder }: PanesProps) {
  const pane = useRef<HTMLElement>(null);
  const shown = useRef(itemKey);
  useEffect(() => {
    if (shown.current === itemKey) return;
    shown.current = itemKey;
    if (itemKey !== undefined) pane.current?.focus();
  }, [itemKey]);
  return (
    <div className={css["frame"]}>
      <div className={classes(css["panes"], item !== undefined && css["is-open"])}>
        <div className={css["filters"]}>{filters}</div>
        <div className={css["list"]}>{list}</div>
        <section ref={pane} tabIndex={-1} aria-label={itemLabel} className={css["item"]}>
          {item ?? placeholder}
        </section>
      </div>
    </div>
  );
}

interface PickListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly itemKey: (item: Item) => string;
  readonly pickedKey: string | undefined;
  readonly onPick: (item: Item) => void;
  readonly refOf?: (key: string) => Ref<HTMLButtonElement>;
  readonly children: (item: Item) => ReactNode;
}

/** Things of which one is open at a time. Each is one button, whose text says all of it. */
export const PickList = <Item,>(props: PickListProps<Item>) => (
  <ul aria-label={props.label} className={css["picks"]}>
    {props.items.map((item) => {
      const key = props.itemKey(item);
      return (
        <li key={key}>
          <button
            type="button"
            ref={props.refOf?.(key)}
            className={css["pick"]}
            aria-current={props.pickedKey === key ? "true" : undefined}
            onClick={() => props.onPick(item)}
          >
            {props.children(item)}
          </button>
        </li>
      );
    })}
  </ul>
);
