import type { AnswerOf, PlanView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useFormat, useText, useToday } from "../../i18n/index.ts";
import { Drawer, Form, notify, SelectField } from "../../ui/index.ts";
import { entriesMessages } from "./entries-messages.ts";
import { openMonths } from "./open-months.ts";
import { ReasonField } from "./parts.tsx";
import { financeReason, planText, rulesOf, TOTALS, useWords } from "./words.ts";

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
  const [say, { t }, format] = [useText(entriesMessages), useWords(), useFormat()];
  const current = useToday().slice(0, 7);
  const months = useAsk("financeMonths", {}, { freshMs: 300_000 });
  const { act, problem } = useAct("assignPlan", {
    refresh: ["financePlans", ...TOTALS],
    onDone: () => {
      notify({ text: say("assigned") });
      onClose();
    },
  });
  const title = say("assignOf", { name: tenant.name });
  return (
    <Drawer title={title} isOpen onClose={onClose}>
      <Form<Values>
        label={title}
        loading={false}
        defaults={{ planId: planId ?? plans[0]?.id ?? "", from: current, reason: "" }}
        problem={problem}
        rules={rulesOf(t)}
        submitLabel={say("assignSave")}
        onCancel={onClose}
        onSubmit={({ planId: chosen, from, reason }) =>
          act({ path: { tenant: tenant.id }, body: { planId: chosen, from }, headers: financeReason(reason) })
        }
      >
        <SelectField
          name="planId"
          label={say("plan")}
          isRequired
          choices={plans.map(({ id }) => ({ value: id, label: planText(t, id) }))}
        />
        <SelectField
          name="from"
          label={say("assignFrom")}
          hint={say("assignHint")}
          isRequired
          choices={openMonths(months.data?.months ?? [], current).map((value) => ({
            value,
            label: format.month(value),
          }))}
        />
        <ReasonField />
      </Form>
    </Drawer>
  );
}
