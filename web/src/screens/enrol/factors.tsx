import { IconFingerprint } from "@tabler/icons-react";
import { useState } from "react";
import type { EnrolmentView, SessionView } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  Button,
  DefinitionList,
  Form,
  Page,
  ProblemState,
  QrCode,
  Section,
  Stack,
  Text,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { hasPasskeys, makePasskey } from "../sign-in/passkey.ts";
import { enrolMessages } from "./messages.ts";

const PASSWORD_MIN = 12;

interface Values {
  readonly password: string;
  readonly again: string;
  readonly totp: string;
}

interface FactorsProps {
  readonly code: string;
  readonly view: EnrolmentView;
  readonly onEntered: (view: SessionView) => void;
}

const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 });

function PasswordFields() {
  const t = useText(enrolMessages);
  const password = useFieldValue<string>("password") ?? "";
  return (
    <>
      <TextField
        name="password"
        label={t("newPassword")}
        hint={t("newPasswordHint")}
        kind="password"
        autoFill="new-password"
        isRequired
        maxLength={256}
        validate={(value) => (value.length < PASSWORD_MIN ? t("passwordShort") : undefined)}
      />
      <TextField
        name="again"
        label={t("repeat")}
        kind="password"
        autoFill="new-password"
        isRequired
        maxLength={256}
        validate={(value) => (value === password ? undefined : t("repeatWrong"))}
      />
      <TextField
        name="totp"
        label={t("totp")}
        kind="code"
        autoFill="one-time-code"
        isRequired
        maxLength={7}
        width="sm"
      />
    </>
  );
}

/** Factors of one's own: a passkey, or a password with an authenticator. Each uses the code up and signs in. */
export function Factors({ code, view, onEntered }: FactorsProps) {
  const [t, format] = [useText(enrolMessages), useFormat()];
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [passkeyProblem, setPasskeyProblem] = useState<Problem | undefined>(undefined);
  const [isStopped, setIsStopped] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const rules = {
    "enrolment-code": t("rule.enrolment-code"),
    "enrolment-totp": t("rule.enrolment-totp"),
    "login-taken": t("rule.login-taken"),
  };

  const byPasskey = async (): Promise<void> => {
    setPasskeyProblem(undefined);
    setIsStopped(false);
    setIsBusy(true);
    try {
      const passkey = await makePasskey(await call("enrolmentPasskeyOptions", { body: { code } }));
      if (passkey === undefined) setIsStopped(true);
      else onEntered(await call("enrolPasskey", { body: { code, passkey, name: t("passkeyName") } }));
    } catch (thrown) {
      setPasskeyProblem(asProblem(thrown));
    } finally {
      setIsBusy(false);
    }
  };

  const byPassword = async ({ password, totp }: Values): Promise<void> => {
    setProblem(undefined);
    try {
      const body = { code, ticket: view.ticket, password, totp: totp.replaceAll(/\s/g, "") };
      onEntered(await call("enrol", { body }));
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };

  const { displayName, clinic, login, expiresAt, totpSecret, totpUri } = view;
  return (
    <Page title={t("welcome", { name: displayName })}>
      <Stack gap="lg">
        {view.for === "reset" ? (
          <Alert tone="warning" title={t("resetText", { clinic })} />
        ) : (
          <Text>{t("inviteText", { clinic })}</Text>
        )}
        <DefinitionList look="rows" items={[{ term: t("login"), value: login }]} />
        <Text size="sm" tone="muted">
          {t("until", { when: format.dateTime(expiresAt) })}
        </Text>
        {hasPasskeys() && (
          <Section title={t("passkey")}>
            <Text>{t("passkeyText")}</Text>
            {isStopped && <Alert tone="danger" title={t("passkeyStopped")} isLive />}
            {passkeyProblem !== undefined && <ProblemState problem={passkeyProblem} />}
            <Button tone="primary" icon={IconFingerprint} isPending={isBusy} onClick={() => void byPasskey()}>
              {t("passkeyDo")}
            </Button>
          </Section>
        )}
        <Section title={t("password")}>
          <Text>{t("passwordText")}</Text>
          <QrCode text={totpUri} label={t("seedPicture")} />
          <DefinitionList
            look="rows"
            items={[
              {
                term: t("seed"),
                value: (
                  <Text as="strong" isCode>
                    {totpSecret.match(/.{1,4}/g)?.join(" ")}
                  </Text>
                ),
              },
            ]}
          />
          <Form<Values>
            label={t("password")}
            loading={false}
            defaults={{ password: "", again: "", totp: "" }}
            problem={problem}
            rules={rules}
            submitLabel={t("passwordDo")}
            guards={false}
            onSubmit={byPassword}
          >
            <PasswordFields />
          </Form>
        </Section>
      </Stack>
    </Page>
  );
}
