import { useCallback, useRef, useState } from "react";
import type { ConflictRule, DayRow, DayView, MovesView, ScheduleSetupView } from "../../../../core/contract/index.ts";
import { call, newEffect, Problem } from "../../api/client.ts";
import { type DropWords, type LaneTarget, notify } from "../../ui/index.ts";
import { effectOf } from "./booking-fields.tsx";
import { type LaneKind, laneOf, NO_LANE, slotOf } from "./lane-days.ts";
import type { Steps } from "./use-steps.ts";
import type { Words } from "./words.ts";

/** Where an appointment would go: another time of the day, another lane, or both. */
export interface Destination {
  readonly time?: Pick<DayRow, "start">["start"];
  readonly lane?: { readonly by: LaneKind; readonly id: string };
}

interface DragDay {
  readonly day: DayView;
  readonly by: LaneKind;
  readonly lanes: readonly string[];
  readonly rows: readonly DayRow[];
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
  readonly steps: Steps;
  /** What the clinic lets be where it is meant is asked by the dialog. */
  readonly onAsk: (row: DayRow, destination: Destination, rules: readonly string[]) => void;
}

export interface DragMove {
  /** A move that the server has not answered yet is shown as done. */
  readonly placed: { readonly id: string; readonly target: LaneTarget } | undefined;
  readonly onDragStart: (id: string) => void;
  readonly tell: (id: string, target: LaneTarget) => DropWords;
  readonly onDrop: (id: string, target: LaneTarget) => void;
}

/** Moves appointments by dragging. What stands against a place is the server's answer, and so is whether it is done. */
export function useDragMove({ day, by, lanes, rows, setup, words, steps, onAsk }: DragDay): DragMove {
  const { t, rules, timeOf } = words;
  const [found, setFound] = useState<{ readonly id: string; readonly moves: MovesView } | undefined>(undefined);
  const [placed, setPlaced] = useState<DragMove["placed"]>(undefined);
  const asked = useRef<AbortController | undefined>(undefined);

  const obstacleAt = (
    id: string,
    { lane, slot }: LaneTarget,
  ): MovesView["lanes"][number]["obstacles"][number] | undefined => {
    const at = day.slots[slot]?.at ?? "";
    const own = found?.id === id ? found.moves.lanes.find((each) => (each.lane ?? NO_LANE) === lane) : undefined;
    return own?.obstacles.find(({ from, to }) => from <= at && at < to);
  };

  const onDragStart = useCallback(
    (id: string): void => {
      asked.current?.abort();
      const { signal } = (asked.current = new AbortController());
      setFound(undefined);
      const query = { by, lane: lanes.map((lane) => (lane === NO_LANE ? "" : lane)) };
      void call("findMoves", { path: { id, day: day.day }, query, signal })
        .then((moves) => setFound({ id, moves }))
        // Without it the drop itself is judged.
        .catch(() => undefined);
    },
    [by, day.day, lanes],
  );

  const send = async (row: DayRow, target: LaneTarget, destination: Destination): Promise<void> => {
    setPlaced({ id: row.id, target });
    try {
      const body = { ...bodyOf(day.day, destination), accept: [] };
      const answer = await call("moveAppointment", {
        path: { id: row.id },
        ifMatch: row.version,
        effect: newEffect(),
        body,
      });
      await steps.moved(answer, row, day.day);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      const { issues } = thrown;
      const isAsked = issues.length > 0 && issues.every(({ code }) => effectOf(setup, code) === "confirm");
      if (isAsked)
        onAsk(
          row,
          destination,
          issues.map(({ code }) => code),
        );
      else await steps.tell(thrown, row);
    } finally {
      setPlaced(undefined);
    }
  };

  const textOf = (broken: readonly ConflictRule[]): string => broken.map((rule) => rules[rule] ?? "").join(" ");
  return {
    placed,
    onDragStart,
    tell(id, target) {
      const obstacle = obstacleAt(id, target);
      const row = rows.find((each) => each.id === id);
      const isSame = row !== undefined && slotOf(day, row.start.at) === target.slot;
      const time = isSame ? row.start : day.slots[target.slot];
      const text = time === undefined ? "" : timeOf(time);
      if (obstacle === undefined) return { text, tone: "possible" };
      const why = textOf(obstacle.rules);
      return obstacle.effect === "refuse"
        ? { text, reason: t("notPossible", { why }), tone: "impossible" }
        : { text, reason: t("asksFirst", { why }), tone: "asks" };
    },
    onDrop(id, target) {
      const row = rows.find((each) => each.id === id);
      const slot = day.slots[target.slot];
      if (row === undefined || slot === undefined) return;
      const isTimed = slotOf(day, row.start.at) !== target.slot;
      const isElsewhere = laneOf(row, by) !== target.lane;
      if (!isTimed && !isElsewhere) return;
      const destination = { ...(isTimed && { time: slot }), ...(isElsewhere && { lane: { by, id: target.lane } }) };
      const obstacle = obstacleAt(id, target);
      if (obstacle === undefined) void send(row, target, destination);
      else if (obstacle.effect === "confirm") onAsk(row, destination, obstacle.rules);
      else notify({ tone: "danger", text: t("notMoved", { why: textOf(obstacle.rules) }) });
    },
  };
}

const bodyOf = (day: string, { time, lane }: Destination) => ({
  ...(time && { day, time: time.time, ...(time.occurrence && { occurrence: time.occurrence }) }),
  ...(lane && { [lane.by]: lane.id === NO_LANE ? null : lane.id }),
});
