import { IconAlarmSnooze, IconCheck, IconHandGrab, IconUserShare } from "@tabler/icons-react";
import { useState } from "react";
import type { TaskMove, TaskView } from "../../../../core/contract/index.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import { Button, ButtonRow, Menu, type MenuEntry, ProblemState } from "../../ui/index.ts";
import { AssignDialog, PlanDialog, SayDialog, SnoozeDialog } from "./task-dialogs.tsx";
import { useTask } from "./use-task.ts";
import { useWords } from "./words.ts";

type Asked = Extract<TaskMove, "assign" | "snooze" | "cancel" | "fail" | "reopen" | "comment" | "plan">;
const ASKED: readonly Asked[] = ["comment", "plan", "reopen", "fail", "cancel"];

interface TaskActsProps {
  readonly task: TaskView;
  /** It has left the list: nothing is open any more. */
  readonly onGone: () => void;
  /** The keys of the inbox work on it: it is what is open there. */
  readonly hasKeys?: boolean;
}

/** Everything that can be done with a task: the common acts in sight, the others behind one button. */
export function TaskActs({ task, onGone, hasKeys = false }: TaskActsProps) {
  const { t, w, rules } = useWords();
  const { move, isPending, problem, reset } = useTask(onGone);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const may = (one: TaskMove): boolean => task.may.includes(one);
  const ask = (next: Asked | undefined): void => {
    reset();
    setAsked(next);
  };
  const close = (): void => ask(undefined);
  const closing = async (done: Promise<boolean>): Promise<boolean> => {
    const isDone = await done;
    if (isDone) setAsked(undefined);
    return isDone;
  };
  useHotkey("e", w("key.complete"), () => void move(task, { move: "complete" }), hasKeys && may("complete"));
  useHotkey("s", w("key.snooze"), () => ask("snooze"), hasKeys && may("snooze"));
  useHotkey("a", w("key.assign"), () => ask("assign"), hasKeys && may("assign"));
  const isAside = task.snoozedUntil !== undefined;
  const more: MenuEntry[] = [
    ...(may("start")
      ? [{ id: "start", label: t("act.start"), onSelect: () => void move(task, { move: "start" }) }]
      : []),
    ...ASKED.filter(may).map((id): MenuEntry => ({
      id,
      label: t(`act.${id}`),
      tone: id === "cancel" || id === "fail" ? "danger" : "default",
      onSelect: () => ask(id),
    })),
  ];
  const dialog = { problem, onClose: close };
  return (
    <>
      <ButtonRow>
        {may("accept") && (
          <Button icon={IconHandGrab} isPending={isPending} onClick={() => void move(task, { move: "accept" })}>
            {t("act.take")}
          </Button>
        )}
        {may("complete") && (
          <Button icon={IconCheck} isPending={isPending} onClick={() => void move(task, { move: "complete" })}>
            {t("act.complete")}
          </Button>
        )}
        {may("assign") && (
          <Button icon={IconUserShare} onClick={() => ask("assign")}>
            {t("act.assign")}
          </Button>
        )}
        {may("snooze") &&
          (isAside ? (
            <Button icon={IconAlarmSnooze} onClick={() => void move(task, { move: "wake" })}>
              {t("act.wake")}
            </Button>
          ) : (
            <Button icon={IconAlarmSnooze} onClick={() => ask("snooze")}>
              {t("act.snooze")}
            </Button>
          ))}
        {more.length > 0 && <Menu label={`${t("act.more")}: ${task.title}`} entries={more} />}
      </ButtonRow>
      {asked === undefined && problem !== undefined && <ProblemState problem={problem} rules={rules} />}
      {asked === "assign" && (
        <AssignDialog
          {...dialog}
          onAssign={(owner, comment) => closing(move(task, { move: "assign", owner, ...(comment && { comment }) }))}
        />
      )}
      {asked === "snooze" && (
        <SnoozeDialog {...dialog} onSnooze={(until) => closing(move(task, { move: "snooze", until }))} />
      )}
      {asked === "plan" && <PlanDialog {...dialog} task={task} onPlan={(plan) => closing(move(task, plan))} />}
      {asked === "comment" && (
        <SayDialog
          {...dialog}
          title={t("act.comment")}
          label={w("comment")}
          onSay={(comment) => closing(move(task, { move: "comment", comment }))}
        />
      )}
      {(asked === "cancel" || asked === "fail" || asked === "reopen") && (
        <SayDialog
          {...dialog}
          title={t(`act.${asked}`)}
          label={w("reason")}
          onSay={(reason) => closing(move(task, { move: asked, reason }))}
        />
      )}
    </>
  );
}
