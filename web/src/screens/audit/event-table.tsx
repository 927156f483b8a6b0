import { useState } from "react";
import type { TrailEventView, TrailPageView } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Badge, Button, ButtonRow, type Column, Row, Table, Text, type Tone } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { Person, ChartLink, wordFor } from "../govern/who.tsx";
import { EventDialog } from "./event-dialog.tsx";
import { interactionMessages } from "./interaction-messages.ts";
import { auditMessages } from "./messages.ts";
import { auditWord, whatText } from "./words.ts";

const TONES: Readonly<Record<TrailEventView["outcome"], Tone>> = {
  success: "neutral",
  denied: "danger",
  failure: "warning",
};

interface EventTableProps {
  readonly page: TrailPageView;
  readonly caption: string;
  /** In one chart's own list every row is about the same record. */
  readonly hidesRecord?: boolean;
}

/** Events in words, each with the way to its details. */
export function EventTable({ page, caption, hidesRecord = false }: EventTableProps) {
  const [t, shared, format] = [useText(auditMessages), useText(governMessages), useFormat()];
  const say = useText(interactionMessages);
  const [shown, setShown] = useState<string | undefined>(undefined);
  const { people } = page;
  const columns: Column<TrailEventView>[] = [
    { id: "at", label: t("at"), isNarrow: true, render: ({ at }) => format.dateTime(at) },
    {
      id: "who",
      label: t("who"),
      isRowHeader: true,
      render: ({ user, role }) => <Person people={people} id={user} role={role} />,
    },
    { id: "what", label: t("what"), render: (event) => whatText(event, t, say) },
    ...(hidesRecord
      ? []
      : [
          {
            id: "which",
            label: t("which"),
            render: ({ patient, patients }: TrailEventView) =>
              patients !== undefined && patients > 1 ? (
                t("several", { count: patients })
              ) : patient === undefined ? (
                ""
              ) : (
                <ChartLink id={patient} />
              ),
          },
        ]),
    {
      id: "why",
      label: t("why"),
      render: ({ purpose }) => (purpose === undefined ? "" : wordFor(shared, "purpose", purpose)),
    },
    {
      id: "outcome",
      label: t("outcome"),
      render: ({ outcome, emergency }) => (
        <Row gap="xs">
          <Badge tone={TONES[outcome]} text={auditWord(t, "outcome", outcome)} />
          {emergency !== undefined && <Badge tone="danger" text={t("emergency")} />}
        </Row>
      ),
    },
    {
      id: "details",
      label: t("details"),
      hidesLabel: true,
      isNarrow: true,
      render: (event) => (
        <Button
          size="sm"
          tone="quiet"
          label={`${t("details")}: ${t("detailsOf", { what: whatText(event, t, say), when: format.dateTime(event.at) })}`}
          onClick={() => setShown(event.id)}
        >
          {t("details")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table caption={caption} hidesCaption columns={columns} rows={page.events} rowKey={({ id }) => id} />
      {shown !== undefined && <EventDialog id={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

interface PagerProps {
  readonly isFirst: boolean;
  readonly next: string | undefined;
  readonly onFirst: () => void;
  readonly onNext: (cursor: string) => void;
}

/** Newest first: on to what is older, and back to the newest. */
export function Pager({ isFirst, next, onFirst, onNext }: PagerProps) {
  const t = useText(auditMessages);
  if (isFirst && next === undefined) return <Text as="span" />;
  return (
    <ButtonRow>
      <Button isDisabled={isFirst} onClick={onFirst}>
        {t("newest")}
      </Button>
      <Button isDisabled={next === undefined} onClick={() => next !== undefined && onNext(next)}>
        {t("older")}
      </Button>
    </ButtonRow>
  );
}
