import {
  MESSAGE_CATEGORIES,
  MESSAGE_TEXT_MAX,
  type MessageCategory,
  PRIORITIES,
  type Priority,
  type ThreadView,
} from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import {
  ComboboxField,
  Dialog,
  Form,
  notify,
  SelectField,
  Text,
  TextAreaField,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { searchPatients } from "../board/patient-search.ts";
import { MomentFields, momentOf, type MomentValues, NO_MOMENT } from "./moment-fields.tsx";
import { assigneeOf, OwnerField, staffOf } from "./owner-field.tsx";
import { CHANGED } from "./refreshed.ts";
import { useWords } from "./words.ts";

/** What each role is offered to write about; the server decides. */
function useCategories(): readonly MessageCategory[] {
  const { roles } = useSession();
  const has = (role: string): boolean => roles.includes(role);
  const isClinical = has("nurse") || has("physician");
  return MESSAGE_CATEGORIES.filter((category) =>
    category === "billing"
      ? has("billing")
      : category === "administrative"
        ? isClinical || has("front-desk")
        : isClinical,
  );
}

function CategoryField() {
  const { t } = useWords();
  const categories = useCategories();
  const choices = categories.map((value) => ({ value, label: t(`category.${value}`) }));
  return <SelectField name="category" label={t("category")} choices={choices} isRequired />;
}

function PriorityField() {
  const { t } = useWords();
  const choices = PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }));
  return <SelectField name="priority" label={t("priority")} choices={choices} isRequired />;
}

interface PatientFieldProps {
  readonly isRequired: boolean;
}

function PatientField({ isRequired }: PatientFieldProps) {
  const { w, format } = useWords();
  return (
    <ComboboxField
      name="patient"
      label={w("patient")}
      hint={isRequired ? w("patientHint") : w("patientOptional")}
      search={searchPatients(format)}
      isRequired={isRequired}
    />
  );
}

interface ComposeProps {
  /** Whose chart it is begun from; elsewhere she is looked for. */
  readonly patient?: string | undefined;
  readonly onClose: () => void;
}

interface MessageValues {
  readonly patient: string;
  readonly topic: string;
  readonly category: string;
  readonly text: string;
  readonly to: string;
  readonly priority: string;
}

/** Begins a conversation about a patient: with her, or with a colleague. */
export function ComposeDialog({ patient, onClose }: ComposeProps) {
  const { w, rules } = useWords();
  const [first = ""] = useCategories();
  const sending = useAct("sendMessage", { refresh: CHANGED });
  return (
    <Dialog title={w("compose")} isOpen onClose={onClose} size="md" closesLightly={false}>
      <Form<MessageValues>
        label={w("compose")}
        defaults={{ patient: patient ?? "", topic: "", category: first, text: "", to: "patient", priority: "routine" }}
        problem={sending.problem}
        loading={false}
        rules={rules}
        submitLabel={w("send")}
        onCancel={onClose}
        onSubmit={async ({ patient: about, topic, category, text, to, priority }) => {
          const whom = assigneeOf(to);
          if (whom === undefined) return false;
          const body = {
            patient: about,
            topic: topic.trim(),
            category: category as MessageCategory,
            text: text.trim(),
            to: whom,
            priority: priority as Priority,
          };
          const sent = await sending.act({ body });
          if (sent === undefined) return false;
          notify({ text: w("done.sent") });
          onClose();
          return true;
        }}
      >
        {patient === undefined && <PatientField isRequired />}
        <CategoryField />
        <OwnerField name="to" label={w("to")} takesPatient />
        <TextField name="topic" label={w("topic")} hint={w("topicHint")} maxLength={120} isRequired />
        <TextAreaField name="text" label={w("replyLabel")} rows={5} maxLength={MESSAGE_TEXT_MAX} isRequired />
        <PriorityField />
      </Form>
    </Dialog>
  );
}

interface TaskValues extends MomentValues {
  readonly patient: string;
  readonly title: string;
  readonly category: string;
  readonly owner: string;
  readonly priority: string;
  readonly comment: string;
}

