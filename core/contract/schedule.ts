import * as z from "zod";
import { ACCEPTED_RULES, CalendarDay, type ChosenRule, WallTime } from "./clinic-profile.ts";
import { PlaceName } from "./place-name.ts";
import type { AbsenceReason, ProvidersHoursView } from "./provider-hours.ts";

/** The day of the clinic: appointments, the board, free times, and the rooms and visit types that they are made of. */

/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const reasonText = z.string().trim().max(500);

/** Where a visit stands, in the order of a day. */
export const STAGES = [
  "booked",
  "arrived",
  "roomed",
  "in-visit",
  "ready",
  "completed",
  "cancelled",
  "no-show",
] as const;
export type Stage = (typeof STAGES)[number];

/** What can be done to a visit. `undo` takes the last step of the same day back. */
export const STEPS = ["arrive", "room", "start", "ready", "complete", "no-show", "cancel", "undo"] as const;
export type Step = (typeof STEPS)[number];
/** Those that need nothing but to be said. */
export const PLAIN_STEPS = ["arrive", "ready", "complete", "no-show", "undo"] as const;

/** Why an appointment does not take place: http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason */
export const CANCEL_REASONS = [
  "pat",
  "pat-cpp",
  "pat-fb",
  "prov",
  "prov-dch",
  "oth-weath",
  "oth-room",
  "other",
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export const CONFLICT_RULES = [
  "provider-busy",
  "room-busy",
  "patient-busy",
  "outside-hours",
  "provider-away",
  "in-the-past",
  "time-skipped",
  "time-doubled",
  "step-refused",
  "not-today",
  "too-early",
  "undo-past",
] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];

/** What may be booked in spite of it, where the clinic's rules ask for a word. */
const Accepted = z.array(z.enum(ACCEPTED_RULES)).max(ACCEPTED_RULES.length);

/** A day and a time on the clinic's clock; which of the two, where the clock shows it twice. */
const When = {
  day: CalendarDay,
  time: WallTime,
  occurrence: z.enum(["first", "second"]).optional(),
  minutes: z.int().min(5).max(720),
};

export const BookAppointment = z.strictObject({
  patient: recordId,
  ...When,
  visitType: recordId.optional(),
  provider: recordId.optional(),
  room: recordId.optional(),
  reason: reasonText.optional(),
  accept: Accepted.default([]),
});
export type BookAppointment = z.infer<typeof BookAppointment>;

/** Somebody who stands at the desk: now, and already here. */
export const WalkIn = z.strictObject({
  patient: recordId,
  minutes: z.int().min(5).max(720),
  visitType: recordId.optional(),
  provider: recordId.optional(),
  room: recordId.optional(),
  reason: reasonText.optional(),
  accept: Accepted.default([]),
});
export type WalkIn = z.infer<typeof WalkIn>;

/** What is left out stays as it is; `null` takes it away. */
export const MoveAppointment = z.strictObject({
  day: When.day.optional(),
  time: When.time.optional(),
  occurrence: When.occurrence,
  minutes: When.minutes.optional(),
  provider: recordId.nullable().optional(),
  room: recordId.nullable().optional(),
  visitType: recordId.nullable().optional(),
  accept: Accepted.default([]),
});
export type MoveAppointment = z.infer<typeof MoveAppointment>;

export const CancelAppointment = z.strictObject({ reason: z.enum(CANCEL_REASONS), note: reasonText.optional() });
export type CancelAppointment = z.infer<typeof CancelAppointment>;

export const StepAppointment = z.strictObject({ step: z.enum(PLAIN_STEPS) });
export type StepAppointment = z.infer<typeof StepAppointment>;

/** A nurse brings the patient to a room: which one may be known already. */
export const RoomAppointment = z.strictObject({ room: recordId.optional(), accept: Accepted.default([]) });
export type RoomAppointment = z.infer<typeof RoomAppointment>;

/** Tones of the portal's palette: a visit type is told by its name, the tone only helps. */
export const TONES = ["blue", "green", "teal", "violet", "amber", "red", "gray"] as const;
export type Tone = (typeof TONES)[number];

export const Place = z.strictObject({
  name: PlaceName(80),
  kind: z.enum(["site", "room"]),
  /** The site that a room is in. */
  partOf: recordId.optional(),
  isActive: z.boolean().default(true),
});
export type Place = z.infer<typeof Place>;

export const VisitType = z.strictObject({
  name: z.string().trim().min(1).max(80),
  minutes: z.int().min(5).max(720),
  tone: z.enum(TONES),
  isActive: z.boolean().default(true),
});
export type VisitType = z.infer<typeof VisitType>;

export interface PlaceView extends Place {
  readonly id: string;
  readonly version: number;
}
export interface VisitTypeView extends VisitType {
  readonly id: string;
  readonly version: number;
}
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  /** True for who asks. */
  readonly isMe: boolean;
}

