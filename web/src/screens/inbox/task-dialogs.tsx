import type { ChangeTask, Priority, TaskView } from "../../../../core/contract/index.ts";
import { PRIORITIES } from "../../../../core/contract/index.ts";
import type { Problem } from "../../api/client.ts";
import { useToday } from "../../i18n/index.ts";
import { DateField, Dialog, Form, RadioField, SelectField, TextAreaField, useFieldValue } from "../../ui/index.ts";
import { MomentFields, momentOf, type MomentValues, NO_MOMENT } from "./moment-fields.tsx";
import { OwnerField, staffOf } from "./owner-field.tsx";
import { useWords } from "./words.ts";

interface DialogProps {
  readonly problem: Problem | undefined;
  readonly onClose: () => void;
}

/** A moved day of the calendar, `YYYY-MM-DD`. */
function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

interface SnoozeProps extends DialogProps {
  readonly onSnooze: (until: { readonly day: string }) => Promise<boolean>;
}

const PickedDay = () => {
  const { w } = useWords();
  return useFieldValue<string>("when") === "day" ? <DateField name="day" label={w("snooze.day")} isRequired /> : null;
};

/** Until which day of the clinic something is put aside. */
export function SnoozeDialog({ problem, onClose, onSnooze }: SnoozeProps) {
  const { w, rules } = useWords();
  const today = useToday();
  return (
    <Dialog title={w("snoozeTitle")} isOpen onClose={onClose} size="sm">
      <Form<{ when: string; day: string }>
        label={w("snoozeTitle")}
        defaults={{ when: "tomorrow", day: "" }}
        problem={problem}
        loading={false}
        guards={false}
        rules={rules}
        submitLabel={w("snoozeShort")}
        onCancel={onClose}
        onSubmit={({ when, day }) => onSnooze({ day: when === "day" ? day : dayAfter(today, when === "week" ? 7 : 1) })}
      >
        <RadioField
          name="when"
          label={w("snoozeWhen")}
          choices={(["tomorrow", "week", "day"] as const).map((value) => ({ value, label: w(`snooze.${value}`) }))}
        />
        <PickedDay />
      </Form>
    </Dialog>
  );
}

interface AssignProps extends DialogProps {
  readonly onAssign: (owner: NonNullable<ReturnType<typeof staffOf>>, comment: string | undefined) => Promise<boolean>;
}

/** To whom something is handed over, with a word. */
export function AssignDialog({ problem, onClose, onAssign }: AssignProps) {
  const { w, rules } = useWords();
  return (
    <Dialog title={w("assignTitle")} isOpen onClose={onClose} size="sm">
      <Form<{ owner: string; comment: string }>
        label={w("assignTitle")}
        defaults={{ owner: "", comment: "" }}
        problem={problem}
        loading={false}
        guards={false}
        rules={rules}
        submitLabel={w("assignTitle")}
        onCancel={onClose}
        onSubmit={({ owner, comment }) => {
          const to = staffOf(owner);
          return to !== undefined && onAssign(to, comment.trim() === "" ? undefined : comment.trim());
        }}
      >
        <OwnerField name="owner" label={w("assignTo")} />
        <TextAreaField name="comment" label={w("comment")} maxLength={1000} />
      </Form>
    </Dialog>
  );
}

interface WordsProps extends DialogProps {
  readonly title: string;
  readonly label: string;
  readonly onSay: (text: string) => Promise<boolean>;
}

/** Asks for words: why something ends, or what there is to say to it. */
export function SayDialog({ title, label, problem, onClose, onSay }: WordsProps) {
  const { rules } = useWords();
  return (
    <Dialog title={title} isOpen onClose={onClose} size="sm">
      <Form<{ text: string }>
        label={title}
        defaults={{ text: "" }}
        problem={problem}
        loading={false}
        guards={false}
        rules={rules}
        submitLabel={title}
        onCancel={onClose}
        onSubmit={({ text }) => onSay(text.trim())}
      >
        <TextAreaField name="text" label={label} maxLength={1000} isRequired />
      </Form>
    </Dialog>
  );
}

interface PlanProps extends DialogProps {
  readonly task: TaskView;
  readonly onPlan: (plan: Extract<ChangeTask, { move: "plan" }>) => Promise<boolean>;
}

/** When a task is due, and how much it presses. */
export function PlanDialog({ task, problem, onClose, onPlan }: PlanProps) {
  const { t, rules } = useWords();
  return (
    <Dialog title={t("act.plan")} isOpen onClose={onClose} size="sm">
      <Form<MomentValues & { priority: string }>
        label={t("act.plan")}
        defaults={{ ...NO_MOMENT, day: task.due?.isDay === true ? task.due.at : "", priority: task.priority }}
        problem={problem}
        loading={false}
        guards={false}
        rules={rules}
        submitLabel={t("act.plan")}
        onCancel={onClose}
        onSubmit={({ priority, ...moment }) => {
          const due = momentOf(moment);
          return onPlan({ move: "plan", priority: priority as Priority, ...(due && { due }) });
        }}
      >
        <MomentFields problem={problem} />
        <SelectField
          name="priority"
          label={t("priority")}
          isRequired
          choices={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))}
        />
      </Form>
    </Dialog>
  );
}
