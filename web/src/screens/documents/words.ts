import {
  DOCUMENT_TYPES,
  type DocumentsView,
  type DocumentType,
  type EditionView,
  isAdministrative,
} from "../../../../core/contract/document.ts";
import { useMemo } from "react";
import { useText } from "../../i18n/index.ts";
import type { Choice, Tone } from "../../ui/index.ts";
import { documentMessages, documentRules } from "./messages.ts";

export const SCAN_TONES: Readonly<Record<EditionView["scan"], Tone>> = {
  pending: "info",
  clean: "success",
  infected: "danger",
  failed: "warning",
};

/** The screen's sentences for rules of the server. */
export function useRules(): Readonly<Record<string, string>> {
  const say = useText(documentRules);
  return useMemo(
    () =>
      Object.fromEntries(
        (Object.keys(documentRules.en) as (keyof typeof documentRules.en)[]).map((rule) => [rule, say(rule)]),
      ),
    [say],
  );
}

/** The types that somebody may choose, under the name of their kind. */
export function useTypeChoices(may: Pick<DocumentsView["mayFile"], "clinical" | "administrative">): readonly Choice[] {
  const t = useText(documentMessages);
  const isOpen = (type: DocumentType): boolean => (isAdministrative(type) ? may.administrative : may.clinical);
  return DOCUMENT_TYPES.filter(isOpen).map((type) => ({
    value: type,
    label: t(`type.${type}`),
    group: t(isAdministrative(type) ? "group.office" : "group.clinical"),
  }));
}

type Why = "why.pending" | "why.infected" | "why.failed" | "why.active" | "why.noPreview";

/** Why a content is not opened like any other; undefined where it is. */
export function whyOf({
  scan,
  isSavable,
  preview,
}: Pick<EditionView, "scan" | "isSavable" | "preview">): Why | undefined {
  if (scan !== "clean") return `why.${scan}`;
  if (!isSavable) return "why.active";
  return preview === "none" ? "why.noPreview" : undefined;
}
