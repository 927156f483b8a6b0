import { useState } from "react";
import type { AnswerOf, People } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Badge,
  Button,
  ButtonRow,
  Card,
  ConfirmDialog,
  DefinitionList,
  notify,
  ProgressBar,
  Stack,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn, wordFor } from "../govern/who.tsx";
import { Files } from "./files.tsx";
import { exportMessages } from "./messages.ts";
import { reasonText, rulesOf, scopeText } from "./words.ts";
import { problemMessages } from "../../api/messages.ts";
import { problemText } from "../../api/problem-text.ts";

type Listed = AnswerOf<"listExports">["exports"][number];

const TONES: Readonly<Record<Listed["state"], Tone>> = {
  requested: "warning",
  approved: "info",
  running: "info",
  finished: "success",
  cancelled: "neutral",
  expired: "neutral",
  "destroyed-consent": "danger",
  "destroyed-standing": "danger",
  failed: "danger",
};
const STOPPABLE: ReadonlySet<Listed["state"]> = new Set(["requested", "approved", "running", "finished"]);

interface ActProps {
  readonly job: Listed;
  readonly who: string;
}

/** The second person: what is taken is said once more, and the clinic's name is typed where it is all of it. */
function Approve({ job, who }: ActProps) {
  const [t, say] = [useText(exportMessages), useText(problemMessages)];
  const { tenant } = useSession();
  const [isAsking, setIsAsking] = useState(false);
  const { act, isPending, problem } = useAct("approveExport", {
    refresh: ["listExports", "listApprovals"],
    onDone: () => {
      setIsAsking(false);
      notify({ text: t("approved") });
    },
  });
  const reason = `${reasonText(job.reason.code, t)} – ${job.reason.text}`;
  return (
    <>
      <Button tone="primary" size="sm" label={t("approveOf", { who })} onClick={() => setIsAsking(true)}>
        {t("approve")}
      </Button>
      <ConfirmDialog
        title={t("approveTitle")}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        tone="danger"
        confirmLabel={t("approveNow")}
        isPending={isPending}
        {...(job.patients === undefined && { typed: tenant.name })}
        onConfirm={() => void act({ path: { id: job.id } })}
      >
        <Text>{t("approveText", { who, what: scopeText(job, t), reason })}</Text>
        {problem !== undefined && <Text tone="danger">{problemText(problem, say, rulesOf(t))}</Text>}
      </ConfirmDialog>
    </>
  );
}

function Cancel({ job, who }: ActProps) {
  const t = useText(exportMessages);
  const [isAsking, setIsAsking] = useState(false);
  const { act, isPending, problem } = useAct("cancelExport", {
    refresh: ["listExports", "listApprovals"],
    onDone: () => {
      setIsAsking(false);
      notify({ text: t("cancelled"), tone: "info" });
    },
  });
  return (
    <>
      <Button tone="quiet" size="sm" label={t("cancelOf", { who })} onClick={() => setIsAsking(true)}>
        {t("cancel")}
      </Button>
      <ConfirmDialog
        title={t("cancelTitle")}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        tone="danger"
        confirmLabel={t("cancel")}
        isPending={isPending}
        problem={problem}
        onConfirm={() => void act({ path: { id: job.id } })}
      >
        <Text>{t("cancelText")}</Text>
      </ConfirmDialog>
    </>
  );
}

interface ExportCardProps {
  readonly job: Listed;
  readonly people: People;
}

/** One export: what, by whom, how far it is, and what the reader can do about it. */
export function ExportCard({ job, people }: ExportCardProps) {
  const [t, shared, format] = [useText(exportMessages), useText(governMessages), useFormat()];
  const can = useCan();
  const [showsFiles, setShowsFiles] = useState(false);
  const {
    state,
    requestedBy,
    requestedAt,
    approvedBy,
    expiresAt,
    purpose,
    classes,
    reason,
    progress,
    isOwn,
    mayApprove,
  } = job;
  const who = nameIn(people, requestedBy, shared);
  return (
    <Card
      title={scopeText(job, t)}
      state={<Badge tone={TONES[state]} text={t(`state.${state}`)} />}
      tone={state === "requested" ? "warning" : "default"}
      actions={
        <ButtonRow>
          {mayApprove && <Approve job={job} who={who} />}
          {state === "finished" && (
            <Button size="sm" isExpanded={showsFiles} onClick={() => setShowsFiles(!showsFiles)}>
              {t("showFiles")}
            </Button>
          )}
          {STOPPABLE.has(state) && can("export.cancel") && <Cancel job={job} who={who} />}
        </ButtonRow>
      }
      footer={
        <Text size="sm" tone="muted">
          {t("by", { who, when: format.dateTime(requestedAt) })}
          {approvedBy === undefined ? "" : `. ${t("approvedBy", { who: nameIn(people, approvedBy, shared) })}`}
        </Text>
      }
    >
      <Stack gap="sm">
        {state === "requested" && isOwn && <Text tone="muted">{t("own")}</Text>}
        {state === "running" && <ProgressBar label={t("running")} done={undefined} />}
        <DefinitionList
          items={[
            { term: t("reason"), value: `${reasonText(reason.code, t)} – ${reason.text}` },
            { term: t("kinds"), value: classes.map((letter) => wordFor(shared, "class", letter)).join(", ") },
            { term: t("scope"), value: t("purpose", { purpose: wordFor(shared, "purpose", purpose) }) },
          ]}
        />
        {progress.chunks > 0 && <Text>{t("progress", { ...progress })}</Text>}
        {progress.leftOut > 0 && <Text tone="muted">{t("leftOut", { count: progress.leftOut })}</Text>}
        {state === "requested" && <Text tone="muted">{t("lapses", { when: format.relative(expiresAt) })}</Text>}
        {state === "finished" && <Text tone="muted">{t("filesUntil", { when: format.dateTime(expiresAt) })}</Text>}
        {showsFiles && state === "finished" && <Files id={job.id} isOwn={isOwn} />}
      </Stack>
    </Card>
  );
}
