import { useState } from "react";
import type { NoteSection } from "../../../../core/contract/index.ts";
import { Alert, Button, ButtonRow, Card, Columns, Heading, RadioField, Stack, Text } from "../../ui/index.ts";
import type { Theirs, Writing } from "./draft-state.ts";
import { useWords } from "./words.ts";

type Choice = "mine" | "theirs" | "both";

const joined = (mine: NoteSection, theirs: NoteSection): NoteSection => ({
  ...theirs,
  text: [theirs.text.trim(), mine.text.trim()].filter((text) => text !== "").join("\n\n"),
});

function merged(mine: Writing, theirs: Theirs, choices: Readonly<Record<string, Choice>>): Writing {
  const sections = theirs.sections.map((section) => {
    const own = mine.sections.find(({ key }) => key === section.key) ?? section;
    const choice = choices[section.key] ?? "mine";
    if (choice === "theirs") return section;
    return choice === "mine" ? own : joined(own, section);
  });
  return { sections, attested: [...new Set([...mine.attested, ...theirs.attested])] };
}

interface ConflictProps {
  readonly mine: Writing;
  readonly theirs: Theirs;
  readonly onMerge: (writing: Writing) => void;
}

/** Two texts of one note beside each other, section by section: nothing was overwritten, and nothing is lost. */
export function Conflict({ mine, theirs, onMerge }: ConflictProps) {
  const { t, format } = useWords();
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const textOf = (key: string): string => mine.sections.find((section) => section.key === key)?.text ?? "";
  const differing = theirs.sections.filter(({ key, text }) => textOf(key) !== text);
  const values = { when: format.time(theirs.savedAt), by: theirs.by.name };
  return (
    <Card title={t("conflictTitle")} tone="warning">
      <Stack gap="lg">
        <Alert tone="warning" title={t(theirs.by.isMe ? "conflictMine" : "conflictTheirs", values)} isLive />
        {differing.map(({ key, title, text }) => (
          <Stack key={key}>
            <Heading level={3}>{title}</Heading>
            <Columns>
              <Stack gap="xs">
                <Text isStrong>{t("mine")}</Text>
                <Text isProse>{textOf(key) || t("nothing")}</Text>
              </Stack>
              <Stack gap="xs">
                <Text isStrong>{t("theirs")}</Text>
                <Text isProse>{text || t("nothing")}</Text>
              </Stack>
            </Columns>
            <RadioField
              label={t("choice", { title })}
              value={choices[key] ?? "mine"}
              onChange={(choice) => setChoices({ ...choices, [key]: choice as Choice })}
              choices={[
                { value: "mine", label: t("takeMine") },
                { value: "theirs", label: t("takeTheirs") },
                { value: "both", label: t("takeBoth") },
              ]}
              isInline
            />
          </Stack>
        ))}
        {differing.length < theirs.sections.length && (
          <Text tone="muted">{t("same", { count: theirs.sections.length - differing.length })}</Text>
        )}
        <ButtonRow>
          <Button tone="primary" onClick={() => onMerge(merged(mine, theirs, choices))}>
            {t("merge")}
          </Button>
        </ButtonRow>
      </Stack>
    </Card>
  );
}
