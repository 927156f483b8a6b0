import { IconMailPlus, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { MessageCategory, TaskView, ThreadLine } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import {
  AskState,
  Badge,
  Button,
  EmptyState,
  Link,
  List,
  RestrictedState,
  Row,
  Section,
  Stack,
  Text,
} from "../../ui/index.ts";
import { ComposeDialog, TaskDialog } from "./compose.tsx";
import { STATE_TONES, useWords } from "./words.ts";

function ThreadRow({ thread }: { readonly thread: ThreadLine }) {
  const { t, w, format, whoIs } = useWords();
  const { id, topic, category, state, unread, count, lastAt, lastFrom } = thread;
  return (
    <Stack gap="xs">
      <Row gap="xs">
        <Link to="/app/inbox" search={{ scope: "everyone", open: `message~${id}` }}>
          {topic}
        </Link>
        <Badge text={t(`category.${category}`)} />
        <Badge text={t(`state.${state}`)} tone={state === "open" ? "info" : "neutral"} />
        {unread > 0 && <Badge text={t("unread", { count: unread })} tone="info" />}
      </Row>
      <Text size="sm" tone="muted">
        {`${w("messages", { count })} · ${w("lastFrom", { who: whoIs(lastFrom), when: format.dateTime(lastAt) })}`}
      </Text>
    </Stack>
  );
}

function TaskRow({ task }: { readonly task: TaskView }) {
  const { t, whoIs, whenDue } = useWords();
  const { id, title, state, owner, due, link, kind } = task;
  const open = kind === "message" && link !== undefined ? `message~${link.id}` : `task~${id}`;
  return (
    <Row gap="xs">
      <Link to="/app/inbox" search={{ scope: "everyone", open }}>
        {title}
      </Link>
      <Badge text={t(`task.${state}`)} tone={STATE_TONES[state]} />
      {due !== undefined && <Badge text={whenDue(due)} tone={due.isOverdue ? "danger" : "neutral"} />}
      <Text as="span" size="sm" tone="muted">
        {t("owner", { who: whoIs(owner) })}
      </Text>
    </Row>
  );
}

function Withheld({ categories }: { readonly categories: readonly MessageCategory[] }) {
  const { t, w } = useWords();
  if (categories.length === 0) return null;
  const kinds = categories.map((category) => t(`category.${category}`)).join(", ");
  return <RestrictedState reason="minimum-necessary" title={w("tab.withheld", { kinds })} />;
}

/** The tab of a chart: the patient's conversations and the tasks about her. */
export default function MessagesTab({ patient }: { readonly patient: string }) {
  const { w } = useWords();
  const can = useCan();
  const query = useAsk("listMessages", { path: { id: patient } });
  const [asked, setAsked] = useState<"message" | "task" | undefined>(undefined);
  const compose = can("message.send") && (
    <Button tone="primary" icon={IconMailPlus} onClick={() => setAsked("message")}>
      {w("compose")}
    </Button>
  );
  const give = can("task.create") && (
    <Button icon={IconPlus} onClick={() => setAsked("task")}>
      {w("newTask")}
    </Button>
  );
  return (
    <Stack>
      <AskState query={query} label={w("tab.title")}>
        {({ threads, tasks, withheld }) => (
          <Stack gap="lg">
            <Section title={w("tab.threads")} actions={compose}>
              {threads.length === 0 ? (
                <EmptyState title={w("tab.noThreads")} hint={w("tab.noThreadsHint")} isCompact />
              ) : (
                <List label={w("tab.threads")} items={threads} itemKey={({ id }) => id}>
                  {(thread) => <ThreadRow thread={thread} />}
                </List>
              )}
            </Section>
            <Section title={w("tab.tasks")} actions={give}>
              {tasks.length === 0 ? (
                <EmptyState title={w("tab.noTasks")} hint={w("tab.noTasksHint")} isCompact />
              ) : (
                <List label={w("tab.tasks")} items={tasks} itemKey={({ id }) => id}>
                  {(task) => <TaskRow task={task} />}
                </List>
              )}
            </Section>
            <Withheld categories={withheld} />
          </Stack>
        )}
      </AskState>
      {asked === "message" && <ComposeDialog patient={patient} onClose={() => setAsked(undefined)} />}
      {asked === "task" && <TaskDialog patient={patient} onClose={() => setAsked(undefined)} />}
    </Stack>
  );
}
