import { useEffect } from "react";
import { MESSAGE_TEXT_MAX, type ThreadView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import {
  Button,
  CheckboxField,
  Form,
  Menu,
  notify,
  Text,
  TextAreaField,
  useFieldValue,
  useSetField,
} from "../../ui/index.ts";
import { draftOf, keepDraft } from "./drafts.ts";
import { assigneeOf, OwnerField } from "./owner-field.tsx";
import { CHANGED } from "./refreshed.ts";
import { useWords } from "./words.ts";

const PHRASES = ["phrase.received", "phrase.call", "phrase.visit", "phrase.emergency"] as const;

/** Keeps what stands in the field for as long as the page. */
function DraftKeeper({ thread }: { readonly thread: string }) {
  const text = useFieldValue<string>("text") ?? "";
  useEffect(() => keepDraft(thread, text), [thread, text]);
  return null;
}

function Phrases() {
  const { w } = useWords();
  const set = useSetField();
  const text = useFieldValue<string>("text") ?? "";
  return (
    <Menu
      label={w("phrases")}
      trigger={<Button tone="quiet">{w("phrases")}</Button>}
      entries={PHRASES.map((id) => ({
        id,
        label: w(id),
        onSelect: () => set("text", text.trim() === "" ? w(id) : `${text.trimEnd()}\n${w(id)}`),
      }))}
    />
  );
}

const Closes = () => {
  const { w } = useWords();
  return useFieldValue<string>("to") === "patient" ? <CheckboxField name="closes" label={w("replyCloses")} /> : null;
};

interface ReplyValues {
  readonly text: string;
  readonly to: string;
  readonly closes: boolean;
}

interface ReplyFormProps {
  readonly thread: ThreadView;
  readonly onSent: (isClosed: boolean) => void;
}

/** The next message of a thread: to the patient, or to a colleague. What is typed is kept until it is sent. */
export function ReplyForm({ thread, onSent }: ReplyFormProps) {
  const { w, rules } = useWords();
  const { id, isWithPatient } = thread;
  const sending = useAct("sendMessage", { refresh: CHANGED });
  return (
    <Form<ReplyValues>
      label={w("reply")}
      defaults={{ text: draftOf(id), to: isWithPatient ? "patient" : "", closes: false }}
      problem={sending.problem}
      loading={false}
      guards={false}
      rules={rules}
      submitLabel={w("send")}
      actions={<Phrases />}
      onSubmit={async ({ text, to, closes }) => {
        const whom = assigneeOf(to);
        if (whom === undefined) return false;
        const isClosing = whom === "patient" && closes;
        const body = { thread: id, text: text.trim(), to: whom, closes: isClosing };
        const sent = await sending.act({ body });
        if (sent === undefined) return false;
        keepDraft(id, "");
        notify({ text: w("done.sent") });
        onSent(isClosing);
        return true;
      }}
    >
      <DraftKeeper thread={id} />
      <OwnerField name="to" label={w("replyTo")} takesPatient />
      <TextAreaField name="text" label={w("replyLabel")} rows={4} maxLength={MESSAGE_TEXT_MAX} isRequired />
      <Text size="xs" tone="muted">
        {w("draftKept")}
      </Text>
      <Closes />
    </Form>
  );
}
