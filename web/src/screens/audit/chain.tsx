import { IconAlertOctagon, IconCircleCheck, IconClock, IconDownload } from "@tabler/icons-react";
import type { ChainState } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  type Column,
  DefinitionList,
  EmptyState,
  ProblemState,
  saveFile,
  Section,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { auditMessages } from "./messages.ts";
import { auditWord } from "./words.ts";

type Check = ChainState["checks"][number];
const TONES = { holds: "success", fails: "danger", "not-yet": "neutral" } as const;
const ICONS = { holds: IconCircleCheck, fails: IconAlertOctagon, "not-yet": IconClock } as const;

function Shown({ chain }: { readonly chain: ChainState }) {
  const [t, format] = [useText(auditMessages), useFormat()];
  const { checks, size, sealedAt, checkedAt, witness, day, unwitnessed } = chain;
  const isBroken = checks.some(({ state }) => state === "fails");
  const columns: readonly Column<Check>[] = [
    { id: "check", label: t("what"), isRowHeader: true, render: ({ check }) => auditWord(t, "check", check) },
    {
      id: "state",
      label: t("outcome"),
      render: ({ state }) => <Badge tone={TONES[state]} icon={ICONS[state]} text={auditWord(t, "check", state)} />,
    },
  ];
  return (
    <Stack>
      <Alert tone={isBroken ? "danger" : "success"} title={t(isBroken ? "chainFails" : "chainHolds")} />
      <Card title={t("chainTitle")} level={3} isFlush>
        <Table caption={t("chainTitle")} hidesCaption columns={columns} rows={checks} rowKey={({ check }) => check} />
      </Card>
      <DefinitionList
        items={[
          { term: t("sealed"), value: format.number(size) },
          { term: t("sealedAt"), value: `${format.dateTime(sealedAt)} (${format.relative(sealedAt)})` },
          ...(witness === undefined
            ? []
            : [
                { term: t("witnessed"), value: `${format.number(witness.size)}, ${format.dateTime(witness.signedAt)}` },
              ]),
          ...(day === undefined
            ? []
            : [{ term: t("check.day-closed"), value: `${format.date(day.date)}: ${format.number(day.size)}` }]),
        ]}
      />
      <Text tone="muted" size="sm">
        {t("unwitnessed", { count: unwitnessed })}. {t("checkedAt", { when: format.dateTime(checkedAt) })}.
      </Text>
    </Stack>
  );
}

/**
 * What the clinic keeps outside of this system to hold the log to its word: signed checkpoints, and the keys to check them
 * by. No event is in it.
 */
function KeepProof() {
  const t = useText(auditMessages);
  const { act, isPending, problem } = useAct("readCheckpoint", {
    onDone: (proof) =>
      saveFile({
        name: "audit-checkpoint.json",
        mediaType: "application/json",
        content: `${JSON.stringify(proof, undefined, 2)}\n`,
      }),
  });
  return (
    <Card title={t("proof")} level={3}>
      <Stack gap="sm">
        <Text>{t("proofText")}</Text>
        {problem !== undefined && <ProblemState problem={problem} />}
        <ButtonRow>
          <Button icon={IconDownload} isPending={isPending} onClick={() => void act({})}>
            {t("saveProof")}
          </Button>
        </ButtonRow>
      </Stack>
    </Card>
  );
}

/** Whether the trail holds together: signatures, the witness, and what continues what. */
export function Chain() {
  const t = useText(auditMessages);
  const query = useAsk("readChain");
  if (query.error?.kind === "not-found") return <EmptyState title={t("chainEmpty")} hint={t("chainEmptyHint")} />;
  return (
    <Section title={t("chainTitle")}>
      <Text tone="muted">{t("chainIntro")}</Text>
      <AskState query={query} label={t("chainTitle")}>
        {(chain) => <Shown chain={chain} />}
      </AskState>
      <KeepProof />
    </Section>
  );
}
