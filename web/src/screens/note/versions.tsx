import { useState } from "react";
import type { NoteView, NoteVersionView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { AskState, Badge, Drawer, EmptyState, Heading, SelectField, Stack, Text } from "../../ui/index.ts";
import { lookOf, useWords } from "./words.ts";

/** Every version of a note, one at a time. */
export function Versions({ note, onClose }: { readonly note: NoteView; readonly onClose: () => void }) {
  const { t, format } = useWords();
  const query = useAsk("listNoteVersions", { path: { id: note.id } });
  const [chosen, setChosen] = useState("");
  const lineOf = ({ version, at, by }: NoteVersionView): string =>
    t("versionLine", { version: String(version), when: format.dateTime(at), by: by.name });
  return (
    <Drawer title={t("versions")} isOpen onClose={onClose} size="md" closesLightly>
      <AskState
        query={query}
        label={t("versions")}
        isEmpty={({ versions }) => versions.length === 0}
        empty={<EmptyState title={t("versionNone")} />}
      >
        {({ versions }) => {
          const shown = versions.find(({ version }) => String(version) === chosen) ?? versions[0];
          return (
            <Stack gap="lg">
              <SelectField
                label={t("versions")}
                value={String(shown?.version ?? "")}
                onChange={setChosen}
                isRequired
                choices={versions.map((each) => ({ value: String(each.version), label: lineOf(each) }))}
              />
              {shown !== undefined && <Badge {...lookOf({ state: shown.state, isAmended: false }, t)} />}
              {(shown?.sections ?? []).map(({ key, title, text }) => (
                <Stack key={key} gap="xs">
                  <Heading level={3}>{title}</Heading>
                  <Text isProse>{text === "" ? t("nothing") : text}</Text>
                </Stack>
              ))}
            </Stack>
          );
        }}
      </AskState>
    </Drawer>
  );
}
