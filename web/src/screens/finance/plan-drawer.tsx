import type { AnswerOf, PlanView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText, useToday } from "../../i18n/index.ts";
import { Drawer, Form, notify, SelectField, TextField } from "../../ui/index.ts";
import { useDataWords } from "./data-words.ts";
import { entriesMessages } from "./entries-messages.ts";
import { ReasonField } from "./parts.tsx";
import { financeReason, rulesOf, useWords } from "./words.ts";

interface Values {
  readonly planId: string;
  readonly from: string;
  readonly reason: string;
}

interface PlanDrawerProps {
  readonly of: AnswerOf<"financePlans">["assignments"][number];
  readonly plans: readonly PlanView[];
  readonly onClose: () => void;
}

/** Puts a clinic on a plan from a month on. */
export function PlanDrawer({ of: { tenant, planId }, plans, onClose }: PlanDrawerProps) {
  const [say, { t }, inWords] = [useText(entriesMessages), useWords(), useDataWords()];
  const today = useToday();
  const { act, problem } = useAct("assignPlan", {
    refresh: ["financePlans", "financeTenants", "financeOverview"],
    onDone: () => {
      notify({ text: say("assigned") });
      onClose();
    },
  });
  return (
    <Drawer title={say("assignOf", { name: tenant.name })} isOpen onClose={onClose}>
      <Form<Values>
        label={say("assignOf", { name: tenant.name })}
        loading={false}
        defaults={{ planId: planId ?? plans[0]?.id ?? "", from: today.slice(0, 7), reason: "" }}
        problem={problem}
        rules={rulesOf(t)}
        submitLabel={say("assignSave")}
        onCancel={onClose}
        onSubmit={({ planId: chosen, from, reason }) =>
          act({
            path: { tenant: tenant.id },
            body: { planId: chosen, from: from.trim() },
            headers: financeReason(reason),
          })
        }
      >
        <SelectField
          name="planId"
          label={say("plan")}
          isRequired
          choices={plans.map(({ id, name }) => ({ value: id, label: `${inWords(name)} (${id})` }))}
        />
        <TextField
          name="from"
          label={say("assignFrom")}
          hint={say("assignHint")}
          isRequired
          maxLength={7}
          validate={(value) => (/^\d{4}-(0[1-9]|1[0-2])$/.test(value.trim()) ? undefined : say("assignInvalid"))}
        />
        <ReasonField />
      </Form>
    </Drawer>
  );
}
