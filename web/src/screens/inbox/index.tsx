import { IconMailPlus, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { InboxItem, InboxView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useCan } from "../../app/session.tsx";
import {
  Alert,
  AskState,
  Button,
  ButtonRow,
  Card,
  EmptyState,
  LinkButton,
  Page,
  Panes,
  PickList,
  Stack,
} from "../../ui/index.ts";
import { useRowFocus } from "../board/use-row-focus.ts";
import { noteTarget } from "../note/note-address.ts";
import { type InboxAddress, keyOf, readAddress, searchOf } from "./address.ts";
import { ComposeDialog, TaskDialog } from "./compose.tsx";
import { Filters } from "./filters.tsx";
import { ItemLine } from "./item-line.tsx";
import { ResultPane } from "./result-pane.tsx";
import { TaskPane } from "./task-pane.tsx";
import { ThreadPane } from "./thread-pane.tsx";
import { useWords } from "./words.ts";

const REFRESH_MS = 60_000;

interface OpenItemProps {
  readonly open: NonNullable<InboxAddress["open"]>;
  readonly patient: string | undefined;
  readonly onClose: () => void;
}

/** What of the list is open, with the ways back to the list and into the chart. */
function OpenItem({ open: { kind, id }, patient, onClose }: OpenItemProps) {
  const { t } = useWords();
  return (
    <Stack gap="sm">
      <ButtonRow>
        <Button size="sm" tone="quiet" onClick={onClose}>
          {t("back")}
        </Button>
        {patient !== undefined && (
          <LinkButton size="sm" tone="quiet" to="/app/patients/$patient" params={{ patient }}>
            {t("openChart")}
          </LinkButton>
        )}
      </ButtonRow>
      {kind === "message" && <ThreadPane id={id} onGone={onClose} />}
      {kind === "task" && <TaskPane id={id} onGone={onClose} />}
      {kind === "result" && <ResultPane id={id} onGone={onClose} />}
      {kind === "note" && (
        <Card title={t("one.note")}>
          <LinkButton tone="primary" {...noteTarget(id)}>
            {t("openNote")}
          </LinkButton>
        </Card>
      )}
    </Stack>
  );
}

/** The pages of a list that were asked for, in one: the first is asked again, what was shown stays. */
function usePages(address: InboxAddress) {
  const [more, setMore] = useState<readonly string[]>([]);
  const { scope, kind, patient, isSnoozed } = address;
  const filter = { scope, kind, patient, state: isSnoozed ? "snoozed" : undefined };
  const name = JSON.stringify(filter);
  const [shown, setShown] = useState(name);
  if (shown !== name) {
    setShown(name);
    setMore([]);
  }
  const first = useAsk("readInbox", { query: filter }, { refreshEveryMs: REFRESH_MS, freshMs: 0, keepsPrevious: true });
  const cursor = more.at(-1);
  const last = useAsk("readInbox", { query: { ...filter, cursor } }, { isEnabled: cursor !== undefined });
  const [kept, setKept] = useState<readonly InboxItem[]>([]);
  const items = useMemo(() => {
    const all = [...(first.data?.items ?? []), ...(more.length > 0 ? kept : []), ...(last.data?.items ?? [])];
    return [...new Map(all.map((item) => [keyOf(item), item])).values()];
  }, [first.data, last.data, kept, more.length]);
  const next = cursor === undefined ? first.data?.next : last.data?.next;
  return {
    query: first,
    items,
    next,
    isMore: last.isFetching,
    showMore: (): void => {
      if (next === undefined) return;
      setKept(items);
      setMore([...more, next]);
    },
  };
}

/** One inbox: messages, tasks, results and notes that wait for who looks, for her team, or for anybody. */
export default function Inbox() {
  const { t, w } = useWords();
  const [go, can] = [useGo(), useCan()];
  const query = useAddressQuery();
  const address = useMemo(() => readAddress(query), [query]);
  const { query: list, items, next, isMore, showMore } = usePages(address);
  const [asked, setAsked] = useState<"message" | "task" | undefined>(undefined);
  const ids = useMemo(() => items.map(keyOf), [items]);
  const focus = useRowFocus(ids);

  const show = (to: InboxAddress): void => go({ to: "/app/inbox", search: searchOf(to) });
  const { open, ...closed } = address;
  const close = (): void => show(closed);
  const openItem = open && items.find((item) => keyOf(item) === keyOf(open));
  useHotkey("j", t("key.next"), () => focus.move(1));
  useHotkey("k", t("key.previous"), () => focus.move(-1));
  useHotkey("c", w("key.compose"), () => setAsked("message"), can("message.send"));
  useHotkey("n", w("key.task"), () => setAsked("task"), can("task.create"));
  return (
    <Page
      title={t("title")}
      width="full"
      actions={
        <ButtonRow>
          {can("message.send") && (
            <Button tone="primary" icon={IconMailPlus} onClick={() => setAsked("message")}>
              {w("compose")}
            </Button>
          )}
          {can("task.create") && (
            <Button icon={IconPlus} onClick={() => setAsked("task")}>
              {w("newTask")}
            </Button>
          )}
        </ButtonRow>
      }
    >
      <Panes
        filters={
          <Filters address={address} counts={list.data?.counts} withheld={list.data?.withheld ?? []} onChange={show} />
        }
        list={
          <AskState
            query={list}
            label={t("list")}
            isEmpty={(_view: InboxView) => items.length === 0}
            empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
          >
            {({ hasTooManyResults }) => (
              <Stack gap="sm">
                {hasTooManyResults && <Alert tone="warning" title={t("tooMany")} />}
                <PickList
                  label={t("list")}
                  items={items}
                  itemKey={keyOf}
                  pickedKey={open && keyOf(open)}
                  refOf={focus.refOf}
                  onPick={({ kind, id }) => show({ ...address, open: { kind, id } })}
                >
                  {(item) => <ItemLine item={item} />}
                </PickList>
                {next !== undefined && (
                  <Button isPending={isMore} onClick={showMore}>
                    {t("more")}
                  </Button>
                )}
              </Stack>
            )}
          </AskState>
        }
        itemLabel={t("item")}
        itemKey={open && keyOf(open)}
        item={open && <OpenItem key={keyOf(open)} open={open} patient={openItem?.patient?.id} onClose={close} />}
        placeholder={<EmptyState title={t("nothingOpen")} hint={t("nothingOpenHint")} />}
      />
      {asked === "message" && <ComposeDialog onClose={() => setAsked(undefined)} />}
      {asked === "task" && <TaskDialog onClose={() => setAsked(undefined)} />}
    </Page>
  );
}
