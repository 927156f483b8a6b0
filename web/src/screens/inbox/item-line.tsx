import { IconFileText, IconFlask, IconListCheck, IconMail } from "@tabler/icons-react";
import type { InboxItem } from "../../../../core/contract/index.ts";
import { Badge, type IconType, Row, Stack, Text } from "../../ui/index.ts";
import { FLAG_TONES, useWords } from "./words.ts";

const ICONS: Readonly<Record<InboxItem["kind"], IconType>> = {
  message: IconMail,
  task: IconListCheck,
  result: IconFlask,
  note: IconFileText,
};

/** An item in the list: whose, what, from when, and everything that makes it urgent, in words. */
export function ItemLine({ item }: { readonly item: InboxItem }) {
  const { t, w, format, whoIs, whenDue, whoseIs } = useWords();
  const { kind, title, priority, due, unread, flag, snoozedUntil } = item;
  return (
    <Stack gap="xs">
      <Row justify="between" gap="xs">
        <Text as="span" isStrong>
          {whoseIs(item)}
        </Text>
        <Text as="span" size="xs" tone="muted">
          {format.relative(item.at)}
        </Text>
      </Row>
      <Text as="span" size="sm" isStrong={unread > 0}>
        {title}
      </Text>
      <Row gap="xs">
        <Badge text={t(`one.${kind}`)} icon={ICONS[kind]} />
        {unread > 0 && <Badge text={t("unread", { count: unread })} tone="info" />}
        {flag !== undefined && flag !== "normal" && <Badge text={w(`flag.${flag}`)} tone={FLAG_TONES[flag]} />}
        {priority !== "routine" && <Badge text={t(`priority.${priority}`)} tone="warning" />}
        {due !== undefined && <Badge text={whenDue(due)} tone={due.isOverdue ? "danger" : "neutral"} />}
        {snoozedUntil !== undefined && <Badge text={t("snoozedUntil", { when: format.dateTime(snoozedUntil) })} />}
      </Row>
      <Text as="span" size="xs" tone="muted">
        {t("owner", { who: whoIs(item.owner) })}
      </Text>
    </Stack>
  );
}