/** Gives somebody something to do. */
export function TaskDialog({ patient, onClose }: ComposeProps) {
  const { w, rules } = useWords();
  const [first = ""] = useCategories();
  const giving = useAct("createTask", { refresh: CHANGED });
  return (
    <Dialog title={w("newTask")} isOpen onClose={onClose} size="md" closesLightly={false}>
      <Form<TaskValues>
        label={w("newTask")}
        defaults={{
          ...NO_MOMENT,
          patient: patient ?? "",
          title: "",
          category: first,
          owner: "",
          priority: "routine",
          comment: "",
        }}
        problem={giving.problem}
        loading={false}
        rules={rules}
        submitLabel={w("newTask")}
        onCancel={onClose}
        onSubmit={async ({ patient: about, title, category, owner, priority, comment, ...moment }) => {
          const to = staffOf(owner);
          if (to === undefined) return false;
          const due = momentOf(moment);
          const body = {
            ...(about !== "" && { patient: about }),
            title: title.trim(),
            category: category as MessageCategory,
            owner: to,
            priority: priority as Priority,
            ...(due && { due }),
            ...(comment.trim() !== "" && { comment: comment.trim() }),
          };
          if ((await giving.act({ body })) === undefined) return false;
          notify({ text: w("done.created") });
          onClose();
          return true;
        }}
      >
        <TextField name="title" label={w("taskTitle")} maxLength={120} isRequired hasFocus />
        {patient === undefined && <PatientField isRequired={false} />}
        <CategoryField />
        <OwnerField name="owner" label={w("assignTo")} />
        <MomentFields problem={giving.problem} />
        <PriorityField />
        <TextAreaField name="comment" label={w("comment")} maxLength={1000} />
      </Form>
    </Dialog>
  );
}

interface ForwardValues {
  readonly topic: string;
  readonly category: string;
  readonly text: string;
  readonly to: string;
  readonly reason: string;
}

const BELOW: readonly string[] = ["administrative", "billing"];

function ReasonField({ from }: { readonly from: MessageCategory }) {
  const { w } = useWords();
  const to = useFieldValue<string>("category") ?? "";
  if (BELOW.includes(from) || !BELOW.includes(to)) return null;
  return <TextAreaField name="reason" label={w("forwardReason")} maxLength={1000} isRequired />;
}

/** A conversation of another category: a message of its own, with what is written here and no more. */
export function ForwardDialog({ thread, onClose }: { readonly thread: ThreadView; readonly onClose: () => void }) {
  const { w, rules } = useWords();
  const sending = useAct("sendMessage", { refresh: CHANGED });
  return (
    <Dialog title={w("forwardTitle")} isOpen onClose={onClose} size="md" closesLightly={false}>
      <Text size="sm">{w("forwardHint")}</Text>
      <Form<ForwardValues>
        label={w("forwardTitle")}
        defaults={{ topic: thread.topic, category: thread.category, text: "", to: "", reason: "" }}
        problem={sending.problem}
        loading={false}
        rules={rules}
        submitLabel={w("send")}
        onCancel={onClose}
        onSubmit={async ({ topic, category, text, to, reason }) => {
          const whom = staffOf(to);
          if (whom === undefined) return false;
          const why = reason.trim();
          const body = {
            patient: thread.patient,
            topic: topic.trim(),
            category: category as MessageCategory,
            text: text.trim(),
            to: whom,
            forwards: { thread: thread.id, ...(why !== "" && { reason: why }) },
          };
          if ((await sending.act({ body })) === undefined) return false;
          notify({ text: w("done.sent") });
          onClose();
          return true;
        }}
      >
        <CategoryField />
        <OwnerField name="to" label={w("to")} />
        <TextField name="topic" label={w("topic")} hint={w("topicHint")} maxLength={120} isRequired />
        <TextAreaField name="text" label={w("replyLabel")} rows={4} maxLength={MESSAGE_TEXT_MAX} isRequired />
        <ReasonField from={thread.category} />
      </Form>
    </Dialog>
  );
}
