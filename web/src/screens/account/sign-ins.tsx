import { useState } from "react";
import type { SignInView } from "../../../../core/contract/index.ts";
import { Problem } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { signOut } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Badge,
  Button,
  Card,
  type Column,
  ConfirmDialog,
  notify,
  ProblemState,
  Row,
  Table,
  Text,
} from "../../ui/index.ts";
import { accountMessages } from "./messages.ts";

/** Where the user is signed in, in every clinic: one can be ended, and all. */
export function SignIns() {
  const [t, format] = [useText(accountMessages), useFormat()];
  const query = useAsk("listSignIns");
  const [isAsking, setIsAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const end = useAct("endSignIn", { refresh: ["listSignIns"], onDone: () => notify({ text: t("ended") }) });

  const deviceOf = ({ kind, browser, system }: SignInView): string => {
    if (kind === "app") return t("app");
    return browser === "other" || system === "other" ? t("unknown") : t("on", { browser, system });
  };
  const columns: readonly Column<SignInView>[] = [
    {
      id: "device",
      label: t("device"),
      isRowHeader: true,
      render: (signIn) => (
        <Row gap="xs">
          <Text as="span">{deviceOf(signIn)}</Text>
          {signIn.isThis && <Badge tone="info" text={t("this")} />}
          <Text as="span" size="sm" tone="muted">
            {t(signIn.by === "passkey" ? "byPasskey" : "byPassword")}
          </Text>
        </Row>
      ),
    },
    { id: "clinic", label: t("clinic"), render: ({ clinic }) => clinic },
    { id: "since", label: t("since"), render: ({ since }) => format.dateTime(since) },
    { id: "seen", label: t("seen"), render: ({ lastSeenAt }) => format.dateTime(lastSeenAt) },
    {
      id: "actions",
      label: t("actions"),
      hidesLabel: true,
      isNarrow: true,
      render: (signIn) =>
        signIn.isThis ? null : (
          <Button
            size="sm"
            tone="danger"
            label={t("endOf", { device: deviceOf(signIn) })}
            onClick={() => void end.act({ path: { id: signIn.id } })}
          >
            {t("end")}
          </Button>
        ),
    },
  ];
  const leaveEverywhere = (): void => {
    setProblem(undefined);
    signOut(true).catch((thrown: unknown) => {
      setProblem(thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 }));
    });
  };
  return (
    <Card title={t("signIns")} actions={<Button onClick={() => setIsAsking(true)}>{t("everywhere")}</Button>}>
      <Text tone="muted">{t("signInsText")}</Text>
      {end.problem !== undefined && <ProblemState problem={end.problem} />}
      <AskState query={query} label={t("signIns")}>
        {({ signIns }) => (
          <Table caption={t("signIns")} hidesCaption columns={columns} rows={signIns} rowKey={({ id }) => id} />
        )}
      </AskState>
      <ConfirmDialog
        title={t("everywhereTitle")}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        tone="danger"
        confirmLabel={t("everywhere")}
        onConfirm={leaveEverywhere}
        problem={problem}
      >
        <Text>{t("everywhereText")}</Text>
      </ConfirmDialog>
    </Card>
  );
}
