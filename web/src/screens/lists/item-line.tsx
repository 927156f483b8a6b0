import type { ReactNode } from "react";
import type { ItemFacts, ListName } from "../../../../core/contract/chart.ts";
import { Badge, Row, Stack, Text, type Tone } from "../../ui/index.ts";
import { ItemMenu } from "./item-menu.tsx";
import { useListWords } from "./words.ts";

interface ItemLineProps {
  readonly patient: string;
  readonly list: ListName;
  readonly facts: ItemFacts;
  readonly title: string;
  /** Beside the title: badges of what makes it grave. */
  readonly marks?: ReactNode;
  /** Under it: what else the record says. */
  readonly details: readonly (string | undefined)[];
  readonly onEdit?: (() => void) | undefined;
}

const TONES: Readonly<Record<string, Tone>> = { "on-hold": "warning", "entered-in-error": "neutral" };

/** One item of a list: what it is, its state, who wrote it, and what may be done with it. */
export function ItemLine({ patient, list, facts, title, marks, details, onEdit }: ItemLineProps) {
  const { t, word, when } = useListWords();
  const { state, isActive, recorded, changed } = facts;
  const isError = state === "entered-in-error";
  const stamp = changed ?? recorded;
  const told = details.filter((text) => text !== undefined && text !== "").join(" · ");
  const by = stamp.by ?? "";
  return (
    <Row justify="between" align="start" wraps={false}>
      <Stack gap="xs">
        <Row gap="xs">
          <Text as={isError ? "del" : "span"} isStrong={isActive} tone={isActive ? "default" : "muted"}>
            {title}
          </Text>
          {(!isActive || state !== "active") && state !== "completed" && (
            <Badge tone={TONES[state] ?? "neutral"} text={word("state", state)} />
          )}
          {marks}
          {facts.isPartial === true && <Badge tone="restricted" text={t("partial")} />}
        </Row>
        {told !== "" && (
          <Text size="sm" tone="muted">
            {told}
          </Text>
        )}
        {facts.note !== undefined && (
          <Text size="sm" isProse>
            {facts.note}
          </Text>
        )}
        <Text size="xs" tone="muted">
          {stamp.at === undefined
            ? by
            : changed !== undefined
              ? t("changedBy", { at: when(stamp.at), by })
              : by === ""
                ? t("recordedAt", { at: when(stamp.at) })
                : t("recordedBy", { at: when(stamp.at), by })}
          {stamp.reason === undefined ? "" : ` ${t("because", { reason: stamp.reason })}`}
        </Text>
      </Stack>
      <ItemMenu patient={patient} list={list} facts={facts} title={title} onEdit={onEdit} />
    </Row>
  );
}
