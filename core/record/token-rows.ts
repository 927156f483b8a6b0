import type { DataKey } from "../crypto/index.ts";
import { classSearchToken } from "../crypto/index.ts";
import type { FhirResource, ResourceType } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId, TableWrite } from "../table/index.ts";
import { parseRecordId, tokenPartition, tokenSort } from "../table/index.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { keyFailure } from "./failure.ts";
import { type Reporting, takenBy } from "./reported.ts";
import type { TokenField, TokenValue } from "./token-fields.ts";
import { tokenField, tokenValues, WAITING } from "./token-fields.ts";

/** A record as its tokens see it: in which class it stands, and what it says; nothing where it is deleted. */
export interface Tokened {
  readonly dataClass: RecordClass;
  readonly resource: FhirResource | undefined;
}

const isReview = ({ type, parameter }: TokenField): boolean => type === "Observation" && parameter === "review";

const nameOf = ({ field, value }: TokenValue): string => `${field.parameter}\n${value}`;

/** What a change ends and what it begins. A record that goes to another class takes all of its tokens with it. */
export function tokenDifference(
  before: Tokened | undefined,
  after: Tokened | undefined,
  isReported = false,
): { readonly ended: readonly TokenValue[]; readonly begun: readonly TokenValue[] } {
  const old = tokenValues(before?.resource);
  // What stands in a report that is written with it waits with that.
  const next = tokenValues(after?.resource).filter(({ field }) => !(isReported && isReview(field)));
  if (before?.dataClass !== after?.dataClass) return { ended: old, begun: next };
  const [oldNames, nextNames] = [new Set(old.map(nameOf)), new Set(next.map(nameOf))];
  return {
    ended: old.filter((each) => !nextNames.has(nameOf(each))),
    begun: next.filter((each) => !oldNames.has(nameOf(each))),
  };
}

/** How many rows a change writes at most, while a key has one version. */
export function tokenRowsOf(before: Tokened | undefined, after: Tokened | undefined, reporting?: Reporting): number {
  const [difference, reported] = [tokenDifference(before, after), tokenDifference(before, after, true)];
  const own = [difference, reported].map(({ ended, begun }) => ended.length + begun.length);
  return Math.max(...own) + takenBy(after?.resource, before?.resource, reporting?.written).length;
}

/** The rows of a record's tokens that its change writes: no role can delete a row, so one that ends says so. */
export async function tokenWrites(
  desk: Desk,
  { type, id }: { readonly type: ResourceType; readonly id: RecordId },
  change: { readonly before?: Tokened; readonly after?: Tokened; readonly eventId: string },
): Promise<Result<readonly TableWrite[], RecordFailure>> {
  const { before, after, eventId } = change;
  const { named, written } = desk.reporting ?? {};
  const { ended, begun } = tokenDifference(before, after, type === "Observation" && named?.has(id) === true);
  const writes: TableWrite[] = [];
  const add = (token: string, { field }: TokenValue, end: { readonly _del?: true }, of: RecordId = id): void => {
    const pk = tokenPartition(desk.grant.tenantId, field.type, field.parameter, token);
    const sk = tokenSort(field.type, of);
    const place = field.isSparse === true && end._del !== true ? { gpk: pk, gsk: sk } : {};
    writes.push({ kind: "put", table: "data", row: { pk, sk, _aud: eventId, ...place, ...end } });
  };
  if (before && ended.length > 0) {
    for (const value of ended) {
      // Nobody knows under which of the keys that still open its row was made.
      const tokens = await tokensOf(desk, before.dataClass, value);
      if (!tokens.ok) return tokens;
      for (const token of tokens.value) add(token, value, { _del: true });
    }
  }
  if (after && begun.length > 0) {
    const [xKey, classKey] = [
      await desk.keyring.sealingKey(desk.keyScope, "X"),
      await desk.keyring.sealingKey(desk.keyScope, after.dataClass),
    ];
    if (!xKey.ok) return err(keyFailure(xKey.error, desk.onAlarm));
    if (!classKey.ok) return err(keyFailure(classKey.error, desk.onAlarm));
    for (const value of begun) add(tokenOf(xKey.value, classKey.value, value), value, {});
  }
  // Of a staged transaction nobody knows yet whether it will count.
  const taken = desk.isStaging === true ? [] : takenBy(after?.resource, before?.resource, written);
  if (after && taken.length > 0) {
    const value = { field: tokenField("Observation", "review"), value: WAITING };
    const tokens = await tokensOf(desk, after.dataClass, value);
    if (!tokens.ok) return tokens;
    for (const each of taken.flatMap((one) => parseRecordId(one) ?? []))
      for (const token of tokens.value) add(token, value, { _del: true }, each);
  }
  return ok(writes);
}

const tokenOf = (xKey: DataKey, classKey: DataKey, { field, value }: TokenValue): string =>
  classSearchToken(xKey, classKey, `${field.type}.${field.parameter}`, value);

/** The tokens of a value in records of a class, under every version of the keys that opens: newest first. */
export async function tokensOf(
  desk: Pick<Desk, "keyring" | "keyScope" | "onAlarm">,
  dataClass: RecordClass,
  value: TokenValue,
): Promise<Result<readonly string[], RecordFailure>> {
  const xKeys = await desk.keyring.openingKeys(desk.keyScope, "X");
  if (!xKeys.ok) return err(keyFailure(xKeys.error, desk.onAlarm));
  const classKeys = await desk.keyring.openingKeys(desk.keyScope, dataClass);
  if (!classKeys.ok) return err(keyFailure(classKeys.error, desk.onAlarm));
  return ok(xKeys.value.flatMap((xKey) => classKeys.value.map((classKey) => tokenOf(xKey, classKey, value))));
}
