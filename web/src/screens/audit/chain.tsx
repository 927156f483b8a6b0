import { IconCircleCheck, IconClock, IconAlertOctagon } from "@tabler/icons-react";
import type { ChainState } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Card,
  type Column,
  DefinitionList,
  EmptyState,
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
    </Section>
  );
}
