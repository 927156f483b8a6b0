import type { DueView, InboxItem, Party, ResultFlag, TaskView } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import type { Tone } from "../../ui/index.ts";
import { inboxMessages } from "./messages.ts";
import { workMessages } from "./work-messages.ts";

const RULES = [
  "category-reach",
  "category-down",
  "category-without-patient",
  "assignee-unknown",
  "task-move",
  "task-link",
  "moment-past",
  "time-skipped",
  "time-doubled",
  "day-unknown",
  "result-reviewed",
  "nothing-asked",
] as const;

/** The words of the area: what it shows (`t`), what is done in it (`w`), people, days, and sentences for its rules. */
export function useWords() {
  const [t, w, format] = [useText(inboxMessages), useText(workMessages), useFormat()];
  const whoIs = (party: Party): string => {
    switch (party.kind) {
      case "pool":
        return t(`pool.${party.pool}`);
      case "patient":
        return t("party.patient");
      case "person":
        return party.isMe ? t("party.me") : party.name;
      case "other":
        return party.name ?? t("party.other");
    }
  };
  const whenDue = ({ at, isDay, isOverdue }: DueView): string =>
    t(isOverdue ? "overdue" : "due", { when: isDay ? format.weekday(at) : format.dateTime(at) });
  const whoseIs = ({ patient }: Pick<InboxItem, "patient">): string => {
    if (patient === undefined) return t("noPatient");
    return patient.state === "value" ? format.name(patient.name) : t("someone");
  };
  const rules = Object.fromEntries(RULES.map((rule) => [rule, w(`rule.${rule}`)]));
  return { t, w, format, rules, whoIs, whenDue, whoseIs };
}
export type Words = ReturnType<typeof useWords>;

export const FLAG_TONES: Readonly<Record<ResultFlag, Tone>> = {
  normal: "success",
  low: "warning",
  high: "warning",
  abnormal: "warning",
  "critical-low": "danger",
  "critical-high": "danger",
  critical: "danger",
};

export const STATE_TONES: Readonly<Record<TaskView["state"], Tone>> = {
  requested: "neutral",
  accepted: "info",
  "in-progress": "info",
  completed: "success",
  cancelled: "neutral",
  failed: "warning",
};
