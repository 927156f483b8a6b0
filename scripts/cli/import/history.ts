import { copyLexemes, isJsonObject } from "../../../core/fhir/index.ts";
import { HISTORY_TAG } from "../../../core/record/inbox-guard.ts";

/*
 * What another system had as final was looked at there: an import of years would else fill the inbox with what nobody
 * will ever open, and hide what came this morning. What was not final there, or came from a day on that the operator
 * names, waits here as if it had come today.
 */

type Json = { readonly [member: string]: unknown };

const RESULTS: ReadonlySet<unknown> = new Set(["DiagnosticReport", "Observation"]);
/** FHIR R4 valueset-diagnostic-report-status.html and valueset-observation-status.html */
const FINAL: ReadonlySet<unknown> = new Set(["final", "amended", "corrected", "appended"]);

/** The first day of what waits, `yyyy-mm-dd`; without it nothing that is final does. */
export interface HistoryRule {
  readonly resultsSince?: string | undefined;
}

const dayOf = ({ effectiveDateTime, effectivePeriod, issued }: Json): string | undefined => {
  const start = isJsonObject(effectivePeriod) ? effectivePeriod["start"] : undefined;
  const told = [effectiveDateTime, start, issued].find((each) => typeof each === "string");
  return typeof told === "string" ? told.slice(0, 10) : undefined;
};

/** A result that was final in its source, tagged as that; every other record as it is. One without a date waits. */
export function asHistory(resource: Json, { resultsSince }: HistoryRule): Json {
  if (!RESULTS.has(resource["resourceType"]) || !FINAL.has(resource["status"])) return resource;
  const day = dayOf(resource);
  if (day === undefined || (resultsSince !== undefined && day >= resultsSince)) return resource;
  const meta = isJsonObject(resource["meta"]) ? resource["meta"] : {};
  const tags = Array.isArray(meta["tag"]) ? (meta["tag"] as unknown[]) : [];
  const tag = [...tags, { system: HISTORY_TAG, code: "imported" }];
  return copyLexemes(resource, { ...resource, meta: { ...meta, tag } }) as Json;
}

export const isTaggedHistory = (resource: Json): boolean => {
  const meta = isJsonObject(resource["meta"]) ? resource["meta"] : {};
  const tags = Array.isArray(meta["tag"]) ? (meta["tag"] as unknown[]) : [];
  return tags.some((tag) => isJsonObject(tag) && tag["system"] === HISTORY_TAG);
};
