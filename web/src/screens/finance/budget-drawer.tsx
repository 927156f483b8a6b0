import { PLATFORM_BUDGET } from "../../../../core/contract/finance.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import { Drawer, Form, notify, Text, TextField, useFieldValue } from "../../ui/index.ts";
import { budgetsMessages } from "./budgets-messages.ts";
import { ReasonField } from "./parts.tsx";
import { TenantField } from "./tenant-field.tsx";
import { financeReason, readPositive, rulesOf, usd, useWords } from "./words.ts";

interface Values {
  readonly id: string;
  readonly amount: string;
  readonly reason: string;
}

interface BudgetDrawerProps {
  /** The budget that is changed; a new one where there is none. */
  readonly of?: { readonly id: string; readonly name: string; readonly amount: string };
  /** Whose budget stands already: a new one is not set over it by mistake. */
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

/** Sets what a month may cost. */
export function BudgetDrawer({ of, taken, onClose }: BudgetDrawerProps) {
  const [say, { t }] = [useText(budgetsMessages), useWords()];
  const isPlatformFree = !taken.includes(PLATFORM_BUDGET);
  const { act, problem } = useAct("setBudget", {
    refresh: ["financeBudgets"],
    onDone: () => {
      notify({ text: say("saved") });
      onClose();
    },
  });
  const title = of === undefined ? say("setTitle") : say("changeOf", { name: of.name });
  return (
    <Drawer title={title} isOpen onClose={onClose}>
      <Form<Values>
        label={title}
        loading={false}
        defaults={{ id: of?.id ?? "", amount: of?.amount ?? "", reason: "" }}
        problem={problem}
        rules={rulesOf(t)}
        submitLabel={say("save")}
        onCancel={onClose}
        onSubmit={({ id, amount, reason }) =>
          act({ path: { id }, body: { amount: readPositive(amount) ?? null }, headers: financeReason(reason) })
        }
      >
        {of === undefined && (
          <TenantField
            name="id"
            label={say("whose")}
            without={taken}
            {...(isPlatformFree && { first: { value: PLATFORM_BUDGET, label: say("wholePlatform") } })}
          />
        )}
        <TextField
          name="amount"
          label={say("amount")}
          isRequired
          maxLength={20}
          validate={(value) =>
            readPositive(value) === undefined ? t("invalidPositive", { label: say("amount") }) : undefined
          }
        />
        <AlertLevels />
        <ReasonField />
      </Form>
    </Drawer>
  );
}

/** In percent of the budget: core/cost/budget.ts. */
const LEVELS = [50n, 80n, 100n] as const;

/** At which amounts an alert is given, of the amount that is being typed. */
function AlertLevels() {
  const [say, { format }] = [useText(budgetsMessages), useWords()];
  const amount = scaledOf(readPositive(useFieldValue<string>("amount") ?? "") ?? "");
  if (amount === undefined) return <Text tone="muted">{say("budgetsIntro")}</Text>;
  const [half, most, all] = LEVELS.map((percent) => format.money(usd(textOfScaled((amount * percent) / 100n))));
  return <Text tone="muted">{say("levels", { half, most, all })}</Text>;
}
