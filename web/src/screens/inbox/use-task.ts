import type { ChangeTask, TaskView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { notify } from "../../ui/index.ts";
import { CHANGED } from "./refreshed.ts";
import { useWords } from "./words.ts";

export interface Tasked {
  readonly id: string;
  readonly version: number;
}

/** What is done with a task: over the version that is shown, and taken back where it can be. */
export function useTask(onGone: () => void) {
  const { w } = useWords();
  const change = useAct("changeTask", { refresh: CHANGED });
  const back = useAct("changeTask", { refresh: CHANGED });

  const takeBack = async ({ id, version }: TaskView, body: ChangeTask): Promise<void> => {
    const done = await back.act({ path: { id }, ifMatch: version, body });
    notify(done === undefined ? { text: w("failedUndo"), tone: "warning" } : { text: w("undone") });
  };

  const move = async ({ id, version }: Tasked, body: ChangeTask): Promise<boolean> => {
    const done = await change.act({ path: { id }, ifMatch: version, body });
    if (done === undefined) return false;
    if (body.move === "complete") {
      notify({ text: w("done.complete"), undo: () => takeBack(done, { move: "reopen", reason: w("undone") }) });
      onGone();
    } else if (body.move === "snooze") {
      notify({ text: w("done.snooze"), undo: () => takeBack(done, { move: "wake" }) });
      onGone();
    } else notify({ text: body.move === "assign" ? w("done.assign") : w("done.change") });
    return true;
  };

  return { move, isPending: change.isPending, problem: change.problem, reset: change.reset };
}
