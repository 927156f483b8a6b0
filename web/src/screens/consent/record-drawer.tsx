import { useState } from "react";
import type { ConsentFormName, ConsentFormsAnswer, ConsentPreviewAnswer } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { dayIn } from "../../i18n/format.ts";
import { AskState, Button, Drawer, Form, notify, ProblemState, RadioField, Stack, Text } from "../../ui/index.ts";
import { Effect } from "./effect.tsx";
import { FormFields } from "./form-fields.tsx";
import { bodyOf, emptyValues, type FormValues, type RecordBody } from "./form-values.ts";
import { useConsentPurpose, useWords } from "./use-words.ts";
import { rulesOf } from "./words.ts";

interface Draft {
  readonly values: FormValues;
  readonly body: RecordBody;
  readonly preview: ConsentPreviewAnswer;
}

interface ChooseProps {
  readonly known: ConsentFormsAnswer;
  readonly onChosen: (form: ConsentFormName) => void;
  readonly onClose: () => void;
}

/** The forms that the person may record; the rest is not offered. */
function ChooseForm({ known, onChosen, onClose }: ChooseProps) {
  const { t } = useWords();
  return (
    <Form<{ readonly form: ConsentFormName }>
      label={t("chooseForm")}
      loading={false}
      guards={false}
      problem={undefined}
      submitLabel={t("next")}
      onCancel={onClose}
      onSubmit={({ form }) => onChosen(form)}
    >
      <RadioField
        name="form"
        label={t("chooseForm")}
        isRequired
        choices={known.forms
          .filter(({ mayRecord }) => mayRecord)
          .map(({ form }) => ({ value: form, label: t(`form.${form}`), hint: t(`about.${form}`) }))}
      />
    </Form>
  );
}

interface FillProps {
  readonly patient: string;
  readonly form: ConsentFormName;
  readonly known: ConsentFormsAnswer;
  readonly begun: FormValues | undefined;
  readonly onPreviewed: (draft: Draft) => void;
  readonly onBack: () => void;
}

function FillForm({ patient, form, known, begun, onPreviewed, onBack }: FillProps) {
  const { t } = useWords();
  const { tenant } = useSession();
  const purpose = useConsentPurpose();
  const { act, problem } = useAct("previewConsentForm");
  const [today] = useState(() => dayIn(tenant.timeZone, Date.now()));
  const [isMissing, setIsMissing] = useState(false);
  const law = known.forms.find((each) => each.form === form)?.law ?? "";
  return (
    <Form<FormValues>
      label={t(`form.${form}`)}
      loading={false}
      problem={problem}
      rules={rulesOf(t)}
      defaults={begun ?? emptyValues(form, today, tenant.name)}
      submitLabel={t("preview")}
      cancelLabel={t("back")}
      onCancel={onBack}
      onSubmit={async (values) => {
        setIsMissing(values.recipients.length === 0);
        if (values.recipients.length === 0) return false;
        const body = bodyOf(form, values);
        const preview = await act({ path: { id: patient }, body: { record: body }, ...purpose });
        if (preview !== undefined) onPreviewed({ values, body, preview });
        return preview !== undefined;
      }}
    >
      <Text tone="muted">{t(`about.${form}`)}</Text>
      <FormFields form={form} known={known} isMissing={isMissing} />
      <Text size="sm" tone="muted">
        {t("law", { law })}
      </Text>
    </Form>
  );
}

interface ConfirmProps {
  readonly patient: string;
  readonly draft: Draft;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** The last look before it counts: who would gain or lose what. */
function ConfirmEffect({ patient, draft, onBack, onDone }: ConfirmProps) {
  const { t } = useWords();
  const purpose = useConsentPurpose();
  const { act, isPending, problem } = useAct("recordConsent", {
    refresh: ["listConsents", "readView"],
    onDone: ({ state }) => {
      notify({ text: t(state === "upcoming" ? "savedLater" : "saved") });
      onDone();
    },
  });
  return (
    <Stack>
      <Text as="strong">{t("effectTitle")}</Text>
      <Effect preview={draft.preview} />
      {problem !== undefined && <ProblemState problem={problem} rules={rulesOf(t)} />}
      <Button
        tone="primary"
        isPending={isPending}
        onClick={() => void act({ path: { id: patient }, body: draft.body, ...purpose })}
      >
        {t("save")}
      </Button>
      <Button tone="quiet" onClick={onBack}>
        {t("back")}
      </Button>
    </Stack>
  );
}

interface RecordDrawerProps {
  readonly patient: string;
  readonly onClose: () => void;
}

/** A consent in three steps: which form, what it says, and what it would change. Nothing is stored before the last. */
export function RecordDrawer({ patient, onClose }: RecordDrawerProps) {
  const { t } = useWords();
  const purpose = useConsentPurpose();
  const query = useAsk("listConsentForms", purpose);
  const [form, setForm] = useState<ConsentFormName | undefined>(undefined);
  const [begun, setBegun] = useState<FormValues | undefined>(undefined);
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  return (
    <Drawer title={form === undefined ? t("record") : t(`form.${form}`)} isOpen onClose={onClose} size="md">
      <AskState query={query} label={t("record")}>
        {(known) => {
          if (form === undefined) return <ChooseForm known={known} onChosen={setForm} onClose={onClose} />;
          if (draft !== undefined) {
            return (
              <ConfirmEffect
                patient={patient}
                draft={draft}
                onDone={onClose}
                onBack={() => {
                  setBegun(draft.values);
                  setDraft(undefined);
                }}
              />
            );
          }
          return (
            <FillForm
              patient={patient}
              form={form}
              known={known}
              begun={begun}
              onPreviewed={setDraft}
              onBack={() => {
                setBegun(undefined);
                setForm(undefined);
              }}
            />
          );
        }}
      </AskState>
    </Drawer>
  );
}
