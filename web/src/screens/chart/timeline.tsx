import { useState } from "react";
import {
  type Timeline,
  TIMELINE_KINDS,
  type TimelineEntry,
  type TimelineKind,
} from "../../../../core/contract/chart-words.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  EmptyState,
  Row,
  Section,
  Stack,
  Table,
  Text,
  Toolbar,
} from "../../ui/index.ts";
import { useListWords } from "../lists/words.ts";
import { chartMessages } from "./messages.ts";
import type { ChartTabProps } from "./tabs.ts";

interface PageProps extends ChartTabProps {
  readonly kind: TimelineKind | undefined;
  readonly cursor: string | undefined;
}

/** Kinds that are not in the entries, and why: withheld or away is never shown as nothing. */
function Missing({ kinds, onRetry }: { readonly kinds: Timeline["kinds"]; readonly onRetry: () => void }) {
  const t = useText(chartMessages);
  const named = (state: "restricted" | "unavailable"): string =>
    TIMELINE_KINDS.filter((kind) => kinds[kind]?.state === state)
      .map((kind) => t(`kind.${kind}`))
      .join(", ");
  const [withheld, away] = [named("restricted"), named("unavailable")];
  return (
    <>
      {withheld !== "" && <Alert tone="restricted" title={t("withheld", { kinds: withheld })} />}
      {away !== "" && (
        <Alert
          tone="warning"
          title={t("away", { kinds: away })}
          isLive
          actions={
            <Button size="sm" onClick={onRetry}>
              {t("retry")}
            </Button>
          }
        />
      )}
    </>
  );
}

function Entries({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const [t, format] = [useText(chartMessages), useFormat()];
  const { word } = useListWords();
  const when = ({ date }: TimelineEntry): string =>
    date === undefined ? t("undated") : date.length > 10 ? format.dateTime(date) : format.date(date);
  return (
    <Table
      caption={t("timeline")}
      hidesCaption
      rows={entries}
      rowKey={({ kind, ref, date, title }) => `${kind} ${ref ?? ""} ${date ?? ""} ${title}`}
      columns={[
        { id: "when", label: t("when"), isNarrow: true, render: when },
        { id: "kind", label: t("kind"), isNarrow: true, render: ({ kind }) => <Badge text={t(`kind.${kind}`)} /> },
        {
          id: "what",
          label: t("what"),
          isRowHeader: true,
          render: ({ title, kind }) => (title === "" ? t(`kind.${kind}`) : title),
        },
        {
          id: "detail",
          label: t("detail"),
          render: ({ detail, status }) => (
            <Text as="span" tone="muted">
              {[detail, status && word("state", status)].filter((text) => text !== undefined).join(" · ")}
            </Text>
          ),
        },
      ]}
    />
  );
}

/** One page of the timeline, and the way to the next, which is read when somebody asks for it. */
function TimelinePage({ patient, kind, cursor }: PageProps) {
  const t = useText(chartMessages);
  const [hasMore, setHasMore] = useState(false);
  const query = useAsk("readTimeline", {
    path: { id: patient },
    query: { ...(kind !== undefined && { kind }), ...(cursor !== undefined && { cursor }) },
  });
  return (
    <AskState query={query} label={t("timeline")}>
      {({ entries, kinds, next }) => (
        <Stack>
          {cursor === undefined && <Missing kinds={kinds} onRetry={() => void query.refetch()} />}
          {entries.length === 0 ? (
            Object.values(kinds).some(({ state }) => state === "absent" || state === "value") && (
              <EmptyState title={t("timelineEmpty")} hint={t("timelineEmptyHint")} />
            )
          ) : (
            <Entries entries={entries} />
          )}
          {next !== undefined &&
            (hasMore ? (
              <TimelinePage patient={patient} kind={kind} cursor={next} />
            ) : (
              <Row>
                <Button onClick={() => setHasMore(true)}>{t("more")}</Button>
              </Row>
            ))}
        </Stack>
      )}
    </AskState>
  );
}

/** What happened, newest first, by kind. */
export default function TimelineTab({ patient }: ChartTabProps) {
  const t = useText(chartMessages);
  const [kind, setKind] = useState<TimelineKind | undefined>(undefined);
  return (
    <Section title={t("timeline")}>
      <Stack>
        <Toolbar label={t("filter")}>
          {[undefined, ...TIMELINE_KINDS].map((each) => (
            <Button key={each ?? "all"} size="sm" isPressed={kind === each} onClick={() => setKind(each)}>
              {each === undefined ? t("all") : t(`kind.${each}`)}
            </Button>
          ))}
        </Toolbar>
        <TimelinePage key={kind ?? "all"} patient={patient} kind={kind} cursor={undefined} />
      </Stack>
    </Section>
  );
}
