import type { StandingPurpose } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import type { PurposeProps } from "../../app/session-parts.tsx";
import { sessionOf } from "../../app/session-state.ts";
import { useText } from "../../i18n/index.ts";
import { Form, Heading, RadioField, Stack, Text } from "../../ui/index.ts";
import { purposeLabel, signInMessages } from "./messages.ts";

/** What people of these roles do most, in this order. The first that the roles work for is offered first. */
const USUAL: readonly StandingPurpose[] = ["TREAT", "HPAYMT", "HOPERAT", "PATRQT", "HRESCH", "MLTRAINING"];
const AT_THE_DESK: readonly StandingPurpose[] = ["HOPERAT", "TREAT"];

/** The purpose that is chosen already when the question is asked. */
export function usualPurpose(
  roles: readonly string[],
  purposes: readonly StandingPurpose[],
): StandingPurpose | undefined {
  const isAtDesk = roles.includes("front-desk") && !roles.some((role) => role === "physician" || role === "nurse");
  return (isAtDesk ? AT_THE_DESK : USUAL).find((purpose) => purposes.includes(purpose)) ?? purposes[0];
}

/** Asks what the session is for where the roles leave a choice. */
export default function Purpose({ session, onChosen }: PurposeProps) {
  const t = useText(signInMessages);
  const { act, problem } = useAct("switchSession", { onDone: (view) => onChosen(sessionOf(view)) });
  const { roles, purposes, tenant } = session;
  return (
    <Stack gap="lg">
      <Heading level={1} isTarget>
        {t("purposeTitle")}
      </Heading>
      <Text tone="muted">{t("purposeText")}</Text>
      <Form<{ readonly purpose: StandingPurpose }>
        label={t("purposeTitle")}
        defaults={{ purpose: usualPurpose(roles, purposes) ?? "TREAT" }}
        onSubmit={({ purpose }) => act({ body: { tenant: tenant.id, purpose } })}
        problem={problem}
        loading={false}
        submitLabel={t("continue")}
        guards={false}
      >
        <RadioField
          label={t("purpose")}
          name="purpose"
          choices={purposes.map((purpose) => ({ value: purpose, label: t(purposeLabel[purpose]) }))}
        />
      </Form>
    </Stack>
  );
}
