import type {
  AcceptedRule,
  AppointmentView,
  CancelReason,
  DayRow,
  ScheduleSetupView,
} from "../../../../core/contract/index.ts";
import { useEffect, useRef } from "react";
import type { Problem } from "../../api/client.ts";
import { useAct } from "../../api/hooks.ts";
import { Dialog, Form, SelectField, Stack, TextAreaField } from "../../ui/index.ts";
import { AcceptField, FreeTimes, PatientField, ReasonField, WhenFields, WhoFields } from "./booking-fields.tsx";
import { type LaneKind, NO_LANE } from "./lane-days.ts";
import type { Destination } from "./use-drag-move.ts";
import type { Words } from "./words.ts";

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
  readonly onDone: (what: string, answer: AppointmentView, before?: DayRow) => void;
}

interface Entered {
  readonly patient: string;
  readonly visitType: string;
  readonly provider: string;
  readonly room: string;
  readonly day: string;
  readonly time: string;
  readonly occurrence: "" | "first" | "second";
  readonly minutes: number;
  readonly reason: string;
  readonly accept: AcceptedRule[];
}

const DEFAULT_MINUTES = 20;
const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
/** What was chosen, with what was left empty taken out. */
const whoOf = ({ visitType, provider, room, reason }: Entered) => ({
  visitType: given(visitType),
  provider: given(provider),
  room: given(room),
  reason: given(reason),
});

/** Books an appointment: whom, what for, with whom, where and when. */
export function BookingDialog({ isOpen, onClose, setup, words, onDone, day }: DialogProps & { readonly day: string }) {
  const { t, rules } = words;
  const booking = useAct("bookAppointment", { refresh: ["readDay"] });
  const mine = setup?.providers.find(({ isMe }) => isMe)?.id ?? "";
  const book = async (entered: Entered): Promise<boolean> => {
    const { patient, day: on, time, minutes, occurrence, accept } = entered;
    const when = { day: on, time, minutes, ...(occurrence !== "" && { occurrence }) };
    const answer = await booking.act({ body: { patient, ...when, ...whoOf(entered), accept } });
    if (answer === undefined) return false;
    onDone(t("done.book"), answer);
    onClose();
    return true;
  };
  return (
    <Dialog title={t("bookTitle")} isOpen={isOpen} onClose={onClose} size="lg" closesLightly={false}>
      <Form<Entered>
        label={t("bookTitle")}
        defaults={{ ...EMPTY, day, provider: mine }}
        onSubmit={book}
        problem={booking.problem}
        loading={false}
        submitLabel={t("book")}
        onCancel={onClose}
        rules={rules}
      >
        <PatientField words={words} />
        <WhoFields setup={setup} words={words} />
        <WhenFields words={words} problem={booking.problem} />
        <FreeTimes setup={setup} words={words} />
        <ReasonField words={words} />
        <AcceptField setup={setup} words={words} problem={booking.problem} />
      </Form>
    </Dialog>
  );
}

const EMPTY: Entered = {
  patient: "",
  visitType: "",
  provider: "",
  room: "",
  day: "",
  time: "",
  occurrence: "",
  minutes: DEFAULT_MINUTES,
  reason: "",
  accept: [],
};

/** Takes in somebody who stands at the desk: the time is now. */
export function WalkInDialog({ isOpen, onClose, setup, words, onDone }: DialogProps) {
  const { t, rules } = words;
  const taking = useAct("walkIn", { refresh: ["readDay"] });
  const takeIn = async (entered: Entered): Promise<boolean> => {
    const { patient, minutes, accept } = entered;
    const answer = await taking.act({ body: { patient, minutes, ...whoOf(entered), accept } });
    if (answer === undefined) return false;
    onDone(t("done.walkIn"), answer);
    onClose();
    return true;
  };
  return (
    <Dialog title={t("walkInTitle")} isOpen={isOpen} onClose={onClose} size="lg" closesLightly={false}>
      <Form<Entered>
        label={t("walkInTitle")}
        defaults={EMPTY}
        onSubmit={takeIn}
        problem={taking.problem}
        loading={false}
        submitLabel={t("walkIn")}
        onCancel={onClose}
        rules={rules}
      >
        <PatientField words={words} />
        <WhoFields setup={setup} words={words} />
        <ReasonField words={words} />
        <AcceptField setup={setup} words={words} problem={taking.problem} />
      </Form>
    </Dialog>
  );
}

interface RowDialogProps extends DialogProps {
  readonly row: DayRow;
  readonly day: string;
  /** Somebody else changed the row meanwhile. */
  readonly onStale: (problem: Problem, row: DayRow) => void;
}

/** What was entered is about a row that is no longer so: the board shows what it is now. */
function useStale(problem: Problem | undefined, row: DayRow, onStale: RowDialogProps["onStale"]): void {
  const latest = useRef({ row, onStale });
  useEffect(() => {
    latest.current = { row, onStale };
  });
  useEffect(() => {
    if (problem?.kind === "version-conflict") latest.current.onStale(problem, latest.current.row);
  }, [problem]);
}

interface MoveDialogProps extends RowDialogProps {
  /** Where it was dropped, and what the clinic wants said once more for that. */
  readonly proposed?: { readonly destination: Destination; readonly rules: readonly string[] } | undefined;
}

