import { IconLock, IconLockOpen, IconPencil } from "@tabler/icons-react";
import type { NoteLine } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import type { IconType, Tone } from "../../ui/index.ts";
import { noteMessages } from "./messages.ts";

const RULES = [
  "note-checks",
  "note-act",
  "note-locked",
  "visit-appointment",
  "visit-without-notes",
  "visit-change",
  "template-unknown",
] as const;

/** The words of the area, the clinic's days and times, and sentences for the rules that its requests can meet. */
export function useWords() {
  const [t, format] = [useText(noteMessages), useFormat()];
  const rules = Object.fromEntries(RULES.map((rule) => [rule, t(`rule.${rule}`)]));
  return { t, format, rules };
}
export type Words = ReturnType<typeof useWords>;

interface Look {
  readonly text: string;
  readonly tone: Tone;
  readonly icon: IconType;
}

/** What state a note is in: in words, with a mark. */
export function lookOf({ state, isAmended }: Pick<NoteLine, "state" | "isAmended">, t: Words["t"]): Look {
  switch (state) {
    case "draft":
      return { text: t("state.draft"), tone: "info", icon: IconPencil };
    case "signed":
      return { text: t("state.signed"), tone: "success", icon: IconLockOpen };
    case "locked":
      return { text: t(isAmended ? "state.amended" : "state.locked"), tone: "success", icon: IconLock };
    case "reopened":
      return { text: t("state.reopened"), tone: "warning", icon: IconPencil };
    case "entered-in-error":
      return { text: t("state.entered-in-error"), tone: "neutral", icon: IconPencil };
  }
}

export const namesOf = (people: readonly { readonly name: string }[]): string =>
  people.flatMap(({ name }) => (name === "" ? [] : name)).join(", ");
