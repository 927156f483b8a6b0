import { useState } from "react";
import type { OwnNote } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Button, List, Row, Stack, Text } from "../../ui/index.ts";
import { recordMessages } from "./messages.ts";

function Note({ note: { title, date, author, text } }: { readonly note: OwnNote }) {
  const [t, format] = [useText(recordMessages), useFormat()];
  const [isOpen, setIsOpen] = useState(false);
  const when = date === undefined ? undefined : date.length <= 10 ? format.date(date) : format.day(date);
  const told = [when, author === undefined ? undefined : t("by", { name: author })].filter(
    (part) => part !== undefined,
  );
  return (
    <Stack gap="xs">
      <Row justify="between">
        <Stack gap="xs">
          <Text as="strong">{title}</Text>
          <Text size="sm" tone="muted">
            {told.join(", ")}
          </Text>
        </Stack>
        {text !== undefined && (
          <Button
            size="lg"
            isExpanded={isOpen}
            label={t(isOpen ? "hideNote" : "readNote", { title })}
            onClick={() => setIsOpen(!isOpen)}
          >
            {t(isOpen ? "close" : "read")}
          </Button>
        )}
      </Row>
      {isOpen && <Text isProse>{text}</Text>}
    </Stack>
  );
}

/** Signed notes, each opened by itself. */
export const Notes = ({ notes, label }: { readonly notes: readonly OwnNote[]; readonly label: string }) => (
  <List label={label} items={notes} itemKey={({ id }) => id}>
    {(note) => <Note note={note} />}
  </List>
);
