import type { ExportView } from "../../../../core/contract/index.ts";
import type { RuleTexts } from "../../api/problem-text.ts";
import type { Say } from "../../i18n/index.ts";
import { exportMessages } from "./messages.ts";

export type ExportKey = keyof typeof exportMessages.en;

const isKey = (key: string): key is ExportKey => Object.hasOwn(exportMessages.en, key);

export const rulesOf = (t: Say<ExportKey>): RuleTexts => ({
  "approval-expired": t("rule.approval-expired"),
  "approval-decided": t("rule.approval-decided"),
  "second-person": t("rule.second-person"),
  "export-scope": t("rule.export-scope"),
});

export const scopeText = ({ patients }: Pick<ExportView, "patients">, t: Say<ExportKey>): string =>
  patients === undefined ? t("allShort") : t("namedShort", { count: patients.length });

export const reasonText = (code: string, t: Say<ExportKey>): string => {
  const key = `reason.${code}`;
  return isKey(key) ? t(key) : code;
};

/** FHIR R4 datatypes.html#id, one on each line. Undefined where a line is none. */
export function chartIdsOf(text: string): readonly string[] | undefined {
  const lines = text.split(/\s+/).filter((line) => line !== "");
  return lines.length > 0 && lines.every((line) => /^[A-Za-z0-9.-]{1,64}$/.test(line))
    ? [...new Set(lines)]
    : undefined;
}