export interface ScheduleSetupView {
  readonly places: readonly PlaceView[];
  readonly visitTypes: readonly VisitTypeView[];
  readonly providers: readonly ProviderView[];
  readonly rules: Readonly<Record<ChosenRule, "refuse" | "confirm" | "allow">>;
  readonly slotMinutes: number;
  readonly hours: ProvidersHoursView;
}

/** A field as core/view names its states. */
export type ShownField<T> =
  | { readonly state: "value"; readonly value: T }
  | { readonly state: "restricted"; readonly reason: string; readonly howToAsk: string }
  | { readonly state: "absent" };

export interface BoardName {
  readonly given: readonly string[];
  readonly family: string;
}

/** A time on the clinic's clock. `occurrence` and `offset` where the clock shows it twice that day. */
export interface ClockTime {
  readonly at: string;
  readonly time: string;
  readonly occurrence?: "first" | "second";
  readonly offset?: string;
}

export const FLAGS = ["walk-in", "double-booked", "late", "outside-hours", "provider-away"] as const;
export type Flag = (typeof FLAGS)[number];

export interface DayRow {
  readonly id: string;
  readonly version: number;
  readonly start: ClockTime;
  readonly end: ClockTime;
  readonly minutes: number;
  readonly patient: {
    readonly id: string;
    readonly name: ShownField<BoardName>;
    readonly birthDate: ShownField<string>;
  };
  readonly reason: ShownField<string>;
  readonly visitType?: string;
  readonly provider?: string;
  readonly room?: string;
  readonly stage: Stage;
  /** When the visit came to its stage; absent for one that another system booked. */
  readonly since?: ClockTime;
  readonly cancelReason?: CancelReason;
  readonly flags: readonly Flag[];
  /** What may be done next, by where it stands, by the clock and by who asks. */
  readonly steps: readonly Step[];
  readonly canMove: boolean;
}

export interface DayView {
  readonly day: string;
  readonly previous: string;
  readonly next: string;
  readonly today: string;
  readonly timeZone: string;
  /** When this was read, on the clinic's clock: the line of now. */
  readonly now: ClockTime;
  readonly rows: readonly DayRow[];
  readonly counts: Readonly<Partial<Record<Stage, number>>>;
  /** When the clinic is open that day, with the name of a day on which its week does not hold. */
  readonly open: readonly { readonly from: ClockTime; readonly to: ClockTime }[];
  readonly exception?: string;
  /** Those who have hours of their own: when each works that day, and by which exception where one rules it. */
  readonly providerHours: readonly {
    readonly provider: string;
    readonly open: readonly { readonly from: ClockTime; readonly to: ClockTime }[];
    readonly reason?: AbsenceReason;
  }[];
  /** Beginnings on the clinic's grain, over the part of the day in which something is or may be; empty where nothing is. */
  readonly slots: readonly ClockTime[];
  /** The instant at which the last of them ends. */
  readonly slotsEnd: string;
  /** The clocks change that day: `forward` leaves times out, `back` shows them twice. */
  readonly clockChange?: {
    readonly direction: "forward" | "back";
    readonly minutes: number;
    readonly at: string;
    /** The first and the last minute that is not there, or comes twice. */
    readonly from: string;
    readonly to: string;
  };
}

/** Whether something stands against a beginning, or is asked once more. */
export interface MoveObstacle {
  /** Beginnings from this one on, and before that one: instants. */
  readonly from: string;
  readonly to: string;
  readonly rules: readonly ConflictRule[];
  /** `refuse`: it cannot be. `confirm`: the clinic lets it be where it is meant. */
  readonly effect: "refuse" | "confirm";
}

/** What stands against an appointment at each beginning of a day, for every lane that was asked about. */
export interface MovesView {
  readonly lanes: readonly { readonly lane?: string; readonly obstacles: readonly MoveObstacle[] }[];
}

export interface FreeTime {
  readonly day: string;
  readonly start: ClockTime;
  readonly provider?: string;
  readonly room?: string;
}
export interface FreeTimesView {
  readonly times: readonly FreeTime[];
  /** Up to which day was looked. */
  readonly until: string;
}

/** One row, as the board shows it after an act. */
export interface AppointmentView {
  readonly day: string;
  readonly row: DayRow;
}

export interface ScheduleAnswers {
  readonly readScheduleSetup: ScheduleSetupView;
  readonly addPlace: PlaceView;
  readonly changePlace: PlaceView;
  readonly addVisitType: VisitTypeView;
  readonly changeVisitType: VisitTypeView;
  readonly changeProviderHours: ProvidersHoursView;
  readonly readDay: DayView;
  readonly findFreeTimes: FreeTimesView;
  readonly findMoves: MovesView;
  readonly bookAppointment: AppointmentView;
  readonly walkIn: AppointmentView;
  readonly moveAppointment: AppointmentView;
  readonly cancelAppointment: AppointmentView;
  readonly stepAppointment: AppointmentView;
  readonly roomAppointment: AppointmentView;
  readonly startVisit: AppointmentView;
}
