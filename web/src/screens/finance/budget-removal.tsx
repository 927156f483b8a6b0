import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { ConfirmDialog, notify, Text } from "../../ui/index.ts";
import { budgetsMessages } from "./budgets-messages.ts";
import { financeReason, usd, useWords } from "./words.ts";

interface BudgetRemovalProps {
  readonly of: { readonly id: string; readonly name: string; readonly amount: string };
  readonly onClose: () => void;
}

/** Takes a budget away, for a reason: no alert is given after that. */
export function BudgetRemoval({ of: { id, name, amount }, onClose }: BudgetRemovalProps) {
  const [say, { format }] = [useText(budgetsMessages), useWords()];
  const { act, problem, isPending } = useAct("setBudget", {
    refresh: ["financeBudgets"],
    onDone: () => {
      notify({ text: say("removed") });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={say("removeTitle", { name })}
      isOpen
      onClose={onClose}
      tone="danger"
      confirmLabel={say("remove")}
      reason={{ minimum: 3 }}
      isPending={isPending}
      problem={problem}
      onConfirm={({ reason }) => act({ path: { id }, body: { amount: null }, headers: financeReason(reason) })}
    >
      <Text>{say("removeText", { amount: format.money(usd(amount)) })}</Text>
    </ConfirmDialog>
  );
}
