import type { StandingPurpose } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { startOver } from "../../app/session-end.ts";
import { beginSession, useSession } from "../../app/session.tsx";
import { sessionOf } from "../../app/session-state.ts";
import { tellTabs } from "../../app/tabs.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, Card, Form, List, notify, ProblemState, RadioField, Stack, Text } from "../../ui/index.ts";
import { purposeLabel, signInMessages } from "../sign-in/messages.ts";
import { accountMessages, accountRules } from "./messages.ts";

/** What the session is for, where the roles leave a choice: another purpose is another session. */
function PurposeForm() {
  const [t, say] = [useText(accountMessages), useText(signInMessages)];
  const { purpose, purposes, tenant } = useSession();
  const change = useAct("switchSession", {
    onDone: (view) => {
      beginSession(sessionOf(view));
      notify({ text: t("changed") });
    },
  });
  return (
    <Form<{ readonly purpose: StandingPurpose }>
      label={t("purpose")}
      {...(purpose !== undefined && { defaults: { purpose } })}
      onSubmit={({ purpose: chosen }) => change.act({ body: { tenant: tenant.id, purpose: chosen } })}
      problem={change.problem}
      rules={accountRules(t)}
      loading={false}
      submitLabel={t("change")}
      guards={false}
    >
      <RadioField
        label={t("purpose")}
        name="purpose"
        isInline
        choices={purposes.map((one) => ({ value: one, label: say(purposeLabel[one]) }))}
      />
    </Form>
  );
}

/** The clinics that the user belongs to. Another one starts the page anew, in this tab and in the others. */
function Clinics() {
  const t = useText(accountMessages);
  const query = useAsk("listClinics");
  const change = useAct("switchSession", {
    onDone: ({ tag, user, tenant }) => {
      tellTabs({ kind: "signed-in", tag, userId: user.id, tenantId: tenant.id });
      startOver();
    },
  });
  return (
    <AskState query={query} label={t("work")}>
      {({ clinics }) => {
        const others = clinics.filter(({ isCurrent }) => !isCurrent);
        if (others.length === 0) return <Text tone="muted">{t("oneClinic")}</Text>;
        return (
          <Stack gap="sm">
            {change.problem !== undefined && <ProblemState problem={change.problem} rules={accountRules(t)} />}
            <List label={t("clinic")} items={others} itemKey={({ id }) => id} look="spaced">
              {({ id, name }) => (
                <Button isPending={change.isPending} onClick={() => void change.act({ body: { tenant: id } })}>
                  {t("switch", { clinic: name })}
                </Button>
              )}
            </List>
          </Stack>
        );
      }}
    </AskState>
  );
}

/** Where somebody works, and for what. */
export function Work() {
  const [t, { tenant, purposes }] = [useText(accountMessages), useSession()];
  return (
    <Card title={t("work")}>
      <Stack gap="lg">
        <Text tone="muted">{t("workText", { clinic: tenant.name })}</Text>
        <Clinics />
        {purposes.length > 1 && <PurposeForm />}
      </Stack>
    </Card>
  );
}
