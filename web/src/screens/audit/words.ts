import type { Say } from "../../i18n/index.ts";
import { interactionMessages } from "./interaction-messages.ts";
import { auditMessages } from "./messages.ts";

export type AuditKey = keyof typeof auditMessages.en;

const isKey = (key: string): key is AuditKey => Object.hasOwn(auditMessages.en, key);

/** The word for a code of the trail; the code itself where a newer server knows more. */
export const auditWord = (
  t: Say<AuditKey>,
  group: "action" | "outcome" | "severity" | "kind" | "consent" | "decided" | "stage" | "check",
  code: string,
): string => {
  const key = `${group}.${code}`;
  return isKey(key) ? t(key) : code;
};

interface Done {
  readonly action: string;
  readonly interaction: string;
  readonly types: readonly string[];
}

export type InteractionKey = keyof typeof interactionMessages.en;

const isNamed = (interaction: string): interaction is InteractionKey =>
  Object.hasOwn(interactionMessages.en, interaction);

/** "Opened the chart", "Created: Observation": what an event was. FHIR's reading and writing names its types. */
export function whatText({ action, interaction, types }: Done, t: Say<AuditKey>, say: Say<InteractionKey>): string {
  const records = types.filter((type) => type !== "View");
  const isRecords = ["search", "everything", "history", "vread", "transaction"].includes(interaction);
  if (isNamed(interaction))
    return isRecords && records.length > 0 ? `${say(interaction)}: ${records.join(", ")}` : say(interaction);
  return records.length === 0 ? interaction : `${auditWord(t, "action", action)}: ${records.join(", ")}`;
}

/** FHIR R4 datatypes.html#id: what the id of a chart can be. Anything else is not sent anywhere. */
export const isChartId = (text: string): boolean => /^[A-Za-z0-9.-]{1,64}$/.test(text);
