interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Column<Item> {
  readonly item: Item;
  /** From 0 on. */
  readonly column: number;
  /** Beside how many it stands, itself among them. */
  readonly columns: number;
}

/** Puts what overlaps beside each other: each into the first column that is free, and all that touch share the width. */
export function columnsOf<Item extends Span>(items: readonly Item[]): readonly Column<Item>[] {
  const sorted = items.toSorted((one, other) => one.from - other.from);
  const placed: Column<Item>[] = [];
  let group: { readonly item: Item; readonly column: number }[] = [];
  let ends: number[] = [];
  const close = (): void => {
    placed.push(...group.map((each) => ({ ...each, columns: ends.length })));
    [group, ends] = [[], []];
  };
  for (const item of sorted) {
    if (ends.every((end) => end <= item.from)) close();
    const free = ends.findIndex((end) => end <= item.from);
    const column = free === -1 ? ends.length : free;
    ends[column] = item.to;
    group.push({ item, column });
  }
  close();
  return placed;
}
