import { useState } from "react";
import type { EmergencyView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Badge,
  Button,
  ButtonRow,
  type Column,
  DefinitionList,
  Dialog,
  Form,
  Link,
  notify,
  RadioField,
  Stack,
  Text,
  TextAreaField,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { TableSection } from "../govern/table-section.tsx";
import { nameIn, ChartLink } from "../govern/who.tsx";
import { breakGlassMessages } from "./messages.ts";
import { rulesOf } from "./rules.ts";

const OUTCOMES = ["justified", "unjustified", "follow-up"] as const;
const NOTE_MIN = 10;

interface Values {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly text: string;
}

interface ReviewDialogProps {
  readonly episode: EmergencyView;
  readonly name: string;
  readonly onClose: () => void;
}

function ReviewDialog({ episode, name, onClose }: ReviewDialogProps) {
  const [t, format] = [useText(breakGlassMessages), useFormat()];
  const { act, problem } = useAct("reviewBreakGlass", {
    refresh: ["listBreakGlass"],
    onDone: () => {
      notify({ text: t("reviewed") });
      onClose();
    },
  });
  const { id, reason, beganAt, endedAt, expiresAt, patient } = episode;
  return (
    <Dialog title={t("reviewTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <DefinitionList
          look="rows"
          items={[
            { term: t("who"), value: name },
            { term: t("which"), value: <ChartLink id={patient} /> },
            { term: t("when"), value: `${format.dateTime(beganAt)} – ${format.time(endedAt ?? expiresAt)}` },
            { term: t("reason"), value: t(`reason.${reason.code}`) },
            { term: t("text"), value: <Text isProse>{reason.text}</Text> },
            {
              term: t("whatWasOpened"),
              value: (
                <Link to="/app/audit" search={{ actor: episode.user, patient }}>
                  {t("trailLink")}
                </Link>
              ),
            },
          ]}
        />
        <Form<Values>
          label={t("reviewTitle")}
          loading={false}
          problem={problem}
          rules={rulesOf(t)}
          submitLabel={t("saveReview")}
          onCancel={onClose}
          onSubmit={(values) => act({ path: { id }, body: values })}
        >
          <RadioField
            name="outcome"
            label={t("outcome")}
            isRequired
            choices={OUTCOMES.map((value) => ({ value, label: t(`outcome.${value}`) }))}
          />
          <TextAreaField
            name="text"
            label={t("note")}
            hint={t("noteHint")}
            isRequired
            minLength={NOTE_MIN}
            maxLength={500}
            validate={(value) => (value.trim().length < NOTE_MIN ? t("noteTooShort") : undefined)}
          />
        </Form>
      </Stack>
    </Dialog>
  );
}

function StateBadge({ episode }: { readonly episode: EmergencyView }) {
  const [t, format] = [useText(breakGlassMessages), useFormat()];
  const { state, isOverdue, expiresAt } = episode;
  if (state === "active")
    return <Badge tone="danger" text={`${t("state.active")}, ${t("until", { time: format.time(expiresAt) })}`} />;
  return (
    <Badge
      tone={isOverdue === true ? "danger" : "warning"}
      text={isOverdue === true ? t("overdue") : t(`state.${state}`)}
    />
  );
}

/** Emergencies that nobody has looked back at yet, the oldest first. */
export function EmergencyQueue() {
  const [t, shared, format] = [useText(breakGlassMessages), useText(governMessages), useFormat()];
  const { user, can } = useSession();
  const [reviewing, setReviewing] = useState<EmergencyView | undefined>(undefined);
  const query = useAsk("listBreakGlass", {}, { refreshEveryMs: 60_000 });
  const people = query.data?.people ?? {};
  const end = useAct("endBreakGlass", {
    refresh: ["listBreakGlass"],
    onDone: () => notify({ text: t("ended"), tone: "info" }),
  });
  const columns: readonly Column<EmergencyView>[] = [
    { id: "who", label: t("who"), isRowHeader: true, render: (episode) => nameIn(people, episode.user, shared) },
    {
      id: "when",
      label: t("when"),
      render: ({ beganAt }) => format.dateTime(beganAt),
      sortBy: ({ beganAt }) => beganAt,
    },
    { id: "which", label: t("which"), render: ({ patient }) => <ChartLink id={patient} /> },
    { id: "reason", label: t("reason"), render: ({ reason }) => t(`reason.${reason.code}`) },
    { id: "state", label: t("state"), render: (episode) => <StateBadge episode={episode} /> },
    {
      id: "do",
      label: t("review"),
      hidesLabel: true,
      isNarrow: true,
      render: (episode) => {
        const name = nameIn(people, episode.user, shared);
        if (episode.user === user.id)
          return (
            <Text size="sm" tone="muted">
              {t("own")}
            </Text>
          );
        return (
          <ButtonRow>
            {episode.state === "active" && can.includes("break-glass.end") && (
              <Button
                size="sm"
                tone="danger"
                label={t("endTheirsOf", { name })}
                isPending={end.isPending}
                onClick={() => void end.act({ path: { id: episode.id } })}
              >
                {t("endTheirs")}
              </Button>
            )}
            {episode.state === "ended" && can.includes("break-glass.review") && (
              <Button size="sm" label={t("reviewOf", { name })} onClick={() => setReviewing(episode)}>
                {t("review")}
              </Button>
            )}
          </ButtonRow>
        );
      },
    },
  ];
  return (
    <TableSection
      title={t("queueTitle")}
      intro={t("queueIntro")}
      query={query}
      rowsOf={({ episodes }) => episodes}
      columns={columns}
      rowKey={({ id }) => id}
      emptyTitle={t("queueEmpty")}
      emptyHint={t("queueEmptyHint")}
    >
      {reviewing !== undefined && (
        <ReviewDialog
          episode={reviewing}
          name={nameIn(people, reviewing.user, shared)}
          onClose={() => setReviewing(undefined)}
        />
      )}
    </TableSection>
  );
}
