import { MESSAGE_TEXT_MAX, type ResultView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { CheckboxField, Dialog, Form, notify, TextAreaField, TextField, useFieldValue } from "../../ui/index.ts";
import { MomentFields, momentOf, type MomentValues, NO_MOMENT } from "./moment-fields.tsx";
import { OwnerField, staffOf } from "./owner-field.tsx";
import { CHANGED } from "./refreshed.ts";
import { useWords } from "./words.ts";

interface SignValues extends MomentValues {
  readonly comment: string;
  readonly hasFollowUp: boolean;
  readonly title: string;
  readonly owner: string;
  readonly hasMessage: boolean;
  readonly topic: string;
  readonly text: string;
}

function FollowUpFields({ problem }: { readonly problem: Parameters<typeof MomentFields>[0]["problem"] }) {
  const { w } = useWords();
  if (useFieldValue<boolean>("hasFollowUp") !== true) return null;
  return (
    <>
      <TextField name="title" label={w("taskTitle")} maxLength={120} isRequired />
      <OwnerField name="owner" label={w("assignTo")} />
      <MomentFields problem={problem} />
    </>
  );
}

function MessageFields() {
  const { w } = useWords();
  if (useFieldValue<boolean>("hasMessage") !== true) return null;
  return (
    <>
      <TextField name="topic" label={w("topic")} maxLength={120} isRequired />
      <TextAreaField name="text" label={w("replyLabel")} rows={4} maxLength={MESSAGE_TEXT_MAX} isRequired />
    </>
  );
}

/** What a request takes of what was entered. */
function bodyOf({ comment, hasFollowUp, title, owner, hasMessage, topic, text, ...moment }: SignValues) {
  const to = staffOf(owner);
  const due = momentOf(moment);
  return {
    ...(comment.trim() !== "" && { comment: comment.trim() }),
    ...(hasFollowUp && to && { followUp: { title: title.trim(), owner: to, ...(due && { due }) } }),
    ...(hasMessage && { message: { topic: topic.trim(), text: text.trim() } }),
  };
}

interface SignDialogProps {
  readonly result: ResultView;
  readonly onClose: () => void;
  readonly onSigned: () => void;
}

/** Signs a result off, with what follows from it: all of it in one act. */
export function SignDialog({ result, onClose, onSigned }: SignDialogProps) {
  const { w, rules } = useWords();
  const review = useAct("reviewResult", { refresh: CHANGED });
  return (
    <Dialog title={w("signTitle")} isOpen onClose={onClose} size="md" closesLightly={false}>
      <Form<SignValues>
        label={w("signTitle")}
        defaults={{
          ...NO_MOMENT,
          comment: "",
          hasFollowUp: false,
          title: "",
          owner: "",
          hasMessage: false,
          topic: "",
          text: "",
        }}
        problem={review.problem}
        loading={false}
        rules={rules}
        submitLabel={w("sign")}
        onCancel={onClose}
        onSubmit={async (values) => {
          const done = await review.act({ path: { id: result.id }, ifMatch: result.version, body: bodyOf(values) });
          if (done === undefined) return false;
          notify({ text: w("done.signed") });
          onSigned();
          return true;
        }}
      >
        <TextAreaField name="comment" label={w("signComment")} maxLength={1000} />
        <CheckboxField name="hasMessage" label={w("signMessage")} />
        <MessageFields />
        <CheckboxField name="hasFollowUp" label={w("signFollow")} />
        <FollowUpFields problem={review.problem} />
      </Form>
    </Dialog>
  );
}
