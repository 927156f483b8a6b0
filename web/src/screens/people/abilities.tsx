import { type Abilities, REACH_ACTS, REACH_AREAS, type ReachArea } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { Badge, type Column, List, Row, Section, Stack, Table, Text } from "../../ui/index.ts";
import { groupsIn, useDifferenceLines, useReachWords } from "./ability-words.ts";
import { peopleMessages } from "./messages.ts";

interface AbilitiesProps {
  readonly abilities: Abilities;
  readonly caption: string;
}

/** What somebody could see and do: records by area and act, and the rest by kind of work. All of it is the server's. */
export function AbilityTable({ abilities, caption }: AbilitiesProps) {
  const { t, conditionOf } = useReachWords();
  const columns: readonly Column<ReachArea>[] = [
    { id: "area", label: t("area"), isRowHeader: true, render: (area) => t(`area.${area}`) },
    ...REACH_ACTS.map((act): Column<ReachArea> => ({
      id: act,
      label: t(`act.${act}`),
      render: (area) => {
        const own = abilities.reach.filter((reach) => reach.area === area && reach.act === act);
        if (own.length === 0)
          return (
            <Text as="span" tone="muted">
              {t("none")}
            </Text>
          );
        return (
          <Stack gap="xs">
            {own.map((reach) => (
              <Text key={`${reach.purpose} ${reach.condition}`} as="span" size="sm">
                {conditionOf(reach)}
              </Text>
            ))}
          </Stack>
        );
      },
    })),
  ];
  const groups = groupsIn(abilities.powers);
  return (
    <Stack>
      <Table caption={caption} hidesCaption columns={columns} rows={REACH_AREAS} rowKey={(area) => area} />
      <Section title={t("powers")} level={3}>
        {groups.length === 0 ? (
          <Text tone="muted">{t("powersNone")}</Text>
        ) : (
          <List label={t("powers")} items={groups} itemKey={({ group }) => group} look="bullets">
            {({ group, needsStepUp }) => (
              <Row gap="xs">
                <Text as="span">{t(`power.${group}`)}</Text>
                {needsStepUp && <Badge text={t("stepUp")} />}
              </Row>
            )}
          </List>
        )}
      </Section>
    </Stack>
  );
}

interface DifferenceProps {
  readonly gains: Abilities;
  readonly loses: Abilities;
}

/** What a change of roles would give and take, in words and not by colour alone. */
export function Difference({ gains, loses }: DifferenceProps) {
  const t = useText(peopleMessages);
  const linesOf = useDifferenceLines();
  const side = (title: string, none: string, lines: readonly string[]) => (
    <Section title={title} level={3}>
      {lines.length === 0 ? (
        <Text tone="muted">{none}</Text>
      ) : (
        <List label={title} items={lines} itemKey={(line) => line} look="bullets">
          {(line) => <Text as="span">{line}</Text>}
        </List>
      )}
    </Section>
  );
  return (
    <Stack>
      {side(t("gains"), t("gainsNothing"), linesOf(gains))}
      {side(t("loses"), t("losesNothing"), linesOf(loses))}
    </Stack>
  );
}
