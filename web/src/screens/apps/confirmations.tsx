import type { AppView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { ConfirmDialog, notify, Text } from "../../ui/index.ts";
import { peopleMessages } from "../people/messages.ts";
import { reasonChoices, reasonHeader } from "../people/reason.ts";
import { appsMessages } from "./messages.ts";

export type Asked = { readonly kind: "suspend" | "resume" } | { readonly kind: "revoke"; readonly kid: string };

interface ConfirmationsProps {
  readonly app: AppView;
  readonly asked: Asked;
  readonly onClose: () => void;
}

/** What weighs: said in plain words, with a reason, before both factors are asked for. */
export function Confirmations({ app, asked, onClose }: ConfirmationsProps) {
  const [t, people] = [useText(appsMessages), useText(peopleMessages)];
  const done = (text: string) => ({
    refresh: ["listApps", "readApp"] as const,
    onDone: () => {
      notify({ text });
      onClose();
    },
  });
  const suspend = useAct("suspendApp", done(t("suspended")));
  const resume = useAct("resumeApp", done(t("resumed")));
  const revoke = useAct("revokeAppKey", done(t("revoked")));
  const { isPending, problem } = { suspend, resume, revoke }[asked.kind];
  const { id, name, version: ifMatch } = app;
  const confirm = (headers: Readonly<Record<string, string>>): unknown => {
    const rest = { body: {}, ifMatch, headers };
    if (asked.kind === "revoke") return revoke.act({ path: { id, kid: asked.kid }, ...rest });
    return (asked.kind === "suspend" ? suspend : resume).act({ path: { id }, ...rest });
  };
  const title = asked.kind === "revoke" ? t("revokeTitle", { kid: asked.kid }) : t(`${asked.kind}Title`, { name });
  return (
    <ConfirmDialog
      title={title}
      isOpen
      onClose={onClose}
      tone={asked.kind === "resume" ? "default" : "danger"}
      confirmLabel={t(asked.kind)}
      reason={{ label: t("words"), minimum: 3, codes: reasonChoices(people) }}
      isPending={isPending}
      problem={problem}
      onConfirm={({ code, reason }) => confirm(reasonHeader(code, reason))}
    >
      <Text>{t(`${asked.kind}Text`)}</Text>
    </ConfirmDialog>
  );
}
