import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import type { AllergyCard, NoneKnown } from "../../../../core/contract/chart.ts";
import { useAct } from "../../api/hooks.ts";
import { Alert, Badge, Button, ConfirmDialog, notify, ProblemState, Row, Stack, Text } from "../../ui/index.ts";
import { ItemLine } from "./item-line.tsx";
import { ItemMenu } from "./item-menu.tsx";
import { ListCard } from "./list-card.tsx";
import type { CardProps } from "./problems-card.tsx";
import { activeOf } from "./reconcile-drawer.tsx";
import { useDrawers } from "./use-drawers.tsx";
import { REFRESH, useListWords } from "./words.ts";

interface StatementProps {
  readonly patient: string;
  readonly statement: NoneKnown;
}

/** Who stated that none is known, and when: a record, and no empty list. */
function Statement({ patient, statement }: StatementProps) {
  const { t, when } = useListWords();
  const { recorded, changed, about } = statement;
  const stamp = changed ?? recorded;
  const title = t(`about.${about}`);
  return (
    <Row justify="between" align="start" wraps={false}>
      <Stack gap="xs">
        <Row gap="xs">
          <Badge tone="success" icon={IconCircleCheck} text={title} />
        </Row>
        <Text size="sm" tone="muted">
          {t("noneKnownBy", { at: when(stamp.at), by: stamp.by ?? "" })}
        </Text>
      </Stack>
      <ItemMenu patient={patient} list="allergies" facts={statement} title={title} />
    </Row>
  );
}

/** Allergies, or that none are known, or that nobody has asked: three things, never one for another. */
export function AllergiesCard({ patient, card, onRetry }: CardProps<AllergyCard>) {
  const { t, word, when, rules } = useListWords();
  const { items, noneKnown, isContradicted, mayAdd } = card;
  const [isStating, setIsStating] = useState(false);
  const { onAdd, onEdit, onReconcile, drawer } = useDrawers(patient, "allergies", noneKnown[0]);
  const state = useAct("stateNoneKnown", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("saved") });
      setIsStating(false);
    },
  });
  const hasActive = items.state === "value" && items.value.some(({ isActive }) => isActive);
  const isStated = noneKnown.length > 0;
  const above = (
    <>
      {isContradicted && (
        <Alert tone="danger" title={t("contradicted")}>
          {t("contradictedText")}
        </Alert>
      )}
      {noneKnown.map((statement) => (
        <Statement key={statement.id} patient={patient} statement={statement} />
      ))}
    </>
  );
  return (
    <>
      <ListCard
        list="allergies"
        card={card}
        onRetry={onRetry}
        onAdd={onAdd}
        above={above}
        onReconcile={() =>
          onReconcile({
            list: "allergies",
            items: activeOf(card, (item) => ({
              ...item,
              title: item.substance.text,
              detail: item.reactions.map(({ manifestation }) => manifestation.text).join(", "),
            })),
          })
        }
        {...(isStated && { empty: null })}
        actions={
          mayAdd &&
          !hasActive && (
            <Button size="sm" tone="quiet" onClick={() => setIsStating(true)}>
              {t(isStated ? "affirmNoneKnown" : "stateNoneKnown")}
            </Button>
          )
        }
      >
        {(item) => (
          <ItemLine
            patient={patient}
            list="allergies"
            facts={item}
            title={item.substance.text}
            marks={
              item.criticality !== undefined && (
                <Badge
                  tone={item.criticality === "high" ? "danger" : "neutral"}
                  text={word("criticality", item.criticality)}
                />
              )
            }
            details={[
              item.reactions
                .map(({ manifestation, severity }) =>
                  severity === undefined ? manifestation.text : `${manifestation.text} (${word("severity", severity)})`,
                )
                .join(", "),
              item.category && word("category", item.category),
              item.type === "intolerance" ? word("type", item.type) : undefined,
              item.verification === "unconfirmed" ? word("verification", item.verification) : undefined,
              item.onset && `${t("since")} ${when(item.onset)}`,
            ]}
            onEdit={() => onEdit({ list: "allergies", item })}
          />
        )}
      </ListCard>
      {drawer}
      <ConfirmDialog
        title={t("noneKnown")}
        isOpen={isStating}
        onClose={() => setIsStating(false)}
        confirmLabel={t(isStated ? "affirmNoneKnown" : "stateNoneKnown")}
        isPending={state.isPending}
        onConfirm={() => state.act({ path: { id: patient }, body: {} })}
      >
        <Stack>
          <Text>{t("noneKnownText")}</Text>
          {state.problem !== undefined && <ProblemState problem={state.problem} rules={rules} />}
        </Stack>
      </ConfirmDialog>
    </>
  );
}
