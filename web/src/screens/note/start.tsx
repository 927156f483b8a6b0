import { useAct, useAsk } from "../../api/hooks.ts";
import { useGo } from "../../app/navigation.ts";
import { AskState, CheckboxField, Dialog, Form, RadioField, SelectField, TextField } from "../../ui/index.ts";
import { CHANGED_BY_NOTES } from "./changed.ts";
import { NOTE_LABELS } from "./labels.ts";
import { noteTarget } from "./note-address.ts";
import { useWords } from "./words.ts";

interface StartVisitProps {
  readonly patient: string;
  readonly appointment?: string | undefined;
  readonly onClose: () => void;
  readonly onStarted: (visit: string) => void;
}

/** Begins the visit of somebody who is here. */
export function StartVisit({ patient, appointment, onClose, onStarted }: StartVisitProps) {
  const { t, rules } = useWords();
  const start = useAct("openVisit", { refresh: CHANGED_BY_NOTES, onDone: ({ id }) => onStarted(id) });
  return (
    <Dialog title={t("startVisit")} isOpen onClose={onClose} size="sm">
      <Form<{ reason: string }>
        label={t("startVisit")}
        defaults={{ reason: "" }}
        guards={false}
        submitLabel={t("begin")}
        problem={start.problem}
        loading={false}
        rules={rules}
        onSubmit={async ({ reason }) => {
          const why = reason.trim();
          const body = {
            patient,
            ...(appointment !== undefined && { appointment }),
            ...(why !== "" && { reason: why }),
          };
          return (await start.act({ body })) !== undefined;
        }}
      >
        <TextField name="reason" label={t("reasonForVisit")} hint={t("reasonHint")} maxLength={120} hasFocus />
      </Form>
    </Dialog>
  );
}

interface StartNoteValues {
  readonly template: string;
  readonly carryForward: boolean;
  readonly label: string;
}

/** Begins a note of a visit: by which template, and with what. */
export function StartNote({ visit, onClose }: { readonly visit: string; readonly onClose: () => void }) {
  const { t, rules } = useWords();
  const go = useGo();
  const templates = useAsk("readTemplates", {}, { freshMs: 600_000 });
  const start = useAct("startNote", {
    refresh: CHANGED_BY_NOTES,
    onDone: ({ id }) => go(noteTarget(id)),
  });
  return (
    <Dialog title={t("startNote")} isOpen onClose={onClose}>
      <AskState query={templates} label={t("chooseTemplate")}>
        {({ templates: all }) => (
          <Form<StartNoteValues>
            label={t("startNote")}
            guards={false}
            defaults={{ template: all[0]?.id ?? "", carryForward: false, label: "" }}
            submitLabel={t("begin")}
            problem={start.problem}
            loading={false}
            rules={rules}
            onSubmit={async ({ template, carryForward, label }) => {
              const chosen = NOTE_LABELS.find((known) => known === label);
              const body = { encounter: visit, template, carryForward, ...(chosen !== undefined && { label: chosen }) };
              return (await start.act({ body })) !== undefined;
            }}
          >
            <RadioField
              name="template"
              label={t("chooseTemplate")}
              isRequired
              choices={all.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <CheckboxField name="carryForward" label={t("carryForward")} hint={t("carryForwardHint")} />
            <SelectField
              name="label"
              label={t("label")}
              hint={t("labelHint")}
              placeholder={t("label.none")}
              choices={NOTE_LABELS.map((value) => ({ value, label: t(`label.${value}`) }))}
            />
          </Form>
        )}
      </AskState>
    </Dialog>
  );
}
