import type { NoteView } from "../../../../core/contract/index.ts";
import { Alert, Heading, Section, Stack, Text } from "../../ui/index.ts";
import { Signatures } from "./signatures.tsx";
import { useWords } from "./words.ts";

/** What a note says, to be read and printed. Sections without a text are left out. */
export function NoteText({ note, level = 3 }: { readonly note: NoteView; readonly level?: 3 | 4 }) {
  const { t, format } = useWords();
  const written = note.sections.filter(({ text }) => text.trim() !== "");
  if (note.sections.length === 0) return <Alert tone="danger" title={t("unreadable")} />;
  if (written.length === 0) return <Text tone="muted">{t("noText")}</Text>;
  return (
    <Stack gap="lg">
      {written.map(({ key, title, text, carried }) => (
        <Stack key={key} gap="xs">
          <Heading level={level}>{title}</Heading>
          {carried !== undefined && (
            <Text size="sm" tone="muted">
              {t(carried.isConfirmed ? "carriedConfirmed" : "carried", {
                when: format.day(carried.at),
                by: carried.by,
              })}
            </Text>
          )}
          <Text isProse>{text}</Text>
        </Stack>
      ))}
    </Stack>
  );
}

/** A note that is read: its text, its signatures, and what was added later. On paper it goes on over the page's end. */
export function Reader({ note }: { readonly note: NoteView }) {
  const { t } = useWords();
  return (
    <Stack gap="lg">
      <Section title={note.template.name}>
        <NoteText note={note} />
      </Section>
      <Signatures note={note} />
      {note.addenda.map((addendum) => (
        <Section key={addendum.id} title={t("addendum")}>
          <NoteText note={addendum} />
          <Signatures note={addendum} level={3} />
        </Section>
      ))}
    </Stack>
  );
}
