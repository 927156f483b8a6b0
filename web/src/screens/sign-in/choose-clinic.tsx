import { useState } from "react";
import type { ClinicChoice, SessionView } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import { useText } from "../../i18n/index.ts";
import { Button, Heading, List, ProblemState, Stack, Text } from "../../ui/index.ts";
import { signInMessages } from "./messages.ts";

interface ChooseClinicProps {
  readonly choice: ClinicChoice;
  readonly onEntered: (view: SessionView) => void;
  /** With what to say of it, where the ticket was too old. */
  readonly onBack: (notice?: string) => void;
}

/** One of several clinics, after both factors were right. The ticket for it is short-lived and works once. */
export function ChooseClinic({ choice, onEntered, onBack }: ChooseClinicProps) {
  const t = useText(signInMessages);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const choose = async (tenant: string): Promise<void> => {
    setChosen(tenant);
    try {
      onEntered(await call("chooseClinic", { body: { ticket: choice.ticket, tenant } }));
    } catch (thrown) {
      setChosen(undefined);
      if (thrown instanceof Problem && thrown.kind !== "signed-out") setProblem(thrown);
      else onBack(t("clinicLate"));
    }
  };
  return (
    <Stack gap="lg">
      <Heading level={1} isTarget>
        {t("clinicTitle")}
      </Heading>
      <Text tone="muted">{t("clinicText")}</Text>
      {problem !== undefined && <ProblemState problem={problem} />}
      <List label={t("clinicTitle")} items={choice.clinics} itemKey={({ id }) => id} look="spaced">
        {({ id, name }) => (
          <Button isWide isPending={chosen === id} isDisabled={chosen !== undefined} onClick={() => void choose(id)}>
            {name}
          </Button>
        )}
      </List>
      <Button tone="quiet" onClick={() => onBack()}>
        {t("back")}
      </Button>
    </Stack>
  );
}
