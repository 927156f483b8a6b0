import {
  type ClockTime,
  CONFLICT_RULES,
  type DayRow,
  type Flag,
  type ScheduleSetupView,
  type Stage,
  type Step,
} from "../../../../core/contract/index.ts";
import type { RuleTexts } from "../../api/problem-text.ts";
import { type Format, type Say, useFormat, useText } from "../../i18n/index.ts";
import type { Tone } from "../../ui/index.ts";
import { boardMessages } from "./messages.ts";

export type SayBoard = Say<keyof typeof boardMessages.en>;

/** Rules that the server may answer with: what stands against an appointment, what it names, and its visit. */
const RULES = [...CONFLICT_RULES, "reference-unresolved", "visit-written"] as const;

export const STAGE_TONES: Readonly<Record<Stage, Tone>> = {
  booked: "neutral",
  arrived: "info",
  roomed: "info",
  "in-visit": "warning",
  ready: "warning",
  completed: "success",
  cancelled: "neutral",
  "no-show": "danger",
};

export const FLAG_TONES: Readonly<Record<Flag, Tone>> = {
  "walk-in": "info",
  "double-booked": "warning",
  late: "warning",
  "outside-hours": "neutral",
  "provider-away": "warning",
};

/** What the steps of a row are done with, by one key each; `x` cancels and `u` takes back. */
export const STEP_KEYS: Readonly<Record<Step | "move", string>> = {
  arrive: "a",
  room: "r",
  start: "s",
  ready: "l",
  complete: "c",
  "no-show": "n",
  cancel: "x",
  undo: "u",
  move: "m",
};

/** Stages of visits that are over: they stand back. */
export const isOver = (stage: Stage): boolean => stage === "completed" || stage === "cancelled" || stage === "no-show";

export interface Words {
  readonly t: SayBoard;
  readonly format: Format;
  readonly rules: RuleTexts;
  /** A time on the clinic's clock; one that comes twice says which it is. */
  readonly timeOf: (time: ClockTime) => string;
  readonly nameOf: (row: DayRow) => string;
  readonly providerOf: (row: Pick<DayRow, "provider">) => string;
  readonly roomOf: (row: Pick<DayRow, "room">) => string;
  readonly visitTypeOf: (row: Pick<DayRow, "visitType">) => string;
}

/** Names and times as the board says them, in the language of the page. */
export function useWords(setup: ScheduleSetupView | undefined): Words {
  const [t, format] = [useText(boardMessages), useFormat()];
  const timeOf = ({ time, occurrence, offset = "" }: ClockTime): string =>
    occurrence === undefined ? format.clock(time) : t(`occurrence.${occurrence}`, { time: format.clock(time), offset });
  return {
    t,
    format,
    rules: Object.fromEntries(RULES.map((rule) => [rule, t(`rule.${rule}`)])),
    timeOf,
    nameOf: ({ patient }) => (patient.name.state === "value" ? format.name(patient.name.value) : t("someone")),
    providerOf: ({ provider }) => {
      if (provider === undefined) return t("noProvider");
      if (setup === undefined) return "";
      return setup.providers.find(({ id }) => id === provider)?.name ?? t("formerProvider");
    },
    roomOf: ({ room }) => {
      if (room === undefined) return t("noRoom");
      if (setup === undefined) return "";
      return setup.places.find(({ id }) => id === room)?.name ?? t("unknownPlace");
    },
    visitTypeOf: ({ visitType }) => setup?.visitTypes.find(({ id }) => id === visitType)?.name ?? "",
  };
}
