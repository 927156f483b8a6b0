import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef, useState } from "react";

/** Where something would be dropped. */
export interface LaneTarget {
  readonly lane: string;
  readonly slot: number;
}

export interface LaneDrag {
  readonly key: string;
  /** Undefined while the pointer is over no lane. */
  readonly target: LaneTarget | undefined;
}

interface DragActs {
  readonly onStart: (key: string) => void;
  readonly onDrop: (key: string, target: LaneTarget) => void;
}

/** A mouse that moves less than this was a click; a finger that moves more before it was held scrolls. */
const SLACK_PX = 6;
const HOLD_MS = 400;
/** Near the edge of the window the page moves along. */
const EDGE_PX = 56;
const EDGE_STEP_PX = 12;
const NOT_A_HANDLE = "a, button, input, select, textarea, [role='menu']";

interface Press {
  readonly key: string;
  /** From the top of what is dragged to the pointer. */
  readonly offsetY: number;
  readonly fromX: number;
  readonly fromY: number;
  x: number;
  y: number;
  isDragging: boolean;
  readonly end: AbortController;
}

const slotsIn = (lane: Element): readonly Element[] => [...lane.querySelectorAll("[data-slot]")];

/** The lane under the pointer, and the slot whose beginning is nearest to the top of what is dragged. */
function targetOf(frame: HTMLElement, { x, y, offsetY }: Press): LaneTarget | undefined {
  const lane = [...frame.querySelectorAll<HTMLElement>("[data-lane]")].find((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return left <= x && x < right && top <= y && y < bottom;
  });
  const id = lane?.dataset["lane"];
  if (lane === undefined || id === undefined) return undefined;
  const wanted = y - offsetY;
  const away = slotsIn(lane).map((slot) => Math.abs(slot.getBoundingClientRect().top - wanted));
  const slot = away.indexOf(Math.min(...away));
  return slot === -1 ? undefined : { lane: id, slot };
}

function scrollAtEdge(frame: HTMLElement, { x, y }: Press): void {
  const step = (at: number, end: number): number =>
    at < EDGE_PX ? -EDGE_STEP_PX : at > end - EDGE_PX ? EDGE_STEP_PX : 0;
  const { left, width } = frame.getBoundingClientRect();
  globalThis.scrollBy(0, step(y, globalThis.innerHeight));
  frame.scrollLeft += step(x - left, width);
}

/**
 * Dragging between lanes by pointer: a mouse at once, a finger after it was held, so that it scrolls otherwise. Escape
 * takes it back. Who works by keyboard has another way, which the caller gives.
 */
export function useLaneDrag(acts: DragActs) {
  const frame = useRef<HTMLDivElement>(null);
  const press = useRef<Press | undefined>(undefined);
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  const [drag, setDrag] = useState<LaneDrag | undefined>(undefined);

  const stop = useCallback(() => {
    press.current?.end.abort();
    press.current = undefined;
    setDrag(undefined);
  }, []);
  useEffect(() => stop, [stop]);

  const look = useCallback(() => {
    const now = press.current;
    if (now?.isDragging !== true || frame.current === null) return;
    const target = targetOf(frame.current, now);
    setDrag((before) =>
      before?.key === now.key && before.target?.lane === target?.lane && before.target?.slot === target?.slot
        ? before
        : { key: now.key, target },
    );
  }, []);

  const begin = useCallback(
    (now: Press) => {
      now.isDragging = true;
      latest.current.onStart(now.key);
      const move = (): void => {
        if (now.end.signal.aborted) return;
        if (frame.current !== null) scrollAtEdge(frame.current, now);
        look();
        requestAnimationFrame(move);
      };
      move();
    },
    [look],
  );

  const onPointerDown = useCallback(
    (event: ReactPointerEvent<HTMLElement>, key: string) => {
      if (press.current !== undefined || !event.isPrimary || event.button !== 0) return;
      if (event.target instanceof Element && event.target.closest(NOT_A_HANDLE) !== null) return;
      const { clientX: x, clientY: y, pointerType, pointerId } = event;
      const offsetY = y - event.currentTarget.getBoundingClientRect().top;
      const now: Press = { key, offsetY, fromX: x, fromY: y, x, y, isDragging: false, end: new AbortController() };
      press.current = now;
      const { signal } = now.end;
      const isHeld = pointerType !== "mouse";
      if (isHeld) {
        const timer = setTimeout(() => begin(now), HOLD_MS);
        signal.addEventListener("abort", () => clearTimeout(timer));
      }
      const on = <K extends keyof WindowEventMap>(
        name: K,
        act: (event: WindowEventMap[K]) => void,
        options: AddEventListenerOptions = {},
      ): void => globalThis.addEventListener(name, act as EventListener, { ...options, signal });
      on("pointermove", (moved) => {
        if (moved.pointerId !== pointerId) return;
        now.x = moved.clientX;
        now.y = moved.clientY;
        const isFar = Math.hypot(now.x - now.fromX, now.y - now.fromY) > SLACK_PX;
        if (now.isDragging) look();
        else if (isFar && isHeld) stop();
        else if (isFar) begin(now);
      });
      on("pointerup", (up) => {
        if (up.pointerId !== pointerId) return;
        const target = now.isDragging && frame.current !== null ? targetOf(frame.current, now) : undefined;
        stop();
        if (target !== undefined) latest.current.onDrop(key, target);
      });
      on("pointercancel", (lost) => lost.pointerId === pointerId && stop());
      on("blur", stop);
      on(
        "keydown",
        (pressed) => {
          if (pressed.key !== "Escape" || !now.isDragging) return;
          pressed.preventDefault();
          pressed.stopImmediatePropagation();
          stop();
        },
        { capture: true },
      );
      // A finger that drags does not scroll, and asks for no menu.
      on("touchmove", (moved) => now.isDragging && moved.preventDefault(), { passive: false });
      on("contextmenu", (asked) => isHeld && asked.preventDefault());
    },
    [begin, look, stop],
  );

  return { frame, drag, onPointerDown };
}
