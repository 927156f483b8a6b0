import type { ItemFacts, ListName, Move } from "../../../../core/contract/chart.ts";
import { useAct } from "../../api/hooks.ts";
import { ConfirmDialog, notify, ProblemState, Stack, Text } from "../../ui/index.ts";
import { REFRESH, useListWords } from "./words.ts";

interface MoveDialogProps {
  readonly patient: string;
  readonly list: ListName;
  readonly facts: ItemFacts;
  readonly title: string;
  readonly move: Move;
  readonly onClose: () => void;
}

/** Takes an item to another state, with the reason that stands beside it from then on. */
export function MoveDialog({ patient, list, facts, title, move, onClose }: MoveDialogProps) {
  const { t, rules } = useListWords();
  const act = useAct("moveItem", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("done") });
      onClose();
    },
  });
  const isError = move === "enter-in-error";
  return (
    <ConfirmDialog
      title={t("moveTitle", { move: t(`move.${move}`), title })}
      isOpen
      onClose={onClose}
      tone={isError ? "danger" : "default"}
      confirmLabel={t(`move.${move}`)}
      reason={{ label: t("reason"), minimum: 3 }}
      isPending={act.isPending}
      onConfirm={({ reason }) =>
        act.act({ path: { id: patient, list, item: facts.id }, ifMatch: facts.version, body: { move, reason } })
      }
    >
      <Stack>
        <Text>{t(isError ? "moveText.enter-in-error" : "moveText.other")}</Text>
        {act.problem !== undefined && <ProblemState problem={act.problem} rules={rules} />}
      </Stack>
    </ConfirmDialog>
  );
}