/** Moves an appointment in time, or to somebody else or another room. Who has arrived stays at her time. */
export function MoveDialog(props: MoveDialogProps) {
  const { isOpen, onClose, setup, words, onDone, row, day, onStale, proposed } = props;
  const { time: start = row.start, lane } = proposed?.destination ?? {};
  const at = (by: LaneKind): string => (lane?.by === by ? (lane.id === NO_LANE ? "" : lane.id) : (row[by] ?? ""));
  const { t, rules } = words;
  const moving = useAct("moveAppointment", { refresh: ["readDay"] });
  useStale(moving.problem, row, onStale);
  const isBooked = row.stage === "booked";
  const move = async (entered: Entered): Promise<boolean> => {
    const { day: on, time, occurrence, minutes, provider, room, visitType, accept } = entered;
    const isMoved = on !== day || time !== row.start.time || occurrence !== (row.start.occurrence ?? "");
    const when = { day: on, time, ...(occurrence !== "" && { occurrence }) };
    const answer = await moving.act({
      path: { id: row.id },
      ifMatch: row.version,
      body: {
        ...(isBooked && isMoved && when),
        ...(minutes !== row.minutes && { minutes }),
        ...changed("provider", provider, row.provider),
        ...changed("room", room, row.room),
        ...changed("visitType", visitType, row.visitType),
        accept,
      },
    });
    if (answer === undefined) return false;
    onDone(t("done.move"), answer, row);
    onClose();
    return true;
  };
  return (
    <Dialog title={t("moveTitle")} isOpen={isOpen} onClose={onClose} size="lg" closesLightly={false}>
      <Form<Entered>
        label={t("moveTitle")}
        defaults={{
          ...EMPTY,
          day,
          time: start.time,
          occurrence: start.occurrence ?? "",
          minutes: row.minutes,
          provider: at("provider"),
          room: at("room"),
          visitType: row.visitType ?? "",
        }}
        onSubmit={move}
        problem={moving.problem}
        loading={false}
        submitLabel={t("move")}
        onCancel={onClose}
        rules={rules}
      >
        <WhoFields setup={setup} words={words} />
        {isBooked && (
          <>
            <WhenFields words={words} problem={moving.problem} />
            <FreeTimes setup={setup} words={words} />
          </>
        )}
        <AcceptField setup={setup} words={words} problem={moving.problem} named={proposed?.rules} />
      </Form>
    </Dialog>
  );
}

/** What was chosen anew; `null` takes away what was there. */
const changed = <K extends string>(name: K, now: string, before: string | undefined) =>
  now === (before ?? "") ? {} : ({ [name]: now === "" ? null : now } as Record<K, string | null>);

/** Brings a patient to a room: the one that was planned, or another. */
export function RoomDialog({ isOpen, onClose, setup, words, onDone, row, onStale }: Omit<RowDialogProps, "day">) {
  const { t, rules } = words;
  const rooming = useAct("roomAppointment", { refresh: ["readDay"] });
  useStale(rooming.problem, row, onStale);
  const rooms = (setup?.places ?? []).filter(({ kind, isActive }) => kind === "room" && isActive);
  const bring = async ({ room, accept }: Pick<Entered, "room" | "accept">): Promise<boolean> => {
    const chosen = given(room);
    const body = { ...(chosen !== undefined && { room: chosen }), accept };
    const answer = await rooming.act({ path: { id: row.id }, ifMatch: row.version, body });
    if (answer === undefined) return false;
    onDone(t("done.room"), answer, row);
    onClose();
    return true;
  };
  return (
    <Dialog title={t("roomTitle")} isOpen={isOpen} onClose={onClose} size="sm">
      <Form<Pick<Entered, "room" | "accept">>
        label={t("roomTitle")}
        defaults={{ room: row.room ?? "", accept: [] }}
        onSubmit={bring}
        problem={rooming.problem}
        loading={false}
        submitLabel={t("step.room")}
        onCancel={onClose}
        rules={rules}
        guards={false}
      >
        <SelectField
          name="room"
          label={t("room")}
          placeholder={t("noRoom")}
          choices={rooms.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <AcceptField setup={setup} words={words} problem={rooming.problem} />
      </Form>
    </Dialog>
  );
}

/** What a desk chooses from; what a portal writes is not among it. */
const REASONS: readonly CancelReason[] = ["pat", "pat-fb", "prov", "prov-dch", "oth-weath", "oth-room", "other"];

/** Cancels an appointment and says why. */
export function CancelDialog({ isOpen, onClose, words, onDone, row, onStale }: Omit<RowDialogProps, "day" | "setup">) {
  const { t, rules } = words;
  const cancelling = useAct("cancelAppointment", { refresh: ["readDay"] });
  useStale(cancelling.problem, row, onStale);
  const cancel = async ({ reason, note }: { reason: CancelReason; note: string }): Promise<boolean> => {
    const said = given(note);
    const body = { reason, ...(said !== undefined && { note: said }) };
    const answer = await cancelling.act({ path: { id: row.id }, ifMatch: row.version, body });
    if (answer === undefined) return false;
    onDone(t("done.cancel"), answer, row);
    onClose();
    return true;
  };
  return (
    <Dialog title={t("cancelTitle")} isOpen={isOpen} onClose={onClose} size="sm" tone="danger">
      <Form<{ reason: CancelReason; note: string }>
        label={t("cancelTitle")}
        onSubmit={cancel}
        problem={cancelling.problem}
        loading={false}
        submitLabel={t("cancelDo")}
        submitTone="danger"
        onCancel={onClose}
        cancelLabel={t("keep")}
        rules={rules}
        guards={false}
      >
        <Stack>
          <SelectField
            name="reason"
            label={t("cancelReason")}
            choices={REASONS.map((reason) => ({ value: reason, label: t(`cancel.${reason}`) }))}
            isRequired
          />
          <TextAreaField name="note" label={t("cancelNote")} maxLength={500} rows={2} />
        </Stack>
      </Form>
    </Dialog>
  );
}
