import type { TaskView } from "../../../../core/contract/index.ts";
import { Badge, Heading, List, Row, Stack, Text } from "../../ui/index.ts";
import { STATE_TONES, useWords } from "./words.ts";

/** Where a task stands: whose, until when, why, and what was said to it. */
export function TaskFacts({ task }: { readonly task: TaskView }) {
  const { t, w, format, whoIs, whenDue } = useWords();
  const { due, snoozedUntil, comments, reason, priority } = task;
  return (
    <Stack gap="sm">
      <Row gap="xs">
        <Badge text={t(`task.${task.state}`)} tone={STATE_TONES[task.state]} />
        <Badge text={t(`category.${task.category}`)} />
        {priority !== "routine" && <Badge text={t(`priority.${priority}`)} tone="warning" />}
        {due !== undefined && <Badge text={whenDue(due)} tone={due.isOverdue ? "danger" : "neutral"} />}
        {snoozedUntil !== undefined && <Badge text={t("snoozedUntil", { when: format.dateTime(snoozedUntil) })} />}
      </Row>
      <Text size="sm" tone="muted">
        {t("owner", { who: whoIs(task.owner) })}.{" "}
        {w("requestedBy", { who: whoIs(task.requester), when: format.dateTime(task.createdAt) })}
      </Text>
      {reason !== undefined && <Text size="sm">{w("because", { reason })}</Text>}
      {comments.length > 0 && (
        <>
          <Heading level={3}>{w("comments")}</Heading>
          <List label={w("comments")} items={comments} itemKey={({ at, text }) => `${at} ${text}`} look="spaced">
            {({ by, at, text }) => (
              <Stack gap="none">
                <Text size="xs" tone="muted">
                  {w("lastFrom", { who: whoIs(by), when: format.dateTime(at) })}
                </Text>
                <Text isProse>{text}</Text>
              </Stack>
            )}
          </List>
        </>
      )}
    </Stack>
  );
}
