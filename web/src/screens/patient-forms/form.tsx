import { useState } from "react";
import type { FormQuestion, OwnForm } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useGo, usePathValue } from "../../app/navigation.ts";
import { useStore } from "../../app/store.ts";
import { locale, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  CheckboxesField,
  DateField,
  EmptyState,
  Form,
  LinkButton,
  notify,
  Page,
  ProblemState,
  RadioField,
  Section,
  Stack,
  Text,
  TextAreaField,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { formMessages, formRules } from "./messages.ts";
import { answersOf, type FormValues, valuesOf } from "./values.ts";

/** One question, in the field that fits it. */
function Question({ question }: { readonly question: FormQuestion }) {
  const [t, language] = [useText(formMessages), useStore(locale)];
  const { id, kind, label, hint, isRequired, options = [] } = question;
  const common = {
    name: `answers.${id}`,
    label: label[language],
    isRequired,
    ...(hint !== undefined && { hint: hint[language] }),
  };
  const choices = options.map(({ code, label: words }) => ({ value: code, label: words[language] }));
  switch (kind) {
    case "yes-no":
      return (
        <RadioField
          {...common}
          choices={[
            { value: "yes", label: t("yes") },
            { value: "no", label: t("no") },
          ]}
        />
      );
    case "choice":
      return <RadioField {...common} choices={choices} />;
    case "choices":
      return <CheckboxesField {...common} choices={choices} />;
    case "date":
      return <DateField {...common} />;
    case "long-text":
      return <TextAreaField {...common} rows={4} maxLength={2000} />;
    default:
      return <TextField {...common} maxLength={300} />;
  }
}

interface KeepProps {
  readonly own: OwnForm;
}

/** Keeps what was filled in so far on the server. It stands in the form, and so knows what the form holds. */
function KeepButton({ own }: KeepProps) {
  const t = useText(formMessages);
  const [draft, setDraft] = useState(own.draft);
  const values = useFieldValue<FormValues>("answers") ?? {};
  const { act, isPending, problem } = useAct("keepFormDraft", {
    refresh: ["listOwnForms"],
    onDone: (kept) => {
      setDraft(kept.draft);
      notify({ text: t("kept"), tone: "success" });
    },
  });
  return (
    <>
      <Button
        size="lg"
        isPending={isPending}
        onClick={() =>
          void act({
            path: { form: own.id },
            body: { edition: own.edition, draft, answers: answersOf(own.form, values) },
          })
        }
      >
        {t("keep")}
      </Button>
      {problem !== undefined &&
        (problem.kind === "version-conflict" ? (
          <Alert tone="warning" title={t("conflict")} isLive />
        ) : (
          <ProblemState problem={problem} rules={formRules(t)} />
        ))}
    </>
  );
}

function Filling({ own }: KeepProps) {
  const [t, language, go] = [useText(formMessages), useStore(locale), useGo()];
  const { act, problem } = useAct("sendForm", {
    refresh: ["listOwnForms", "readOwnForm", "readOwnHome"],
    onDone: () => {
      notify({ text: t("sent"), tone: "success" });
      go({ to: "/app/my/forms" });
    },
  });
  const { form, edition, id } = own;
  return (
    <Form<{ readonly answers: FormValues }>
      label={form.title[language]}
      loading={false}
      defaults={{ answers: valuesOf(form, own.answers) }}
      problem={problem}
      rules={formRules(t)}
      submitLabel={t("send")}
      actions={<KeepButton own={own} />}
      onSubmit={({ answers }) => act({ path: { form: id }, body: { edition, answers: answersOf(form, answers) } })}
    >
      {form.sections.map(({ title, questions }) => (
        <Section key={title.en} title={title[language]}>
          <Stack>
            {questions.map((question) => (
              <Question key={question.id} question={question} />
            ))}
          </Stack>
        </Section>
      ))}
    </Form>
  );
}

/** A form of the clinic's, filled in at one's own pace: what is kept is on the server, and it is sent once. */
export default function PatientFormScreen() {
  const [t, language] = [useText(formMessages), useStore(locale)];
  const form = usePathValue("form");
  const query = useAsk("readOwnForm", { path: { form } }, { freshMs: 0 });
  return (
    <Page
      title={query.data?.title[language] ?? t("title")}
      breadcrumbs={[{ label: t("back"), to: "/app/my/forms" }]}
      width="text"
    >
      <AskState query={query} label={t("title")}>
        {(own) =>
          own.state === "sent" ? (
            <EmptyState
              title={t("alreadySent")}
              hint={t("alreadySentHint")}
              action={
                <LinkButton to="/app/my/messages" size="lg">
                  {t("write")}
                </LinkButton>
              }
            />
          ) : (
            <Stack>
              <Text>{own.form.intro[language]}</Text>
              <Filling own={own} />
            </Stack>
          )
        }
      </AskState>
    </Page>
  );
}
