import { IconCalendarPlus, IconWalk } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { AppointmentView, DayRow, DayView, Step } from "../../../../core/contract/index.ts";
import type { Problem } from "../../api/client.ts";
import { useAsk } from "../../api/hooks.ts";
import { useHotkey } from "../../app/hotkeys.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { Alert, AskState, Button, ButtonRow, EmptyState, Page, PrintHeader, Skeleton, Stack } from "../../ui/index.ts";
import { DaySummary, DayTools, type View, VIEWS } from "./day-head.tsx";
import { BookingDialog, CancelDialog, MoveDialog, RoomDialog, WalkInDialog } from "./dialogs.tsx";
import { LanesView } from "./lanes-view.tsx";
import { ListView } from "./list-view.tsx";
import type { Destination } from "./use-drag-move.ts";
import { useRowFocus } from "./use-row-focus.ts";
import { useSteps } from "./use-steps.ts";
import { VisitDrawer } from "./visit-drawer.tsx";
import type { RowActs } from "./visit-parts.tsx";
import { STEP_KEYS, useWords } from "./words.ts";

const REFRESH_MS = 30_000;
const SETUP_FRESH_MS = 10 * 60_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

type Asked =
  | { readonly kind: "book" | "walk-in" }
  | { readonly kind: "visit" | "room" | "cancel"; readonly id: string }
  | {
      readonly kind: "move";
      readonly id: string;
      /** Where it was dropped, where the clinic wants a word for that. */
      readonly proposed?: { readonly destination: Destination; readonly rules: readonly string[] };
    };

const isView = (text: string | undefined): text is View => VIEWS.some((view) => view === text);

/** The day of the clinic: who comes when, where each visit stands, and what is done next. */
export default function Board() {
  const [{ tenant, user }, can, go, query] = [useSession(), useCan(), useGo(), useAddressQuery()];
  const named = query["day"] ?? "";
  // What day it is at the clinic, the clinic's own clock says.
  const wanted = DAY.test(named) ? named : "today";
  const view: View = isView(query["view"]) ? query["view"] : "list";
  const [isMine, setIsMine] = useState(false);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);

  const day = useAsk(
    "readDay",
    { path: { day: wanted } },
    { refreshEveryMs: REFRESH_MS, freshMs: 0, keepsPrevious: true },
  );
  const setup = useAsk("readScheduleSetup", {}, { freshMs: SETUP_FRESH_MS });
  const words = useWords(setup.data);
  const { t } = words;
  const steps = useSteps(words, day.refetch);

  const me = setup.data?.providers.find((provider) => provider.isMe)?.id;
  const rows = useMemo(
    () => (day.data?.rows ?? []).filter(({ provider }) => !isMine || provider === me),
    [day.data, isMine, me],
  );
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const focus = useRowFocus(ids);

  const show = (next: { readonly day?: string; readonly view?: View }): void =>
    go({ to: "/app/board", search: { day: next.day ?? wanted, view: next.view ?? view } }, { replaces: true });
  const acts: RowActs = {
    pending: steps.pending,
    onOpen: ({ id }) => setAsked({ kind: "visit", id }),
    onMove: ({ id }) => setAsked({ kind: "move", id }),
    onStep: (row, step) => {
      if (step === "room" || step === "cancel") {
        if (row.steps.includes(step)) setAsked({ kind: step, id: row.id });
      } else steps.take(row, step);
    },
  };
  useBoardKeys({ rows, focus, acts, t, mayBook: can("appointment.book"), ask: setAsked, show, day: day.data });

  const close = (): void => setAsked(undefined);
  const row = asked !== undefined && "id" in asked ? day.data?.rows.find(({ id }) => id === asked.id) : undefined;
  const dialog = {
    isOpen: true,
    onClose: close,
    setup: setup.data,
    words,
    onDone: (what: string, answer: AppointmentView) => steps.did(what, answer),
  };
  const onStale = (problem: Problem, stale: DayRow): void => {
    close();
    void steps.tellConflict(problem, stale);
  };
  const print = (): void => {
    show({ view: "list" });
    // The list is there once it was painted.
    requestAnimationFrame(() => requestAnimationFrame(() => globalThis.print()));
  };
  const on = day.data?.day ?? "";
  const titled = on === "" ? t("title") : words.format.weekday(on);
  return (
    <Page
      title={titled}
      width="full"
      actions={
        can("appointment.book") && (
          <ButtonRow>
            <Button tone="primary" icon={IconCalendarPlus} onClick={() => setAsked({ kind: "book" })}>
              {t("book")}
            </Button>
            <Button icon={IconWalk} onClick={() => setAsked({ kind: "walk-in" })}>
              {t("walkIn")}
            </Button>
          </ButtonRow>
        )
      }
    >
      <PrintHeader title={t("sheetTitle")} lines={[titled]} clinic={tenant.name} printedBy={user.name} />
      <AskState query={day} label={t("title")} rules={words.rules} skeleton={<Skeleton label={t("title")} lines={8} />}>
        {(data: DayView) => (
          <Stack>
            <DayTools
              day={data}
              view={view}
              words={words}
              mine={me === undefined ? undefined : isMine}
              isFetching={day.isFetching}
              onDay={(next) => show({ day: next })}
              onView={(next) => show({ view: next })}
              onMine={setIsMine}
              onRefresh={() => void day.refetch()}
              onPrint={print}
            />
            <DaySummary day={data} words={words} />
            {setup.error !== null && setup.data === undefined && <Alert tone="warning" title={t("noSetup")} isLive />}
            {rows.length === 0 ? (
              <EmptyState title={isMine ? t("emptyMine") : t("emptyTitle")} hint={t("emptyHint")} />
            ) : view === "list" ? (
              <ListView day={data} rows={rows} words={words} acts={acts} focus={focus} />
            ) : (
              <LanesView
                by={view}
                day={data}
                rows={rows}
                setup={setup.data}
                words={words}
                acts={acts}
                steps={steps}
                focus={focus}
                onAsk={({ id }, destination, rules) => setAsked({ kind: "move", id, proposed: { destination, rules } })}
              />
            )}
          </Stack>
        )}
      </AskState>
      {asked?.kind === "book" && (
        <BookingDialog {...dialog} day={on < (day.data?.today ?? "") ? (day.data?.today ?? "") : on} />
      )}
      {asked?.kind === "walk-in" && <WalkInDialog {...dialog} />}
      {row !== undefined && asked?.kind === "visit" && (
        <VisitDrawer row={row} words={words} acts={acts} onClose={close} />
      )}
      {row !== undefined && asked?.kind === "move" && (
        <MoveDialog
          {...dialog}
          onDone={(_what, answer) => void steps.moved(answer, row, on)}
          row={row}
          day={on}
          onStale={onStale}
          proposed={asked.proposed}
        />
      )}
      {row !== undefined && asked?.kind === "room" && <RoomDialog {...dialog} row={row} onStale={onStale} />}
      {row !== undefined && asked?.kind === "cancel" && <CancelDialog {...dialog} row={row} onStale={onStale} />}
    </Page>
  );
}

