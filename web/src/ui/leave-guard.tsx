import { useBlocker } from "@tanstack/react-router";
import { useText } from "../i18n/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { uiMessages } from "./messages.ts";
import { Text } from "./text.tsx";

/** Asks before a screen with something unsaved is left, by a link, the back button, or closing the tab. */
export function LeaveGuard({ isDirty }: { readonly isDirty: boolean }) {
  const t = useText(uiMessages);
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  const isAsking = blocker.status === "blocked";
  return (
    <Dialog
      title={t("unsavedTitle")}
      isOpen={isAsking}
      onClose={() => blocker.reset?.()}
      size="sm"
      footer={
        <>
          <Button onClick={() => blocker.reset?.()}>{t("stay")}</Button>
          <Button tone="danger" onClick={() => blocker.proceed?.()}>
            {t("leave")}
          </Button>
        </>
      }
    >
      <Text>{t("unsavedText")}</Text>
    </Dialog>
  );
}
