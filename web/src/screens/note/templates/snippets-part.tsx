import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Snippet } from "../../../../../core/contract/index.ts";
import { useText } from "../../../i18n/index.ts";
import { Button, Card, IconButton, Row, Section, Stack, Text, TextAreaField, TextField } from "../../../ui/index.ts";
import { templateMessages } from "./messages.ts";

interface SnippetsPartProps {
  readonly snippets: readonly Snippet[];
  readonly onChange: (snippets: readonly Snippet[]) => void;
}

/** Texts that are put in for `.name`. */
export function SnippetsPart({ snippets, onChange }: SnippetsPartProps) {
  const t = useText(templateMessages);
  const put = (index: number, snippet: Snippet): void =>
    onChange(snippets.map((each, at) => (at === index ? snippet : each)));
  return (
    <Section title={t("snippets")}>
      <Stack>
        <Text tone="muted">{t("snippetsIntro")}</Text>
        {snippets.map((snippet, index) => (
          <Card
            // Its name is what is edited: the place alone stays.
            key={index}
            level={3}
            title={t("snippet", { name: `.${snippet.name}` })}
            actions={
              <IconButton
                icon={IconTrash}
                label={t("removeSnippet", { name: `.${snippet.name}` })}
                onClick={() => onChange(snippets.filter((_each, at) => at !== index))}
              />
            }
          >
            <Stack>
              <TextField
                label={t("snippetName")}
                value={snippet.name}
                onChange={(name) => put(index, { ...snippet, name: name.toLowerCase().replaceAll(/[^a-z0-9]/g, "") })}
                isRequired
                isCode
                width="sm"
                maxLength={20}
              />
              <TextAreaField
                label={t("snippetText")}
                value={snippet.text}
                onChange={(text) => put(index, { ...snippet, text })}
                isRequired
                maxLength={4000}
              />
            </Stack>
          </Card>
        ))}
        <Row>
          <Button icon={IconPlus} onClick={() => onChange([...snippets, { name: "", text: "" }])}>
            {t("addSnippet")}
          </Button>
        </Row>
      </Stack>
    </Section>
  );
}
