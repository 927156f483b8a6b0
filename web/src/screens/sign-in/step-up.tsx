import { IconFingerprint } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { PasskeyOptions } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import type { StepUpProps } from "../../app/session-parts.tsx";
import { useText } from "../../i18n/index.ts";
import { Alert, Button, Form, Skeleton, Stack } from "../../ui/index.ts";
import { FactorFields } from "./factors.tsx";
import { signInMessages } from "./messages.ts";
import { hasPasskeys, showPasskey } from "./passkey.ts";

interface Shown {
  readonly password: string;
  readonly totp: string;
}

const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 });

/** The challenge of a step-up for one request; `none` where the user has no passkey, or the browser knows none. */
function useChallenge(act: string | undefined) {
  const [options, setOptions] = useState<PasskeyOptions | "none" | undefined>(undefined);
  const renew = (): void => {
    if (!hasPasskeys()) {
      setOptions("none");
      return;
    }
    call("stepUpOptions", { body: act === undefined ? {} : { act } }).then(setOptions, () => setOptions("none"));
  };
  useEffect(renew, [act]);
  return { options, renew };
}

/** Both factors again, for one request where `act` names it: by passkey, or by password and code. */
export default function StepUp({ act, onShown }: StepUpProps) {
  const t = useText(signInMessages);
  const { options, renew } = useChallenge(act);
  const [isTyping, setIsTyping] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [notice, setNotice] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const bound = act === undefined ? {} : { act };

  const byPasskey = async (asked: PasskeyOptions): Promise<void> => {
    setNotice(undefined);
    setIsBusy(true);
    const passkey = await showPasskey(asked);
    try {
      if (passkey === undefined) setNotice(t("passkeyStopped"));
      else {
        await call("stepUp", { body: { passkey, ...bound } });
        onShown();
        return;
      }
    } catch (thrown) {
      const met = asProblem(thrown);
      if (met.kind === "signed-out") setNotice(t("passkeyRefused"));
      else setProblem(met);
    } finally {
      setIsBusy(false);
    }
    // A challenge works once, whatever became of it.
    renew();
  };

  const byPassword = async ({ password, totp }: Shown): Promise<void> => {
    setProblem(undefined);
    try {
      await call("stepUp", { body: { password, totp: totp.replaceAll(/\s/g, ""), ...bound } });
      onShown();
    } catch (thrown) {
      const met = asProblem(thrown);
      const isWrong = met.kind === "signed-out";
      setProblem(isWrong ? new Problem({ kind: "invalid", status: 401, rule: "factors" }) : met);
    }
  };

  if (options === undefined) return <Skeleton lines={2} />;
  return (
    <Stack gap="md">
      {notice !== undefined && <Alert tone="danger" title={notice} isLive />}
      {options !== "none" && (
        <Button tone="primary" isWide icon={IconFingerprint} isPending={isBusy} onClick={() => void byPasskey(options)}>
          {t("stepUpPasskey")}
        </Button>
      )}
      {options !== "none" && !isTyping ? (
        <Button isWide tone="quiet" onClick={() => setIsTyping(true)}>
          {t("stepUpInstead")}
        </Button>
      ) : (
        <Form<Shown>
          label={t("stepUpForm")}
          defaults={{ password: "", totp: "" }}
          onSubmit={byPassword}
          problem={problem}
          rules={{ factors: t("stepUpRefused") }}
          loading={false}
          submitLabel={t("stepUpSubmit")}
          guards={false}
        >
          <FactorFields hasFocus />
        </Form>
      )}
    </Stack>
  );
}
