import { PLATFORM_BUDGET } from "../../../../core/contract/finance.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Drawer, Form, notify, TextField } from "../../ui/index.ts";
import { budgetsMessages } from "./budgets-messages.ts";
import { ReasonField } from "./parts.tsx";
import { TenantField } from "./tenant-field.tsx";
import { financeReason, readAmount, useWords, rulesOf } from "./words.ts";

interface Values {
  readonly id: string;
  readonly amount: string;
  readonly reason: string;
}

interface BudgetDrawerProps {
  /** The budget that is changed; a new one where there is none. */
  readonly of?: { readonly id: string; readonly name: string; readonly amount: string };
  readonly onClose: () => void;
}

/** Sets what a month may cost, or takes that away. */
export function BudgetDrawer({ of, onClose }: BudgetDrawerProps) {
  const [say, { t }] = [useText(budgetsMessages), useWords()];
  const { act, problem } = useAct("setBudget", {
    refresh: ["financeBudgets"],
    onDone: ({ amount }) => {
      notify({ text: say(amount === null ? "taken" : "saved") });
      onClose();
    },
  });
  return (
    <Drawer title={of === undefined ? say("setTitle") : say("changeOf", { name: of.name })} isOpen onClose={onClose}>
      <Form<Values>
        label={say("setTitle")}
        loading={false}
        defaults={{ id: of?.id ?? PLATFORM_BUDGET, amount: of?.amount ?? "", reason: "" }}
        problem={problem}
        rules={rulesOf(t)}
        submitLabel={say("save")}
        onCancel={onClose}
        onSubmit={({ id, amount, reason }) =>
          act({ path: { id }, body: { amount: readAmount(amount) ?? null }, headers: financeReason(reason) })
        }
      >
        {of === undefined && (
          <TenantField name="id" label={say("whose")} first={{ value: PLATFORM_BUDGET, label: say("wholePlatform") }} />
        )}
        <TextField
          name="amount"
          label={say("amount")}
          {...(of !== undefined && { hint: say("amountHint") })}
          isRequired={of === undefined}
          maxLength={20}
          validate={(value) =>
            value.trim() === "" || readAmount(value) !== undefined
              ? undefined
              : t("invalidAmount", { label: say("amount") })
          }
        />
        <ReasonField />
      </Form>
    </Drawer>
  );
}
