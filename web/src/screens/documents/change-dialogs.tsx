import {
  type DocumentType,
  type DocumentView,
  isAdministrative,
  WITHDRAW_REASONS,
} from "../../../../core/contract/document.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { DateField, Dialog, Form, notify, SelectField, Stack, Text, TextField } from "../../ui/index.ts";
import { documentMessages } from "./messages.ts";
import { useRules, useTypeChoices } from "./words.ts";

interface ChangeProps {
  readonly document: DocumentView;
  readonly onClose: () => void;
}

interface Described {
  readonly title: string;
  readonly type: DocumentType;
  readonly date?: string;
}

const describedIn = ({ title, type, date }: DocumentView): Described => ({
  title,
  type,
  ...(date !== undefined && { date }),
});

/** Title, type and date; what is the office's stays the office's. */
export function DescribeDialog({ document, onClose }: ChangeProps) {
  const t = useText(documentMessages);
  const rules = useRules();
  const isOffice = isAdministrative(document.type);
  const choices = useTypeChoices({ clinical: !isOffice, administrative: isOffice });
  const { act, problem } = useAct("describeDocument", {
    refresh: ["listDocuments", "readDocument"],
    onDone: () => {
      notify({ tone: "success", text: t("described") });
      onClose();
    },
  });
  const submit = ({ title, type, date }: Described) =>
    act({
      path: { id: document.id },
      body: { version: document.version, title, type, ...(date !== undefined && date !== "" && { date }) },
    });
  return (
    <Dialog title={t("describeTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Form<Described>
        label={t("describeTitle")}
        defaults={describedIn(document)}
        onSubmit={submit}
        problem={problem}
        rules={rules}
        loading={false}
        submitLabel={t("saveChanges")}
      >
        <TextField name="title" label={t("name")} isRequired maxLength={120} />
        <SelectField name="type" label={t("type")} isRequired choices={choices} />
        <DateField name="date" label={t("date")} />
      </Form>
    </Dialog>
  );
}

/** Says that it was filed in error, and why. */
export function WithdrawDialog({ document, onClose }: ChangeProps) {
  const t = useText(documentMessages);
  const rules = useRules();
  const { act, problem } = useAct("withdrawDocument", {
    refresh: ["listDocuments", "readDocument"],
    onDone: () => {
      notify({ tone: "success", text: t("withdrawDone") });
      onClose();
    },
  });
  return (
    <Dialog title={t("withdrawTitle")} isOpen onClose={onClose} tone="danger" size="sm" closesLightly={false}>
      <Stack>
        <Text>{t("withdrawText")}</Text>
        <Form<{ readonly reason: (typeof WITHDRAW_REASONS)[number] }>
          label={t("withdrawTitle")}
          onSubmit={({ reason }) => act({ path: { id: document.id }, body: { version: document.version, reason } })}
          problem={problem}
          rules={rules}
          loading={false}
          submitLabel={t("withdraw")}
        >
          <SelectField
            name="reason"
            label={t("reason")}
            isRequired
            choices={WITHDRAW_REASONS.map((reason) => ({ value: reason, label: t(`reason.${reason}`) }))}
          />
        </Form>
      </Stack>
    </Dialog>
  );
}
