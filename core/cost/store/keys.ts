import type { Day, Month } from "../period.ts";

/** Where things lie in the cost bucket. Names are months, hours, opaque ids and digests. */

/**
 * All that was ever read from the logs of an hour, by the function whose log it stood in, under the digest of its lines. A quiet
 * day's own are one file of each function, under the day.
 */
export const factsKey = (when: string, source: string, sha256: string): string =>
  `v1/facts/${when.slice(0, 7)}/${when}/${source}/${sha256}.jsonl.gz`;
/** All facts of a day, by hours and by itself. */
export const factsOfDayPrefix = (day: Day): string => `v1/facts/${day.slice(0, 7)}/${day}`;

const FACTS = /^v1\/facts\/\d{4}-\d{2}\/(\d{4}-\d{2}-\d{2}(?:T\d{2})?)\/([a-z][a-z-]*)\/[0-9a-f]{64}\.jsonl\.gz$/;
/** The hour (or day) and function that a name of facts is of; undefined for any other name. */
export function parseFactsKey(key: string): { readonly hour: string; readonly source: string } | undefined {
  const match = FACTS.exec(key);
  return match === null ? undefined : { hour: match[1] ?? "", source: match[2] ?? "" };
}

/** What is made of facts, and made again when more are known. */
export const hourKey = (hour: string): string => `v1/hours/${hour.slice(0, 7)}/${hour}.json.gz`;
export const DAYS = "v1/days/";
export const dayKey = (day: Day): string => `${DAYS}${day.slice(0, 7)}/${day}.json.gz`;
export const dayOfKey = (key: string): Day => key.slice(key.lastIndexOf("/") + 1).replace(/\.json\.gz$/, "");
/** Of which facts the hours of a month were made. */
export const stateKey = (month: Month): string => `v1/state/${month}.json`;
export const rosterKey = (day: Day): string => `v1/roster/${day}.json`;
export const ROSTERS = "v1/roster/";
export const MONTHS = "v1/months/";
/** A month's book: its header, what it adds up to, and its lines by day. */
export const bookFolder = (month: Month): string => `${MONTHS}${month}/`;
export const bookKey = (month: Month): string => `${bookFolder(month)}${BOOK}`;
/** In a book's folder. */
export const BOOK = "book.json.gz";
export const TENANTS = "tenants.json.gz";
export const TOTALS = "totals.jsonl.gz";
export const CHARGES = "charges.jsonl.gz";
export const partName = (part: string): string => `days/${part}.jsonl.gz`;
export const correctionName = (mended: Month, part: string): string => `corrections/${mended}/${part}.jsonl.gz`;
export const madeKey = (month: Month): string => `v1/state/${month}-book.json`;
/** What the days of a month that are over add up to. */
export const pastKey = (month: Month): string => `v1/state/${month}-past.jsonl.gz`;
export const statementKey = (tenantId: string, month: Month): string => `${clinicPrefix(tenantId)}${month}.json`;
/** What IAM holds a clinic's own administrators to. */
export const clinicPrefix = (tenantId: string): string => `v1/clinics/${tenantId}/`;

/** How far the logs were read. */
export const MARK = "v1/mark.json";

/** What was said stays said: created once. */
export const alertsPrefix = (month: Month): string => `v1/alerts/${month}/`;

/** What people enter: every version is a file of its own. */
export const inputPrefix = (kind: string, scope = ""): string => `v1/inputs/${kind}/${scope === "" ? "" : `${scope}/`}`;
export const inputKey = (kind: string, scope: string, id: string, version: number): string =>
  `${inputPrefix(kind, scope)}${id}/${String(version).padStart(6, "0")}.json`;
/** AWS's own files, by their digest. */
export const billFileKey = (month: Month, sha256: string): string => `v1/bills/${month}/${sha256}.csv`;

/** A closed month: created once, with its digests in the manifest that lies locked in the archive. */
export const closedPrefix = (month: Month): string => `v1/closed/${month}/`;
export const CLOSED = "v1/closed/";
/** Of what a closed month was made, and which months it mends: so much is asked of it where something new came. In a book's folder. */
export const MADE = "made.json";
export const CORRECTIONS = "v1/state/corrections.json.gz";
export const manifestKey = (month: Month): string => `${closedPrefix(month)}manifest.json`;
