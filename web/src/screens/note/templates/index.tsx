import { IconCopy, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { NoteTemplate, NoteTemplates, NoteTemplatesView } from "../../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../../api/hooks.ts";
import { useText } from "../../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  ButtonRow,
  ConfirmDialog,
  LeaveGuard,
  notify,
  Page,
  ProblemState,
  SelectField,
  Stack,
  Text,
  Toolbar,
} from "../../../ui/index.ts";
import { templateMessages } from "./messages.ts";
import { SnippetsPart } from "./snippets-part.tsx";
import { emptySection, keyFor, trimmed } from "./state.ts";
import { TemplatePart } from "./template-part.tsx";

/** The clinic's note templates and snippets. */
export default function TemplatesScreen() {
  const t = useText(templateMessages);
  const query = useAsk("readTemplates", {}, { freshMs: Number.POSITIVE_INFINITY });
  return (
    <Page title={t("title")} intro={t("intro")}>
      <AskState query={query} label={t("title")}>
        {(view) => <TemplatesEditor key={view.version} view={view} />}
      </AskState>
    </Page>
  );
}

function TemplatesEditor({ view }: { readonly view: NoteTemplatesView }) {
  const t = useText(templateMessages);
  const [work, setWork] = useState<NoteTemplates>({ templates: view.templates, snippets: view.snippets });
  const [isDirty, setIsDirty] = useState(false);
  const [chosen, setChosen] = useState(view.templates[0]?.id ?? "");
  const [isRemoving, setIsRemoving] = useState(false);
  const save = useAct("changeTemplates", {
    refresh: ["readTemplates"],
    onDone: () => {
      setIsDirty(false);
      notify({ text: t("saved") });
    },
  });
  const change = (next: Partial<NoteTemplates>): void => {
    setWork({ ...work, ...next });
    setIsDirty(true);
  };
  const { templates, snippets } = work;
  const template = templates.find(({ id }) => id === chosen) ?? templates[0];
  const add = (made: Omit<NoteTemplate, "id">): void => {
    const id = keyFor(
      made.name,
      templates.map((each) => each.id),
    );
    change({ templates: [...templates, { ...made, id }] });
    setChosen(id);
  };
  return (
    <Stack gap="lg">
      <LeaveGuard isDirty={isDirty} />
      {view.version === 0 && <Alert tone="info" title={t("first")} />}
      <Toolbar label={t("template")}>
        <SelectField
          label={t("template")}
          value={template?.id ?? ""}
          onChange={setChosen}
          isRequired
          choices={templates.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Button
          icon={IconPlus}
          onClick={() =>
            add({
              name: t("newName"),
              type: "progress",
              sections: [emptySection("note", t("section", { number: 1 }))],
              asks: { vitals: "no", allergies: "no" },
            })
          }
        >
          {t("add")}
        </Button>
        {template !== undefined && (
          <Button icon={IconCopy} onClick={() => add({ ...template, name: t("copyOf", { name: template.name }) })}>
            {t("copy")}
          </Button>
        )}
        {templates.length > 1 && (
          <Button icon={IconTrash} tone="quiet" onClick={() => setIsRemoving(true)}>
            {t("remove")}
          </Button>
        )}
      </Toolbar>
      {template !== undefined && (
        <TemplatePart
          key={template.id}
          template={template}
          onChange={(next) => change({ templates: templates.map((each) => (each.id === next.id ? next : each)) })}
        />
      )}
      <SnippetsPart snippets={snippets} onChange={(next) => change({ snippets: [...next] })} />
      {save.problem !== undefined && <ProblemState problem={save.problem} />}
      <ButtonRow>
        <Button
          tone="primary"
          isPending={save.isPending}
          onClick={() => void save.act({ body: { ...trimmed(work), version: view.version } })}
        >
          {t("save")}
        </Button>
        {isDirty && <Text tone="muted">{t("unsaved")}</Text>}
      </ButtonRow>
      {isRemoving && template !== undefined && (
        <ConfirmDialog
          title={t("removeTitle")}
          isOpen
          tone="danger"
          onClose={() => setIsRemoving(false)}
          confirmLabel={t("remove")}
          onConfirm={() => {
            change({ templates: templates.filter(({ id }) => id !== template.id) });
            setIsRemoving(false);
          }}
        >
          <Text>{t("removeText")}</Text>
        </ConfirmDialog>
      )}
    </Stack>
  );
}
