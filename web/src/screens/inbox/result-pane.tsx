import { IconSignature, IconUserShare, IconAlarmSnooze } from "@tabler/icons-react";
import { useState } from "react";
import type { ResultValue, ResultView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  type Column,
  notify,
  Row,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { CHANGED } from "./refreshed.ts";
import { SignDialog } from "./sign-dialog.tsx";
import { AssignDialog, SnoozeDialog } from "./task-dialogs.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { FLAG_TONES, useWords } from "./words.ts";

function Values({ result }: { readonly result: ResultView }) {
  const { w } = useWords();
  const columns: readonly Column<ResultValue>[] = [
    { id: "test", label: w("result.test"), isRowHeader: true, render: ({ name }) => name },
    {
      id: "value",
      label: w("result.value"),
      render: ({ value, unit }) => (
        <Text as="span" isNumeric>
          {unit === undefined ? value : `${value} ${unit}`}
        </Text>
      ),
    },
    { id: "range", label: w("result.range"), render: ({ range }) => range ?? "–" },
    {
      id: "flag",
      label: w("result.flag"),
      render: ({ flag }) => (flag === undefined ? "–" : <Badge text={w(`flag.${flag}`)} tone={FLAG_TONES[flag]} />),
    },
  ];
  return (
    <Table
      caption={w("result.values")}
      columns={columns}
      rows={result.values}
      rowKey={({ name, value }) => `${name} ${value}`}
      empty={w("result.none")}
    />
  );
}

type Asked = "sign" | "assign" | "snooze";

interface ResultProps {
  readonly result: ResultView;
  readonly onGone: () => void;
}

function Result({ result, onGone }: ResultProps) {
  const { t, w, format, whoIs } = useWords();
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const assign = useAct("assignResult", { refresh: CHANGED });
  const { review, flag, issuedAt, orderedBy, conclusion, may } = result;
  const close = (): void => {
    assign.reset();
    setAsked(undefined);
  };
  const hand = async (body: Parameters<typeof assign.act>[0]["body"], text: string): Promise<boolean> => {
    const done = await assign.act({ path: { id: result.id }, ...(body && { body }) });
    if (done === undefined) return false;
    notify({ text });
    setAsked(undefined);
    onGone();
    return true;
  };
  const [maySign, mayAssign] = [may.includes("review"), may.includes("assign")];
  useHotkey("e", w("key.complete"), () => setAsked("sign"), maySign);
  useHotkey("a", w("key.assign"), () => setAsked("assign"), mayAssign);
  useHotkey("s", w("key.snooze"), () => setAsked("snooze"), mayAssign);
  return (
    <Stack>
      <Row gap="xs">
        <Badge text={review ? t("state.closed") : w("notSigned")} tone={review ? "success" : "info"} />
        {flag !== undefined && <Badge text={w(`flag.${flag}`)} tone={FLAG_TONES[flag]} />}
      </Row>
      <Text size="sm" tone="muted">
        {[
          issuedAt === undefined ? "" : w("result.issued", { when: format.dateTime(issuedAt) }),
          orderedBy === undefined ? "" : w("result.orderedBy", { who: whoIs(orderedBy) }),
          t("owner", { who: whoIs(result.owner) }),
        ]
          .filter((text) => text !== "")
          .join(" · ")}
      </Text>
      {result.isPartial && <Alert tone="warning" title={w("result.partial")} />}
      <Values result={result} />
      {conclusion !== undefined && (
        <Text isProse>
          {w("result.conclusion")}: {conclusion}
        </Text>
      )}
      {review !== undefined && (
        <Alert tone="success" title={w("signed", { who: whoIs(review.by), when: format.dateTime(review.at) })}>
          {review.comment !== undefined && <Text isProse>{review.comment}</Text>}
        </Alert>
      )}
      {result.task !== undefined && <TaskFacts task={result.task} />}
      <ButtonRow>
        {maySign && (
          <Button tone="primary" icon={IconSignature} onClick={() => setAsked("sign")}>
            {w("sign")}
          </Button>
        )}
        {mayAssign && (
          <>
            <Button icon={IconUserShare} onClick={() => setAsked("assign")}>
              {t("act.assign")}
            </Button>
            <Button icon={IconAlarmSnooze} onClick={() => setAsked("snooze")}>
              {t("act.snooze")}
            </Button>
          </>
        )}
      </ButtonRow>
      {asked === "sign" && <SignDialog result={result} onClose={close} onSigned={close} />}
      {asked === "assign" && (
        <AssignDialog
          problem={assign.problem}
          onClose={close}
          onAssign={(owner, comment) => hand({ owner, ...(comment && { comment }) }, w("done.assign"))}
        />
      )}
      {asked === "snooze" && (
        <SnoozeDialog
          problem={assign.problem}
          onClose={close}
          onSnooze={(snooze) => hand({ snooze }, w("done.snooze"))}
        />
      )}
    </Stack>
  );
}

interface ResultPaneProps {
  readonly id: string;
  readonly onGone: () => void;
}

/** One result: its values with their flags in words, and its review. */
export function ResultPane({ id, onGone }: ResultPaneProps) {
  const { t } = useWords();
  const query = useAsk("readResult", { path: { id } }, { freshMs: 0 });
  return (
    <AskState query={query} label={t("one.result")}>
      {(result) => (
        <Card title={result.title}>
          <Result key={result.id} result={result} onGone={onGone} />
        </Card>
      )}
    </AskState>
  );
}
