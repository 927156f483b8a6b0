import { IconGripVertical } from "@tabler/icons-react";
import { type CSSProperties, type ReactNode, useId } from "react";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { columnsOf } from "./lane-columns.ts";
import { Heading } from "./text.tsx";
import css from "./time-lanes.module.css";
import { type LaneTarget, useLaneDrag } from "./use-lane-drag.ts";

export type { LaneTarget } from "./use-lane-drag.ts";

/** Part of a day, in slots: `to` is the first that is no longer of it. */
export interface LaneSpan {
  readonly from: number;
  readonly to: number;
}

export interface LaneItem extends LaneSpan {
  readonly key: string;
  readonly content: ReactNode;
  readonly canDrag: boolean;
  /** Something is under way with it. */
  readonly isBusy: boolean;
}

export interface TimeLane {
  readonly id: string;
  readonly name: string;
  readonly state?: ReactNode;
  /** What its hatched parts say. */
  readonly note?: string;
  /** Stands where it holds nothing. */
  readonly empty: string;
  readonly items: readonly LaneItem[];
  /** Hatched. */
  readonly closed: readonly LaneSpan[];
}

/** What a drop would do, in words. */
export interface DropWords {
  readonly text: string;
  readonly reason?: string;
  readonly tone: "possible" | "asks" | "impossible";
}

interface TimeLanesProps {
  readonly label: string;
  /** A label for each slot that has one. */
  readonly slots: readonly (string | undefined)[];
  readonly lanes: readonly TimeLane[];
  /** The slot in which it is now, and how that is said. */
  readonly now?: { readonly slot: number; readonly label: string } | undefined;
  readonly onDragStart: (key: string) => void;
  readonly tell: (key: string, target: LaneTarget) => DropWords;
  readonly onDrop: (key: string, target: LaneTarget) => void;
}

const rowsOf = ({ from, to }: LaneSpan): CSSProperties => ({ gridRow: `${String(from + 1)} / ${String(to + 1)}` });

/** What scrolls sideways is reached by keyboard. */
const SCROLLED = { role: "region", tabIndex: 0 } as const;

/**
 * Lanes side by side on one scale of time; on a phone one under the other. A slot is as high as what begins in it needs, in
 * all lanes at once. Items can be dragged by pointer: give another way to whoever works by keyboard.
 */
export function TimeLanes({ label, slots, lanes, now, tell, onDragStart, onDrop }: TimeLanesProps) {
  const { frame, drag, onPointerDown } = useLaneDrag({ onStart: onDragStart, onDrop });
  const dragged = lanes.flatMap(({ items }) => items).find(({ key }) => key === drag?.key);
  const style = { "--rows": `auto repeat(${String(slots.length)}, minmax(var(--slot), auto))` } as CSSProperties;
  return (
    <div className={css["frame"]}>
      <div ref={frame} aria-label={label} className={css["scroll"]} {...SCROLLED}>
        <div className={classes(css["lanes"], drag !== undefined && css["dragging"])} style={style}>
          {lanes.map((lane) => {
            const target = drag?.target?.lane === lane.id ? drag.target : undefined;
            return (
              <Lane key={lane.id} lane={lane} slots={slots} now={now} lifted={drag?.key} onPointerDown={onPointerDown}>
                {target !== undefined && dragged !== undefined && (
                  <Ghost words={tell(dragged.key, target)} slot={target.slot} item={dragged} count={slots.length} />
                )}
              </Lane>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LaneProps extends Pick<TimeLanesProps, "slots" | "now"> {
  readonly lane: TimeLane;
  readonly lifted: string | undefined;
  readonly onPointerDown: ReturnType<typeof useLaneDrag>["onPointerDown"];
  readonly children: ReactNode;
}

function Lane({ lane, slots, now, lifted, onPointerDown, children }: LaneProps) {
  const id = useId();
  const placed = columnsOf(lane.items);
  return (
    <section aria-labelledby={id} className={css["lane"]} data-lane={lane.id}>
      <div className={css["head"]}>
        <div className={css["title"]}>
          <Heading level={2} size={3} id={id}>
            {lane.name}
          </Heading>
          {lane.state}
        </div>
        {lane.note !== undefined && <p className={css["note"]}>{lane.note}</p>}
        {lane.items.length === 0 && <p className={css["note"]}>{lane.empty}</p>}
      </div>
      <div className={css["scale"]} aria-hidden="true">
        {slots.map((text, slot) => (
          // A slot has no name but its place.
          <div
            key={slot}
            data-slot={slot}
            style={rowsOf({ from: slot, to: slot + 1 })}
            className={classes(css["slot"], text !== undefined && css["named"])}
          >
            {text}
          </div>
        ))}
        {lane.closed.map((span) => (
          <div key={span.from} className={css["closed"]} style={rowsOf(span)} />
        ))}
        {now !== undefined && (
          <div className={css["now"]} style={rowsOf({ from: now.slot, to: now.slot + 1 })}>
            {now.label}
          </div>
        )}
      </div>
      <ul aria-labelledby={id} className={css["items"]}>
        {placed.map(({ item, column, columns }) => (
          <li
            key={item.key}
            style={{ ...rowsOf(item), "--column": column, "--columns": columns } as CSSProperties}
            className={classes(
              css["item"],
              item.canDrag && css["movable"],
              lifted === item.key && css["lifted"],
              item.isBusy && css["busy"],
            )}
            aria-busy={item.isBusy || undefined}
            {...(item.canDrag && { onPointerDown: (event) => onPointerDown(event, item.key) })}
          >
            {item.canDrag && <Icon of={IconGripVertical} className={css["grip"] ?? ""} />}
            {item.content}
          </li>
        ))}
        {children}
      </ul>
    </section>
  );
}

interface GhostProps {
  readonly words: DropWords;
  readonly slot: number;
  readonly item: LaneSpan;
  readonly count: number;
}

/** Where it would be, and what stands against that. It follows a pointer: nobody hears it. */
const Ghost = ({ words, slot, item, count }: GhostProps) => (
  <li
    role="presentation"
    aria-hidden="true"
    data-ghost={words.tone}
    className={classes(css["ghost"], css[words.tone])}
    style={rowsOf({ from: slot, to: Math.min(count, slot + item.to - item.from) })}
  >
    <strong>{words.text}</strong>
    {words.reason !== undefined && <span>{words.reason}</span>}
  </li>
);
