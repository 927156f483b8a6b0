import { IconHistory, IconPencil, IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import type { NoteView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useConnection } from "../../app/connection.ts";
import { useGo } from "../../app/navigation.ts";
import { Button, ConfirmDialog, Dialog, Menu, ProblemState, SelectField, Stack, Text } from "../../ui/index.ts";
import { CHANGED_BY_NOTES } from "./changed.ts";
import { noteTarget } from "./note-address.ts";
import { DISCARD_REASONS, UNLOCK_REASONS } from "./reasons.ts";
import { useWords } from "./words.ts";
import { Versions } from "./versions.tsx";

type Asking = "cosign" | "unlock" | "discard" | "versions";

interface ActsProps {
  readonly note: NoteView;
  readonly isEditing: boolean;
  readonly onEdit: () => void;
}

/** What can be done to a note besides writing it. The server has said which of it is the caller's. */
export function Acts({ note, isEditing, onEdit }: ActsProps) {
  const { t, rules } = useWords();
  const go = useGo();
  const { isOnline } = useConnection();
  const [asking, setAsking] = useState<Asking | undefined>(undefined);
  const close = (): void => setAsking(undefined);
  const after = { refresh: CHANGED_BY_NOTES, onDone: close };
  const [cosign, unlock, discard] = [
    useAct("coSignNote", after),
    useAct("unlockNote", after),
    useAct("discardNote", after),
  ];
  const addend = useAct("addendNote", {
    refresh: CHANGED_BY_NOTES,
    onDone: ({ id }) => go(noteTarget(id)),
  });
  const path = { id: note.id };
  const { version, may } = note;
  const has = (act: (typeof may)[number]): boolean => may.includes(act) && isOnline;
  return (
    <>
      {!isEditing && has("write") && (
        <Button icon={IconPencil} tone="primary" onClick={onEdit}>
          {t("edit")}
        </Button>
      )}
      {has("cosign") && (
        <Button tone="primary" onClick={() => setAsking("cosign")}>
          {t("cosign")}
        </Button>
      )}
      {has("addend") && (
        <Button isPending={addend.isPending} onClick={() => void addend.act({ path, body: { version } })}>
          {t("addend")}
        </Button>
      )}
      {has("unlock") && <Button onClick={() => setAsking("unlock")}>{t("unlock")}</Button>}
      {!isEditing && (
        <Button icon={IconPrinter} tone="quiet" onClick={() => window.print()}>
          {t("print")}
        </Button>
      )}
      <Button icon={IconHistory} tone="quiet" onClick={() => setAsking("versions")}>
        {t("versions")}
      </Button>
      {has("discard") && (
        <Menu
          label={t("discard")}
          entries={[{ id: "discard", label: t("discard"), tone: "danger", onSelect: () => setAsking("discard") }]}
        />
      )}
      {asking === "cosign" && (
        <ConfirmDialog
          title={t("cosignTitle")}
          isOpen
          onClose={close}
          onConfirm={() => void cosign.act({ path, body: { version } })}
          confirmLabel={t("cosign")}
          isPending={cosign.isPending}
          problem={cosign.problem}
        >
          <Stack>
            <Text size="lg" isStrong>
              {t("signingAs", { name: note.signingAs.name })}
            </Text>
            <Text>{t("cosignExplains")}</Text>
          </Stack>
        </ConfirmDialog>
      )}
      {asking === "unlock" && (
        <ConfirmDialog
          title={t("unlockTitle")}
          isOpen
          tone="danger"
          onClose={close}
          onConfirm={({ reason, code }) =>
            void unlock.act({
              path,
              body: { version, reason: { code: code as (typeof UNLOCK_REASONS)[number], text: reason } },
            })
          }
          confirmLabel={t("unlock")}
          reason={{
            label: t("unlockWhy"),
            minimum: 10,
            codes: UNLOCK_REASONS.map((value) => ({ value, label: t(`why.${value}`) })),
          }}
          isPending={unlock.isPending}
          problem={unlock.problem}
        >
          <Stack>
            <Text size="lg" isStrong>
              {t("signingAs", { name: note.signingAs.name })}
            </Text>
            <Text>{t("unlockExplains")}</Text>
          </Stack>
        </ConfirmDialog>
      )}
      {asking === "discard" && (
        <DiscardDialog
          onClose={close}
          onDiscard={(reason) => void discard.act({ path, body: { version, reason } })}
          isPending={discard.isPending}
          problem={discard.problem}
          rules={rules}
        />
      )}
      {asking === "versions" && <Versions note={note} onClose={close} />}
    </>
  );
}

interface DiscardProps {
  readonly onClose: () => void;
  readonly onDiscard: (reason: (typeof DISCARD_REASONS)[number]) => void;
  readonly isPending: boolean;
  readonly problem: Parameters<typeof ProblemState>[0]["problem"] | undefined;
  readonly rules: Readonly<Record<string, string>>;
}

function DiscardDialog({ onClose, onDiscard, isPending, problem, rules }: DiscardProps) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const known = DISCARD_REASONS.find((each) => each === reason);
  return (
    <Dialog
      title={t("discardTitle")}
      isOpen
      onClose={onClose}
      tone="danger"
      size="sm"
      footer={
        <Button
          tone="danger"
          isPending={isPending}
          isDisabled={known === undefined}
          onClick={() => {
            if (known !== undefined) onDiscard(known);
          }}
        >
          {t("discard")}
        </Button>
      }
    >
      <Stack>
        <Text>{t("discardExplains")}</Text>
        <SelectField
          label={t("reason")}
          value={reason}
          onChange={setReason}
          isRequired
          choices={DISCARD_REASONS.map((value) => ({ value, label: t(`why.${value}`) }))}
        />
        {problem !== undefined && <ProblemState problem={problem} rules={rules} />}
      </Stack>
    </Dialog>
  );
}
