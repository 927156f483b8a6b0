import type { NoteSection, NoteView, Snippet } from "../../../../core/contract/index.ts";
import { Button, CheckboxField, Menu, Row, Stack, Text, TextAreaField } from "../../ui/index.ts";
import { expand } from "./snippets.ts";
import { useWords } from "./words.ts";

interface SectionFieldProps {
  readonly section: NoteSection;
  /** What the note's template says of it. */
  readonly rule: NoteView["sections"][number] | undefined;
  readonly snippets: readonly Snippet[];
  readonly onChange: (section: NoteSection) => void;
}

/** One section of a note: its text, what it was carried from, and the snippets that can be put in. */
export function SectionField({ section, rule, snippets, onChange }: SectionFieldProps) {
  const { t, format } = useWords();
  const { carried } = section;
  const write = (text: string): void => onChange({ ...section, text });
  const insert = (text: string): void => {
    write(section.text === "" ? text : `${section.text.trimEnd()}\n${text}`);
  };
  const source = carried && { when: format.day(carried.at), by: carried.by };
  return (
    <Stack gap="xs">
      <TextAreaField
        label={section.title}
        value={section.text}
        onChange={write}
        rewrite={(typed) => expand(typed, snippets)}
        rows={4}
        isRequired={rule?.isRequired ?? false}
        maxLength={20_000}
        {...(rule?.prompt !== undefined && { placeholder: rule.prompt })}
        {...(source && { hint: t(carried?.isConfirmed === true ? "carriedConfirmed" : "carried", source) })}
      />
      {carried !== undefined && !carried.isConfirmed && (
        <CheckboxField
          label={`${t("confirmCarried")}: ${section.title}`}
          value={false}
          onChange={() => onChange({ ...section, carried: { ...carried, isConfirmed: true } })}
        />
      )}
      {snippets.length > 0 && (
        <Row justify="end">
          <Menu
            label={`${t("snippet")}: ${section.title}`}
            trigger={
              <Button size="sm" tone="quiet" label={`${t("snippet")}: ${section.title}`}>
                {t("snippet")}
              </Button>
            }
            entries={snippets.map(({ name, text }) => ({
              id: name,
              label: `.${name}`,
              detail: text.length > 60 ? `${text.slice(0, 57)}…` : text,
              onSelect: () => insert(text),
            }))}
          />
        </Row>
      )}
      {rule === undefined && <Text tone="warning">{t("unreadable")}</Text>}
    </Stack>
  );
}
