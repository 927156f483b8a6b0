import { useCallback, useState } from "react";
import type {
  AcceptedRule,
  AppointmentView,
  DayRow,
  DayView,
  MoveAppointment,
  Step,
} from "../../../../core/contract/index.ts";
import { type Ask, call, newEffect, Problem } from "../../api/client.ts";
import { problemMessages } from "../../api/messages.ts";
import { issueText, problemText } from "../../api/problem-text.ts";
import { useText } from "../../i18n/index.ts";
import { notify } from "../../ui/index.ts";
import type { Words } from "./words.ts";

/** Steps that need nothing but to be said. */
type Said = Exclude<Step, "room" | "cancel">;

export interface Steps {
  /** The row on which something is under way. */
  readonly pending: string | undefined;
  readonly take: (row: DayRow, step: Said) => void;
  /** Any other step that was taken. */
  readonly did: (what: string, answer: AppointmentView) => void;
  /** A row was moved, from what it was on which day: ends when the board shows it. */
  readonly moved: (answer: AppointmentView, before: DayRow, day: string) => Promise<void>;
  /** Tells why an act on a row failed, in whatever way. */
  readonly tell: (thrown: unknown, row: DayRow) => Promise<void>;
  /** Tells of a row that somebody else changed. True where that is what went wrong. */
  readonly tellConflict: (problem: Problem, row: DayRow) => Promise<boolean>;
  readonly refresh: () => Promise<void>;
}

/** To where it was: what it broke there was meant, and nothing else is. */
function backTo(before: DayRow, day: string, now: DayRow): MoveAppointment {
  const { start, minutes, provider, room, visitType, flags } = before;
  const flagged: readonly (readonly [DayRow["flags"][number], AcceptedRule])[] = [
    ["outside-hours", "outside-hours"],
    ["provider-away", "provider-away"],
    ["double-booked", "provider-busy"],
  ];
  return {
    ...(start.at !== now.start.at && {
      day,
      time: start.time,
      ...(start.occurrence !== undefined && { occurrence: start.occurrence }),
    }),
    ...(minutes !== now.minutes && { minutes }),
    ...(provider !== now.provider && { provider: provider ?? null }),
    ...(room !== now.room && { room: room ?? null }),
    ...(visitType !== now.visitType && { visitType: visitType ?? null }),
    accept: flagged.flatMap(([flag, rule]) => (flags.includes(flag) ? [rule] : [])),
  };
}

/** Takes steps on rows, says what was done with a way back, and shows what others did meanwhile. */
export function useSteps({ t, rules }: Words, reload: () => Promise<{ readonly data: DayView | undefined }>): Steps {
  const say = useText(problemMessages);
  const [pending, setPending] = useState<string | undefined>(undefined);

  const refresh = useCallback(async (): Promise<void> => {
    await reload();
  }, [reload]);

  const tellConflict = useCallback(
    async (problem: Problem, row: DayRow): Promise<boolean> => {
      if (problem.kind !== "version-conflict" && problem.kind !== "conflict") return false;
      const { data } = await reload();
      const now = data?.rows.find(({ id }) => id === row.id);
      const text = now === undefined ? t("gone") : t("changedTo", { stage: t(`stage.${now.stage}`) });
      notify({ tone: "warning", text });
      return true;
    },
    [reload, t],
  );

  const tell = useCallback(
    async (thrown: unknown, row: DayRow): Promise<void> => {
      if (!(thrown instanceof Problem)) throw thrown;
      if (await tellConflict(thrown, row)) return;
      const [issue] = thrown.issues;
      const text = issue === undefined ? problemText(thrown, say, rules) : issueText(issue, say, rules);
      notify({ tone: "danger", text });
    },
    [rules, say, tellConflict],
  );

  const send = useCallback(
    async (row: DayRow, step: Said): Promise<AppointmentView | undefined> => {
      setPending(row.id);
      const ask: Ask<"startVisit"> = { path: { id: row.id }, ifMatch: row.version, effect: newEffect() };
      try {
        return step === "start"
          ? await call("startVisit", ask)
          : await call("stepAppointment", { ...ask, body: { step } });
      } catch (thrown) {
        await tell(thrown, row);
        return undefined;
      } finally {
        setPending(undefined);
      }
    },
    [tell],
  );

  const moveBack = useCallback(
    async ({ row }: AppointmentView, before: DayRow, day: string): Promise<void> => {
      try {
        await call("moveAppointment", {
          path: { id: row.id },
          ifMatch: row.version,
          effect: newEffect(),
          body: backTo(before, day, row),
        });
        notify({ tone: "info", text: t("done.undo") });
      } catch (thrown) {
        await tell(thrown, row);
      }
      await refresh();
    },
    [refresh, t, tell],
  );

  const moved = useCallback<Steps["moved"]>(
    (answer, before, day) => {
      const undo = (): void => void moveBack(answer, before, day);
      notify({ text: t("done.move"), undo, undoLabel: t("step.undo") });
      return refresh();
    },
    [moveBack, refresh, t],
  );

  const takeBack = useCallback(
    async (answer: AppointmentView): Promise<void> => {
      if ((await send(answer.row, "undo")) !== undefined) notify({ tone: "info", text: t("done.undo") });
      await refresh();
    },
    [refresh, send, t],
  );

  const did = useCallback<Steps["did"]>(
    (what, answer) => {
      const canUndo = answer.row.steps.includes("undo");
      notify({ text: what, ...(canUndo && { undo: () => void takeBack(answer), undoLabel: t("step.undo") }) });
      void refresh();
    },
    [refresh, t, takeBack],
  );

  const take = useCallback<Steps["take"]>(
    (row, step) => {
      if (!row.steps.includes(step)) {
        notify({ tone: "info", text: t("notNow") });
        return;
      }
      void send(row, step).then((answer) => {
        if (answer === undefined) return;
        if (step === "undo") {
          notify({ tone: "info", text: t("done.undo") });
          void refresh();
        } else did(t(`done.${step}`), answer);
      });
    },
    [did, refresh, send, t],
  );

  return { pending, take, did, moved, tell, tellConflict, refresh };
}
