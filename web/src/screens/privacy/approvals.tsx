import { useState } from "react";
import type { WaitingApproval } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import { Button, type Column, ConfirmDialog, LinkButton, notify, Text } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { TableSection } from "../govern/table-section.tsx";
import { nameIn, ChartLink, shortId } from "../govern/who.tsx";
import { RELEASE } from "./holds.tsx";
import { privacyMessages } from "./messages.ts";
import { privacyWord, rulesOf } from "./rules.ts";
import { problemMessages } from "../../api/messages.ts";
import { problemText } from "../../api/problem-text.ts";

interface ReleaseProps {
  readonly waiting: WaitingApproval;
  readonly name: string;
  readonly onClose: () => void;
}

/** The second person's word, with a reason of her own: it approves and releases in one act. */
function ApproveRelease({ waiting, name, onClose }: ReleaseProps) {
  const [t, say] = [useText(privacyMessages), useText(problemMessages)];
  const { act, isPending, problem } = useAct("releaseHold", {
    refresh: ["listApprovals", "listHolds"],
    onDone: () => {
      notify({ text: t("released") });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("releaseTitle")}
      isOpen
      onClose={onClose}
      tone="danger"
      confirmLabel={t("releaseNow")}
      reason={{
        label: t("matterText"),
        minimum: 10,
        codes: RELEASE.map((value) => ({ value, label: t(`reason.${value}`) })),
      }}
      isPending={isPending}
      onConfirm={({ reason, code }) =>
        void act({
          path: { patient: waiting.patient ?? "" },
          body: { reason: { code: code as (typeof RELEASE)[number], text: reason }, approval: waiting.approval },
        })
      }
    >
      <Text>{t("releaseText", { name })}</Text>
      {problem !== undefined && <Text tone="danger">{problemText(problem, say, rulesOf(t))}</Text>}
    </ConfirmDialog>
  );
}

/** What waits for a second person, and whether this one may be it. */
export function Approvals() {
  const [t, shared, format] = [useText(privacyMessages), useText(governMessages), useFormat()];
  const { user } = useSession();
  const [deciding, setDeciding] = useState<WaitingApproval | undefined>(undefined);
  const query = useAsk("listApprovals", {}, { refreshEveryMs: 60_000 });
  const people = query.data?.people ?? {};
  const columns: readonly Column<WaitingApproval>[] = [
    { id: "what", label: t("what"), isRowHeader: true, render: ({ kind }) => privacyWord(t, "kind", kind) },
    {
      id: "record",
      label: t("record"),
      render: ({ patient, reason }) =>
        patient === undefined ? <Text as="span">{reason?.text}</Text> : <ChartLink id={patient} />,
    },
    { id: "by", label: t("askedBy"), render: ({ requestedBy }) => nameIn(people, requestedBy, shared) },
    { id: "at", label: t("askedAt"), render: ({ requestedAt }) => format.dateTime(requestedAt) },
    { id: "lapses", label: t("lapses"), render: ({ expiresAt }) => format.relative(expiresAt) },
    {
      id: "decide",
      label: t("decide"),
      hidesLabel: true,
      isNarrow: true,
      render: (waiting) => {
        if (waiting.requestedBy === user.id)
          return (
            <Text size="sm" tone="muted">
              {t("own")}
            </Text>
          );
        if (!waiting.mayApprove)
          return (
            <Text size="sm" tone="muted">
              {t("notYours")}
            </Text>
          );
        if (waiting.kind === "export")
          return (
            <LinkButton to="/app/exports" size="sm">
              {t("look")}
            </LinkButton>
          );
        return (
          <Button
            size="sm"
            label={t("releaseOf", { record: shortId(waiting.patient ?? "") })}
            onClick={() => setDeciding(waiting)}
          >
            {t("releaseNow")}
          </Button>
        );
      },
    },
  ];
  return (
    <TableSection
      title={t("approvalsTitle")}
      intro={t("approvalsIntro")}
      query={query}
      rowsOf={({ approvals }) => approvals}
      columns={columns}
      rowKey={({ approval }) => approval}
      emptyTitle={t("approvalsEmpty")}
      emptyHint={t("approvalsEmptyHint")}
    >
      {deciding !== undefined && (
        <ApproveRelease
          waiting={deciding}
          name={nameIn(people, deciding.requestedBy, shared)}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </TableSection>
  );
}