interface Keys {
  readonly rows: readonly DayRow[];
  readonly focus: ReturnType<typeof useRowFocus>;
  readonly acts: RowActs;
  readonly t: ReturnType<typeof useWords>["t"];
  readonly mayBook: boolean;
  readonly ask: (asked: Asked) => void;
  readonly show: (next: { readonly day?: string }) => void;
  readonly day: DayView | undefined;
}

/** The keys of the board: arrows between rows while one has the focus, letters for what is done with it. */
function useBoardKeys({ rows, focus, acts, t, mayBook, ask, show, day }: Keys): void {
  const isOnRow = focus.focused !== undefined;
  const row = rows.find(({ id }) => id === focus.focused);
  const step = (which: Step) => (): void => {
    if (row !== undefined) acts.onStep(row, which);
  };
  const onRow = (what: string): string => t("key.on", { what });
  useHotkey("arrowdown", t("key.next"), () => focus.move(1), isOnRow);
  useHotkey("arrowup", t("key.previous"), () => focus.move(-1), isOnRow);
  useHotkey("j", t("key.next"), () => focus.move(1));
  useHotkey("k", t("key.previous"), () => focus.move(-1));
  useHotkey(STEP_KEYS.arrive, onRow(t("step.arrive")), step("arrive"), isOnRow);
  useHotkey(STEP_KEYS.room, onRow(t("step.room")), step("room"), isOnRow);
  useHotkey(STEP_KEYS.start, onRow(t("step.start")), step("start"), isOnRow);
  useHotkey(STEP_KEYS.ready, onRow(t("step.ready")), step("ready"), isOnRow);
  useHotkey(STEP_KEYS.complete, onRow(t("step.complete")), step("complete"), isOnRow);
  useHotkey(STEP_KEYS["no-show"], onRow(t("step.no-show")), step("no-show"), isOnRow);
  useHotkey(STEP_KEYS.cancel, onRow(t("step.cancel")), step("cancel"), isOnRow);
  useHotkey(STEP_KEYS.undo, onRow(t("step.undo")), step("undo"), isOnRow);
  useHotkey(STEP_KEYS.move, onRow(t("move")), () => row?.canMove === true && acts.onMove(row), isOnRow);
  useHotkey("b", t("key.book"), () => ask({ kind: "book" }), mayBook);
  useHotkey("w", t("key.walkIn"), () => ask({ kind: "walk-in" }), mayBook);
  useHotkey("t", t("key.today"), () => show(day === undefined ? {} : { day: day.today }));
  useHotkey("[", t("key.previousDay"), () => show(day === undefined ? {} : { day: day.previous }));
  useHotkey("]", t("key.nextDay"), () => show(day === undefined ? {} : { day: day.next }));
}
