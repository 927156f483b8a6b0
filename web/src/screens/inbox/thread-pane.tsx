import { useEffect, useEffectEvent, useState } from "react";
import type { MessageView, ThreadView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import { AskState, Badge, Button, Card, Heading, List, Row, Stack, Text } from "../../ui/index.ts";
import { ForwardDialog } from "./compose.tsx";
import { ReplyForm } from "./reply-form.tsx";
import { CHANGED } from "./refreshed.ts";
import { TaskActs } from "./task-acts.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { useWords } from "./words.ts";

function MessageLine({ message }: { readonly message: MessageView }) {
  const { t, format, whoIs } = useWords();
  const { from, to, sentAt, text, readBy } = message;
  return (
    <Stack gap="xs">
      <Row justify="between" gap="xs">
        <Text as="span" size="sm" isStrong>
          {t("from", { from: whoIs(from), to: to.map(whoIs).join(", ") })}
        </Text>
        <Text as="span" size="xs" tone="muted">
          {format.dateTime(sentAt)}
        </Text>
      </Row>
      <Text isProse>{text}</Text>
      <Text size="xs" tone="muted">
        {readBy.length === 0
          ? t("notRead")
          : readBy.map(({ by, at }) => t("readBy", { who: whoIs(by), when: format.dateTime(at) })).join(" ")}
      </Text>
    </Stack>
  );
}

/** Says once to the server that what waited here was opened. */
function useReceipt({ id, unread }: ThreadView): void {
  const { act } = useAct("receiveThread", { refresh: CHANGED });
  const receive = useEffectEvent(() => void act({ path: { id } }));
  useEffect(() => {
    if (unread > 0) receive();
  }, [id, unread]);
}

interface ThreadProps {
  readonly thread: ThreadView;
  readonly onGone: () => void;
}

function Thread({ thread, onGone }: ThreadProps) {
  const { t, w } = useWords();
  const [isForwarding, setIsForwarding] = useState(false);
  const { task } = thread;
  useReceipt(thread);
  useHotkey("r", w("key.reply"), () => focusReply());
  return (
    <Stack>
      {task === undefined ? (
        <Row gap="xs">
          <Badge text={t(`state.${thread.state}`)} tone={thread.state === "open" ? "info" : "neutral"} />
          <Badge text={t(`category.${thread.category}`)} />
        </Row>
      ) : (
        <>
          <TaskFacts task={task} />
          <TaskActs task={task} onGone={onGone} hasKeys />
        </>
      )}
      {thread.forwardedFrom !== undefined && (
        <Text size="sm" tone="muted">
          {t("forwardedFrom")}
        </Text>
      )}
      <List label={thread.topic} items={thread.messages} itemKey={({ id }) => id}>
        {(message) => <MessageLine message={message} />}
      </List>
      <Row justify="between">
        <Heading level={3}>{w("reply")}</Heading>
        <Button size="sm" tone="quiet" onClick={() => setIsForwarding(true)}>
          {t("act.forward")}
        </Button>
      </Row>
      <ReplyForm key={thread.id} thread={thread} onSent={(isClosed) => isClosed && onGone()} />
      {isForwarding && <ForwardDialog thread={thread} onClose={() => setIsForwarding(false)} />}
    </Stack>
  );
}

/** The field that a reply is written in: the last of the page that is one. */
function focusReply(): void {
  const areas = document.querySelectorAll<HTMLTextAreaElement>("#content textarea");
  areas.item(areas.length - 1).focus();
}

interface ThreadPaneProps {
  readonly id: string;
  readonly onGone: () => void;
}

/** One conversation: what was said, who works on it, and the next message. */
export function ThreadPane({ id, onGone }: ThreadPaneProps) {
  const { t } = useWords();
  const query = useAsk("readThread", { path: { id } }, { freshMs: 0 });
  return (
    <AskState query={query} label={t("one.message")}>
      {(thread) => (
        <Card title={thread.topic}>
          <Thread key={thread.id} thread={thread} onGone={onGone} />
        </Card>
      )}
    </AskState>
  );
}
