import { IconFingerprint } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { ClinicChoice, SessionView, SignInAnswer } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import { reloadPage } from "../../app/session-end.ts";
import type { SignInProps } from "../../app/session-parts.tsx";
import { type Session, sessionOf } from "../../app/session-state.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, Button, Form, Heading, Stack, Text, TextField } from "../../ui/index.ts";
import { ChooseClinic } from "./choose-clinic.tsx";
import type { DemoSignIn } from "../../../../core/contract/demo-sign-in.ts";
import { Demo } from "./demo.tsx";
import { FactorFields } from "./factors.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { signInMessages } from "./messages.ts";
import { hasPasskeys, offersPasskeys, showPasskey, stopPasskey } from "./passkey.ts";

interface Entered {
  readonly login: string;
  readonly password: string;
  readonly totp: string;
}

/** A challenge is over after five minutes: a page that waits longer asks for another one. */
const RENEW_MS = 4 * 60_000;

const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 });

/** A refusal is an answer to what was entered. Made once for each: a form brings the focus to every new problem. */
function refusalOf(thrown: unknown): Problem {
  const met = asProblem(thrown);
  return met.kind === "signed-out" ? new Problem({ kind: "invalid", status: 401, rule: "sign-in" }) : met;
}

/** Where somebody who was signed in goes again; a first sign-in finds out. */
const destination = (again: Session | undefined) =>
  again === undefined
    ? {}
    : {
        tenant: again.tenant.id,
        ...(again.purpose !== undefined && { purpose: again.purpose, purposeOf: again.user.id }),
      };

/**
 * Offers passkeys in the login field for as long as the form is open (WebAuthn Level 3 5.1.4, conditional mediation).
 * `onShown` hears of the one that was chosen.
 */
function useOfferedPasskey(
  isWanted: boolean,
  onShown: (passkey: Awaited<ReturnType<typeof showPasskey>>) => void,
): void {
  const heard = useRef(onShown);
  useEffect(() => {
    heard.current = onShown;
  }, [onShown]);
  useEffect(() => {
    if (!isWanted) return undefined;
    let isGone = false;
    const offer = async (): Promise<void> => {
      if (!(await offersPasskeys()) || isGone) return;
      const passkey = await showPasskey(await call("passkeySignInOptions", { body: {} }), true);
      if (!isGone && passkey !== undefined) heard.current(passkey);
    };
    const start = (): void => void offer().catch(() => undefined);
    start();
    const timer = setInterval(start, RENEW_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
      stopPasskey();
    };
  }, [isWanted]);
}

/** The way in: a passkey, or password and code. Nothing that it says tells whether a login exists. */
export default function SignIn({ again, onSignedIn }: SignInProps) {
  const t = useText(signInMessages);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [notice, setNotice] = useState<string | undefined>(undefined);
  const [choice, setChoice] = useState<ClinicChoice | undefined>(undefined);
  const [isBusy, setIsBusy] = useState(false);

  const enter = (answer: SignInAnswer): void => {
    if ("choice" in answer) setChoice(answer.choice);
    else onSignedIn(sessionOf(answer));
  };

  /** Password and code. Gives nothing: what was entered is never taken for saved. */
  const signIn = async (entered: Entered, more: Partial<DemoSignIn> = {}): Promise<void> => {
    setNotice(undefined);
    setProblem(undefined);
    const { login, password, totp } = entered;
    const demo = {
      ...(more.tenant && { tenant: more.tenant }),
      ...(more.purpose && { purpose: more.purpose as "TREAT" }),
    };
    try {
      const body = { login, password, totp: totp.replaceAll(/\s/g, ""), choose: true as const };
      enter(await call("signIn", { body: { ...body, ...destination(again), ...demo } }));
    } catch (thrown) {
      setProblem(refusalOf(thrown));
    }
  };

  const signInBy = async (passkey: Awaited<ReturnType<typeof showPasskey>>): Promise<void> => {
    if (passkey === undefined) {
      setNotice(t("passkeyStopped"));
      return;
    }
    try {
      enter(await call("passkeySignIn", { body: { passkey, ...destination(again) } }));
    } catch (thrown) {
      const met = asProblem(thrown);
      setNotice(met.kind === "signed-out" ? t("passkeyRefused") : undefined);
      if (met.kind !== "signed-out") setProblem(met);
    }
  };

  const askPasskey = async (): Promise<void> => {
    setNotice(undefined);
    setProblem(undefined);
    setIsBusy(true);
    try {
      await signInBy(await showPasskey(await call("passkeySignInOptions", { body: {} })));
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  useOfferedPasskey(choice === undefined && hasPasskeys(), (passkey) => void signInBy(passkey));

  if (choice !== undefined) {
    return (
      <ChooseClinic
        choice={choice}
        onEntered={(view: SessionView) => onSignedIn(sessionOf(view))}
        onBack={(said) => {
          setChoice(undefined);
          setNotice(said);
        }}
      />
    );
  }
  return (
    <Stack gap="lg">
      {again === undefined && (
        <Heading level={1} isTarget>
          {t("title")}
        </Heading>
      )}
      {notice !== undefined && <Alert tone="danger" title={notice} isLive />}
      {hasPasskeys() && (
        <Stack gap="xs">
          <Button
            tone="primary"
            size="lg"
            isWide
            icon={IconFingerprint}
            isPending={isBusy}
            onClick={() => void askPasskey()}
          >
            {t("passkey")}
          </Button>
          <Text size="sm" tone="muted">
            {t("passkeyHint")}
          </Text>
        </Stack>
      )}
      <Heading level={2} size={4}>
        {t("or")}
      </Heading>
      <Form<Entered>
        label={t("form")}
        defaults={{ login: "", password: "", totp: "" }}
        onSubmit={(entered) => signIn(entered)}
        problem={problem}
        rules={{ "sign-in": t("refused") }}
        loading={false}
        submitLabel={t("submit")}
        guards={false}
      >
        <TextField label={t("login")} name="login" autoFill="username webauthn" isRequired maxLength={100} />
        <FactorFields />
      </Form>
      {again === undefined && <Demo onChosen={(demo) => signIn(demo, demo)} />}
      {again === undefined ? (
        <LanguageSwitch />
      ) : (
        <Button tone="quiet" onClick={reloadPage}>
          {t("somebodyElse", { name: again.user.name })}
        </Button>
      )}
    </Stack>
  );
}
