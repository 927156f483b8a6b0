import { useState } from "react";
import type { AnswerOf } from "../../../../core/contract/index.ts";
import type { BodyOf } from "../../api/client.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Stack, Text } from "../../ui/index.ts";
import { financeMessages } from "./messages.ts";
import { modelMessages } from "./model-messages.ts";
import { AssumptionsTable } from "./scenario-assumptions.tsx";
import { ScenarioForm } from "./scenario-form.tsx";
import { ScenarioResults } from "./scenario-results.tsx";
import { Basis } from "./basis.tsx";
import { rulesOf } from "./words.ts";

export type ScenariosAnswer = AnswerOf<"financeScenarios">;

/** The kept assumptions and what they come to; with others, the same for those. */
export function Scenarios() {
  const [t, shared] = [useText(modelMessages), useText(financeMessages)];
  const [asked, setAsked] = useState<BodyOf<"askScenarios"> | undefined>(undefined);
  const kept = useAsk("financeScenarios");
  const own = useAsk("askScenarios", asked === undefined ? {} : { body: asked }, {
    isEnabled: asked !== undefined,
    keepsPrevious: true,
  });
  return (
    <AskState query={kept} label={t("tab.scenarios")}>
      {(defaults) => (
        <Stack gap="lg">
          <ScenarioForm
            assumptions={defaults.assumptions}
            sizes={defaults.scenarios.map(({ tenants }) => tenants)}
            onAsk={setAsked}
            onReset={() => setAsked(undefined)}
          />
          {asked === undefined ? (
            <Results answer={defaults} />
          ) : (
            <AskState query={own} label={t("results")} rules={rulesOf(shared)}>
              {(answer) => <Results answer={answer} />}
            </AskState>
          )}
        </Stack>
      )}
    </AskState>
  );
}

function Results({ answer }: { readonly answer: ScenariosAnswer }) {
  const t = useText(modelMessages);
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Text tone="muted">{t(answer.isDefault ? "keptAssumptions" : "ownAssumptions")}</Text>
        <Basis of={answer} />
      </Stack>
      <ScenarioResults answer={answer} />
      <AssumptionsTable assumptions={answer.assumptions} />
    </Stack>
  );
}
