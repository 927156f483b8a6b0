import type { ConsentView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, ConfirmDialog, notify } from "../../ui/index.ts";
import { OwnEffects } from "./effect.tsx";
import { choiceMessages } from "./messages.ts";

interface TakeBackProps {
  readonly consent: ConsentView;
  readonly onClose: () => void;
}

/** Takes a choice back, after it was shown what that changes. */
export function TakeBackDialog({ consent: { id, version }, onClose }: TakeBackProps) {
  const t = useText(choiceMessages);
  const query = useAsk("previewOwnConsent", { body: { revoke: id } }, { freshMs: 0 });
  const { act, isPending, problem } = useAct("revokeOwnConsent", {
    refresh: ["listOwnConsents"],
    onDone: () => {
      notify({ text: t("takenBack"), tone: "info" });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("takeBackTitle")}
      isOpen
      confirmLabel={t("takeBackNow")}
      isPending={isPending}
      problem={problem}
      onClose={onClose}
      onConfirm={() => void act({ path: { id }, body: { version } })}
    >
      <AskState query={query} label={t("effect")}>
        {(preview) => <OwnEffects preview={preview} />}
      </AskState>
    </ConfirmDialog>
  );
}
