import { useState } from "react";
import type { EditionView } from "../../../../core/contract/document.ts";
import type { Problem } from "../../api/client.ts";
import { useAct } from "../../api/hooks.ts";
import { problemMessages } from "../../api/messages.ts";
import { problemText } from "../../api/problem-text.ts";
import { useStore } from "../../app/store.ts";
import { locale, useText } from "../../i18n/index.ts";
import { Alert, Button, ButtonRow, Dialog, DocumentFrame, notify, Skeleton, Stack, Text } from "../../ui/index.ts";
import { documentMessages } from "./messages.ts";
import { useRules, whyOf } from "./words.ts";

export interface Opened {
  readonly document: string;
  readonly title: string;
  readonly content: Pick<EditionView, "edition" | "scan" | "isSavable" | "preview">;
  /** One of those before, asked for by its number. */
  readonly isPast: boolean;
  /** Of the patient who looks: her portal makes the ticket, for what the document holds now. */
  readonly isOwn?: boolean;
}

/** A ticket for the frame, minted when it waits: it lives for a minute and is used once. */
function useTicket({ document, content, isPast, isOwn = false }: Opened, use: "show" | "save") {
  const t = useText(documentMessages);
  const language = useStore(locale);
  const [staffs, own] = [useAct("openPreview"), useAct("openOwnPreview")];
  const { problem } = isOwn ? own : staffs;
  const ask = async () => {
    const path = { id: document };
    const made = isOwn
      ? await own.act({ path, body: { use } })
      : await staffs.act({ path, body: { use, ...(isPast && { edition: content.edition }) } });
    if (made === undefined) return undefined;
    return {
      kind: use,
      ticket: made.ticket,
      mediaType: made.mediaType,
      fileName: made.fileName,
      language,
      // The frame puts the numbers in: it counts the pages.
      pageLabel: t("page", { page: "{page}", pages: "{pages}" }),
      imageLabel: t("image"),
    };
  };
  return { ask, problem };
}

/** Saves a file from within the frame: nothing of it comes to this page. */
export function SaveFrame({ opened, onEnd }: { readonly opened: Opened; readonly onEnd: () => void }) {
  const t = useText(documentMessages);
  const [say, rules] = [useText(problemMessages), useRules()];
  const { ask, problem } = useTicket(opened, "save");
  const failed = (why: Problem | undefined): string =>
    why === undefined ? t("saveFailed") : problemText(why, say, rules);
  return (
    <DocumentFrame
      label={t("saving")}
      page="simple"
      ask={ask}
      isHidden
      onEvent={({ kind }) => {
        notify(kind === "saved" ? { tone: "success", text: t("saved") } : { tone: "danger", text: failed(problem) });
        // The browser reads the file from the frame still.
        setTimeout(onEnd, kind === "saved" ? 5_000 : 0);
      }}
    />
  );
}

type Shown =
  | { readonly kind: "waiting" }
  | { readonly kind: "shown"; readonly pages: number }
  | { readonly kind: "failed" };

function Frame({ opened, onRetry }: { readonly opened: Opened; readonly onRetry: () => void }) {
  const t = useText(documentMessages);
  const [say, rules] = [useText(problemMessages), useRules()];
  const [shown, setShown] = useState<Shown>({ kind: "waiting" });
  const { ask, problem } = useTicket(opened, "show");
  if (shown.kind === "failed")
    return (
      <Alert
        tone="warning"
        title={problem === undefined ? t("previewFailed") : problemText(problem, say, rules)}
        isLive
      >
        <Stack gap="sm">
          <Text>{t("previewFailedHint")}</Text>
          <ButtonRow>
            <Button onClick={onRetry}>{t("retry")}</Button>
          </ButtonRow>
        </Stack>
      </Alert>
    );
  return (
    <Stack gap="sm">
      {shown.kind === "waiting" && <Skeleton label={t("previewLabel")} />}
      {shown.kind === "shown" && shown.pages > 1 && (
        <Text tone="muted" size="sm">
          {t("pages", { count: shown.pages })}
        </Text>
      )}
      <DocumentFrame
        label={t("previewLabel")}
        page={opened.content.preview === "pdf" ? "pdf" : "simple"}
        ask={ask}
        onEvent={(event) =>
          setShown(event.kind === "shown" ? { kind: "shown", pages: event.pages } : { kind: "failed" })
        }
      />
    </Stack>
  );
}

interface PreviewProps {
  readonly opened: Opened;
  readonly onSave: () => void;
  readonly onClose: () => void;
}

/** A document as it looks, in its frame. */
export function PreviewDialog({ opened, onSave, onClose }: PreviewProps) {
  const t = useText(documentMessages);
  const [attempt, setAttempt] = useState(1);
  const { content } = opened;
  const why = whyOf(content);
  return (
    <Dialog
      title={opened.title}
      isOpen
      size="xl"
      onClose={onClose}
      footer={
        <>
          {content.isSavable && <Button onClick={onSave}>{t("save")}</Button>}
          <Button tone="primary" onClick={onClose}>
            {t("close")}
          </Button>
        </>
      }
    >
      <Stack gap="sm">
        {why !== undefined && <Alert tone="info" title={t(why)} />}
        <Frame key={attempt} opened={opened} onRetry={() => setAttempt(attempt + 1)} />
      </Stack>
    </Dialog>
  );
}
