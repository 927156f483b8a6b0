import { IconChecklist, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { ItemFacts, ListCard as CardOf, ListName } from "../../../../core/contract/chart.ts";
import { Button, ButtonRow, Card, EmptyState, List, Stack, Text } from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import { useListWords } from "./words.ts";

interface ListCardProps<T extends ItemFacts> {
  readonly list: ListName;
  readonly card: CardOf<T>;
  readonly onRetry: () => void;
  readonly onAdd: () => void;
  readonly onReconcile?: (() => void) | undefined;
  readonly children: (item: T) => ReactNode;
  /** Over the items: a statement, a warning. */
  readonly above?: ReactNode;
  /** Shown where nothing is recorded, in place of the usual sentence. */
  readonly empty?: ReactNode;
  readonly actions?: ReactNode;
}

interface ItemsProps<T extends ItemFacts> {
  readonly items: readonly T[];
  readonly label: string;
  readonly children: (item: T) => ReactNode;
}

/** What counts today, and behind a button what does not any more. */
function Items<T extends ItemFacts>({ items, label, children }: ItemsProps<T>) {
  const { t } = useListWords();
  const [hasAll, setHasAll] = useState(false);
  const [active, inactive] = [items.filter(({ isActive }) => isActive), items.filter(({ isActive }) => !isActive)];
  const isOpen = hasAll || active.length === 0;
  return (
    <Stack>
      {active.length > 0 && (
        <List label={label} items={active} itemKey={({ id }) => id}>
          {children}
        </List>
      )}
      {inactive.length > 0 && active.length > 0 && (
        <ButtonRow>
          <Button size="sm" tone="quiet" isExpanded={hasAll} onClick={() => setHasAll(!hasAll)}>
            {hasAll ? t("hideInactive") : t("showInactive", { count: inactive.length })}
          </Button>
        </ButtonRow>
      )}
      {isOpen && inactive.length > 0 && (
        <List label={t("inactive", { count: inactive.length })} items={inactive} itemKey={({ id }) => id}>
          {children}
        </List>
      )}
    </Stack>
  );
}

/** A list of the chart as a card, in whatever state the server gives it, with what may be done with it. */
export function ListCard<T extends ItemFacts>(props: ListCardProps<T>) {
  const { list, card, onRetry, onAdd, onReconcile, children, above, empty, actions } = props;
  const { t, when } = useListWords();
  const { items, mayAdd, mayReconcile, reconciled } = card;
  const add = mayAdd && (
    <Button size="sm" icon={IconPlus} label={t(`add.${list}`)} onClick={onAdd}>
      {t("add")}
    </Button>
  );
  return (
    <Card
      title={t(list)}
      level={3}
      actions={
        <>
          {add}
          {mayReconcile && onReconcile !== undefined && (
            <Button
              size="sm"
              tone="quiet"
              icon={IconChecklist}
              label={`${t("reconcile")}: ${t(list)}`}
              onClick={onReconcile}
            >
              {t("reconcile")}
            </Button>
          )}
          {actions}
        </>
      }
      {...(reconciled !== undefined && {
        footer: (
          <Text size="sm" tone="muted">
            {t("reconciled", {
              at: when(reconciled.at),
              by: reconciled.by ?? "",
              source: t(`source.${reconciled.source}`),
            })}
          </Text>
        ),
      })}
    >
      <Stack>
        {above}
        <ShownState
          field={items}
          onRetry={onRetry}
          empty={
            empty ?? (
              <EmptyState
                isCompact
                title={t(`empty.${list}`)}
                hint={mayAdd ? t(`emptyHint.${list}`) : t("emptyReadOnly")}
              />
            )
          }
        >
          {(all) => (
            <Items items={all} label={t(list)}>
              {children}
            </Items>
          )}
        </ShownState>
      </Stack>
    </Card>
  );
}
