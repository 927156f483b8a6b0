import type { NoteLine as Line } from "../../../../core/contract/index.ts";
import { Badge, LinkButton, Row, Stack, Text } from "../../ui/index.ts";
import { noteTarget } from "./note-address.ts";
import { lookOf, namesOf, useWords } from "./words.ts";

/** One note in a list, with the way to it. */
export function NoteLine({ note }: { readonly note: Line }) {
  const { t, format } = useWords();
  const { text, tone, icon } = lookOf(note, t);
  const name = note.isAddendum ? t("addendum") : note.type;
  const isOpen = note.state === "draft" || note.state === "reopened";
  const open = t(isOpen ? "continueNote" : "openNote");
  return (
    <Row justify="between">
      <Stack gap="xs">
        <Row>
          <Text as="strong" isStrong>
            {name}
          </Text>
          <Badge text={text} tone={tone} icon={icon} />
          {note.labels.length > 0 && <Badge text={t("segmented")} tone="restricted" />}
        </Row>
        <Text size="sm" tone="muted">
          {t("by", { names: namesOf(note.authors) })} · {format.dateTime(note.writtenAt)}
        </Text>
      </Stack>
      <LinkButton {...noteTarget(note.id)} size="sm" label={`${open}: ${name}, ${format.dateTime(note.writtenAt)}`}>
        {open}
      </LinkButton>
    </Row>
  );
}
