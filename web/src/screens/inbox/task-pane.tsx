import type { Link as LinkTo, TaskView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { AskState, Card, Link, type LinkTarget, Stack } from "../../ui/index.ts";
import { noteTarget } from "../note/note-address.ts";
import { TaskActs } from "./task-acts.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { useWords } from "./words.ts";

/** Where what a task is about is shown. */
export function targetOfLink({ type, id }: LinkTo, patient: string | undefined): LinkTarget | undefined {
  switch (type) {
    case "DocumentReference":
      return noteTarget(id);
    case "DiagnosticReport":
      return { to: "/app/inbox", search: { scope: "everyone", open: `result~${id}` } };
    case "Communication":
      return { to: "/app/inbox", search: { scope: "everyone", open: `message~${id}` } };
    case "Appointment":
      return patient === undefined ? undefined : { to: "/app/patients/$patient", params: { patient } };
  }
}

interface TaskPaneProps {
  readonly id: string;
  readonly onGone: () => void;
}

function Linked({ task }: { readonly task: TaskView }) {
  const { t, w } = useWords();
  const target = task.link && targetOfLink(task.link, task.patient);
  if (task.link === undefined || target === undefined) return null;
  return <Link {...target}>{`${t("openLinked")}: ${w(`linked.${task.link.type}`)}`}</Link>;
}

/** One task: where it stands, what was said to it, and what can be done. */
export function TaskPane({ id, onGone }: TaskPaneProps) {
  const { t } = useWords();
  const query = useAsk("readTask", { path: { id } }, { freshMs: 0 });
  return (
    <AskState query={query} label={t("one.task")}>
      {(task) => (
        <Card title={task.title}>
          <Stack>
            <TaskFacts task={task} />
            <Linked task={task} />
            <TaskActs task={task} onGone={onGone} hasKeys />
          </Stack>
        </Card>
      )}
    </AskState>
  );
}
