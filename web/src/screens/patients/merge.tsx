import { IconArrowsExchange } from "@tabler/icons-react";
import { useState } from "react";
import type { MergeReviewAnswer } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useGo, usePathValue } from "../../app/navigation.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  type Column,
  Form,
  List,
  notify,
  Page,
  Row,
  Section,
  Stack,
  Table,
  Text,
  TextAreaField,
  Toolbar,
} from "../../ui/index.ts";
import { factsOf } from "./duplicates.tsx";
import { Finder } from "./finder.tsx";
import { useWords } from "./words.ts";

/** Two charts of one person: side by side, what a merge would show, and why it is right. */
export default function Merge() {
  const { t } = useWords();
  const id = usePathValue("patient");
  const [pair, setPair] = useState<{ readonly survivor: string; readonly duplicate: string } | undefined>(undefined);
  return (
    <Page title={t("mergeTitle")} intro={t("mergeIntro")} breadcrumbs={[{ label: t("title"), to: "/app/patients" }]}>
      {pair === undefined ? (
        <Finder
          label={t("mergeFind")}
          except={id}
          mayRegister={false}
          onChoose={(duplicate) => setPair({ survivor: id, duplicate })}
        />
      ) : (
        <Review
          key={pair.survivor}
          {...pair}
          onSwap={() => setPair({ survivor: pair.duplicate, duplicate: pair.survivor })}
          onOther={() => setPair(undefined)}
        />
      )}
    </Page>
  );
}

interface ReviewProps {
  readonly survivor: string;
  readonly duplicate: string;
  readonly onSwap: () => void;
  readonly onOther: () => void;
}

function Review({ survivor, duplicate, onSwap, onOther }: ReviewProps) {
  const { t } = useWords();
  const review = useAsk("reviewMerge", { path: { id: survivor }, body: { duplicate } }, { freshMs: 0 });
  return (
    <Stack gap="lg">
      <Toolbar label={t("mergeTitle")}>
        <Button icon={IconArrowsExchange} onClick={onSwap}>
          {t("mergeSwap")}
        </Button>
        <Button tone="quiet" onClick={onOther}>
          {t("mergeOther")}
        </Button>
      </Toolbar>
      <AskState query={review} label={t("mergeCompare")}>
        {(answer) => <Reviewed answer={answer} />}
      </AskState>
    </Stack>
  );
}

interface Compared {
  readonly term: string;
  readonly left: string;
  readonly right: string;
}

function Reviewed({ answer }: { readonly answer: MergeReviewAnswer }) {
  const words = useWords();
  const { t, format } = words;
  const { survivor, duplicate, rules, moves, obstacle } = answer;
  const right = factsOf(words, duplicate.patient);
  const rows: readonly Compared[] = factsOf(words, survivor.patient).map(({ term, value }, index) => ({
    term,
    left: value,
    right: right[index]?.value ?? "",
  }));
  const columns: readonly Column<Compared>[] = [
    { id: "term", label: t("mergeField"), isRowHeader: true, render: ({ term }) => term },
    { id: "left", label: t("mergeSurvivor"), render: ({ left }) => left },
    { id: "right", label: t("mergeDuplicate"), render: (row) => row.right },
    {
      id: "differs",
      label: t("status"),
      isNarrow: true,
      render: (row) =>
        row.left === row.right ? (
          <Badge tone="neutral" text={t("mergeSame")} />
        ) : (
          <Badge tone="warning" text={t("mergeDiffers")} />
        ),
    },
  ];
  return (
    <Stack gap="lg">
      <Section title={t("mergeCompare")}>
        <Table caption={t("mergeCompare")} hidesCaption columns={columns} rows={rows} rowKey={({ term }) => term} />
      </Section>
      <Section title={t("mergeAlike")}>
        {rules.length === 0 ? (
          <Alert tone="warning" title={t("mergeUnlike")} />
        ) : (
          <List label={t("mergeAlike")} items={rules} itemKey={(rule) => rule} look="bullets">
            {(rule) => <Text>{t(`rule.${rule}`)}</Text>}
          </List>
        )}
      </Section>
      <Section title={t("mergeMoves")}>
        <Stack gap="sm">
          {moves.length === 0 ? (
            <Text>{t("mergeMovesNone")}</Text>
          ) : (
            <Row>
              {moves.map(({ type, count }) => (
                <Badge key={type} tone="info" text={`${type}: ${format.number(count)}`} />
              ))}
            </Row>
          )}
          <Text tone="muted" size="sm">
            {t("mergeMovesHint")}
          </Text>
          <Text tone="muted" size="sm">
            {t("mergeConsents")}
          </Text>
        </Stack>
      </Section>
      {obstacle === undefined ? (
        <MergeForm answer={answer} />
      ) : (
        <Alert tone="danger" title={t(`obstacle.${obstacle}`)} />
      )}
    </Stack>
  );
}

function MergeForm({ answer: { survivor, duplicate } }: { readonly answer: MergeReviewAnswer }) {
  const { t, nameOf } = useWords();
  const go = useGo();
  const merge = useAct("mergePatients", { refresh: ["readPatient", "searchPatients", "recentPatients"] });
  const undo = useAct("unmergePatients", {
    refresh: ["readPatient", "searchPatients", "recentPatients"],
    onDone: () => notify({ text: t("undone"), tone: "success" }),
  });
  const submit = async ({ reason }: { readonly reason: string }): Promise<boolean> => {
    const versions = { survivor: survivor.version, duplicate: duplicate.version };
    const body = { duplicate: duplicate.patient.id, versions, reason };
    const done = await merge.act({ path: { id: survivor.patient.id }, body });
    if (done === undefined) return false;
    notify({
      text: t("mergeDone", { name: nameOf(done.survivor) }),
      tone: "success",
      undo: () => undo.act({ path: { id: duplicate.patient.id }, body: { reason: t("undoMerge") } }),
    });
    go({ to: "/app/patients/$patient/details", params: { patient: survivor.patient.id } });
    return true;
  };
  return (
    <Form<{ readonly reason: string }>
      label={t("mergeTitle")}
      defaults={{ reason: "" }}
      onSubmit={submit}
      problem={merge.problem}
      loading={false}
      submitLabel={t("mergeSubmit")}
      submitTone="danger"
    >
      <TextAreaField label={t("mergeReason")} name="reason" isRequired minLength={3} maxLength={2000} />
    </Form>
  );
}
