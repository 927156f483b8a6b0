import { IconDeviceFloppy } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { NoteSection, NoteView } from "../../../../core/contract/index.ts";
import { call } from "../../api/client.ts";
import { useAsk } from "../../api/hooks.ts";
import { useConnection } from "../../app/connection.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import { Alert, Button, ButtonRow, Card, CheckboxField, LeaveGuard, notify, Row, Stack, Text } from "../../ui/index.ts";
import { Conflict } from "./conflict.tsx";
import { isKept } from "./draft-state.ts";
import { SectionField } from "./section-field.tsx";
import { SignDialog } from "./sign-dialog.tsx";
import { type Draft, useDraft } from "./use-draft.ts";
import { useWords } from "./words.ts";

const TONES = {
  saved: "success",
  unchanged: "muted",
  dirty: "muted",
  saving: "muted",
  offline: "warning",
  failed: "warning",
  waiting: "warning",
  conflict: "warning",
  refused: "danger",
} as const;

/** How far the text has got. What somebody has to know of it stands over the text as well, and is read out. */
function SavedState({ draft: { status, savedAt } }: { readonly draft: Draft }) {
  const { t, format } = useWords();
  return (
    <Text as="span" size="sm" tone={TONES[status]}>
      {t(`saved.${status}`, { when: savedAt === undefined ? "" : format.time(savedAt) })}
    </Text>
  );
}

const HELD_UP = ["offline", "failed", "waiting", "refused"] as const;

/** A note while it is written. */
export function Editor({ note }: { readonly note: NoteView }) {
  const { t } = useWords();
  const draft = useDraft(note);
  const { isOnline } = useConnection();
  const templates = useAsk("readTemplates", {}, { freshMs: 600_000 });
  const [signing, setSigning] = useState<{ isLocking: boolean; held: Draft["held"] } | undefined>(undefined);
  const [isPreparing, setIsPreparing] = useState(false);
  const snippets = templates.data?.snippets ?? [];
  useVersionOnLeave(note.id, draft, signing !== undefined);

  const write = (section: NoteSection): void =>
    draft.write({
      ...draft.writing,
      sections: draft.writing.sections.map((each) => (each.key === section.key ? section : each)),
    });
  const prepare = async (isLocking: boolean): Promise<void> => {
    setIsPreparing(true);
    const isSaved = await draft.flush();
    setIsPreparing(false);
    if (isSaved) setSigning({ isLocking, held: draft.current().held });
  };
  const saveVersion = async (): Promise<void> => {
    if (await draft.saveVersion()) notify({ text: t("versionSaved") });
  };
  useHotkey("mod+s", t("saveVersion"), () => void saveVersion());
  useHotkey("mod+enter", t("signAndLock"), () => void prepare(true), note.may.includes("lock") && isOnline);

  if (draft.status === "conflict" && draft.theirs !== undefined) {
    return <Conflict mine={draft.writing} theirs={draft.theirs} onMerge={draft.merge} />;
  }
  const isHeldUp = !isOnline || draft.status === "waiting" || draft.status === "refused";
  return (
    <Card
      title={note.template.name}
      actions={<SavedState draft={draft} />}
      footer={
        <ButtonRow>
          {note.may.includes("lock") && (
            <Button tone="primary" isDisabled={isHeldUp} isPending={isPreparing} onClick={() => void prepare(true)}>
              {t("signAndLock")}
            </Button>
          )}
          {note.may.includes("sign") && (
            <Button isDisabled={isHeldUp} isPending={isPreparing} onClick={() => void prepare(false)}>
              {t("sign")}
            </Button>
          )}
          <Button tone="quiet" icon={IconDeviceFloppy} isDisabled={isHeldUp} onClick={() => void saveVersion()}>
            {t("saveVersion")}
          </Button>
        </ButtonRow>
      }
    >
      <LeaveGuard isDirty={!isKept(draft.status)} />
      <Stack gap="lg">
        {!isOnline && <Alert tone="warning" title={t("signOffline")} isLive />}
        {HELD_UP.map(
          (status) =>
            draft.status === status && (
              <Alert
                key={status}
                tone={status === "refused" ? "danger" : "warning"}
                title={t(`saved.${status}`)}
                isLive
              />
            ),
        )}
        {draft.writing.sections.map((section) => (
          <SectionField
            key={section.key}
            section={section}
            rule={note.sections.find(({ key }) => key === section.key)}
            snippets={snippets}
            onChange={write}
          />
        ))}
        {note.asksAllergies && (
          <CheckboxField
            label={t("allergiesReviewed")}
            value={draft.writing.attested.includes("allergies-reviewed")}
            onChange={(isReviewed) =>
              draft.write({ ...draft.writing, attested: isReviewed ? ["allergies-reviewed"] : [] })
            }
          />
        )}
        {snippets.length > 0 && (
          <Row>
            <Text size="sm" tone="muted">
              {t("snippetHint", { names: snippets.map(({ name }) => `.${name}`).join(" ") })}
            </Text>
          </Row>
        )}
      </Stack>
      {signing !== undefined && <SignDialog note={note} {...signing} onClose={() => setSigning(undefined)} />}
    </Card>
  );
}

/** Whoever leaves a note that she has written in leaves a version behind, for others to read and go on with. */
function useVersionOnLeave(id: string, draft: Draft, isSigning: boolean): void {
  const began = useRef(draft.held);
  const isSigned = useRef(false);
  useEffect(() => {
    isSigned.current ||= isSigning;
  }, [isSigning]);
  const { current } = draft;
  useEffect(
    () => () => {
      const { held, status } = current();
      const isNew = status === "saved" && held.draft > began.current.draft;
      if (!isNew || isSigned.current) return;
      call("saveNote", { path: { id }, body: held }).catch(() => undefined);
    },
    [id, current],
  );
}
