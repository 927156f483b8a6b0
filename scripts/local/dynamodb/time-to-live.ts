import { invariant } from "../../../core/kernel/invariant.ts";
import type { Item } from "./attribute-value.ts";
import { tableCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { constraint, validation } from "./errors.ts";
import { readFlag, readRequiredStructure, readRequiredText, readTableName, required } from "./input.ts";
import { expiryOf, StoredItem, writeItem } from "./item-store.ts";
import type { Operation } from "./plan.ts";
import type { ItemRow } from "./store.ts";
import { announce } from "./journal.ts";
import { requireTable } from "./table-operations.ts";
import type { Table } from "./tables.ts";

/** Source: Developer Guide, "Using time to live": an item that expired more than five years ago is left alone. */
const MAX_AGE_SECONDS = 5 * 365 * 24 * 60 * 60;
const BATCH = 200;

/** Turns time to live on by an attribute, or off; items that are there already are counted in. */
export function setTimeToLive(engine: Engine, table: Table, attribute: string | undefined): Table {
  return engine.store.transaction(() => {
    const changed = engine.tables.save({ ...table, ttlAttribute: attribute });
    if (attribute === undefined) {
      engine.store.query("UPDATE items SET ttl=NULL WHERE t=?").run(table.id);
      return changed;
    }
    const rows = engine.store.query<{ id: number; item: string }>("SELECT id, item FROM items WHERE t=?").all(table.id);
    for (const { id, item } of rows) {
      engine.store.query("UPDATE items SET ttl=? WHERE id=?").run(expiryOf(changed, JSON.parse(item) as Item), id);
    }
    return changed;
  });
}

export const updateTimeToLive: Operation = (engine, input) => {
  const name = readTableName(input);
  const specification = readRequiredStructure(input, "TimeToLiveSpecification");
  const attribute = readRequiredText(specification, "AttributeName");
  if (attribute === "") {
    throw constraint(
      "''",
      "timeToLiveSpecification.attributeName",
      "Member must have length greater than or equal to 1",
    );
  }
  const isEnabled = readFlag(specification, "Enabled");
  if (isEnabled === undefined) throw required("timeToLiveSpecification.enabled");
  return {
    checks: [tableCheck(engine, "UpdateTimeToLive", name)],
    readOnly: false,
    managementEvent: true,
    parameters: { tableName: name, timeToLiveSpecification: { enabled: isEnabled, attributeName: attribute } },
    run: () => {
      const table = requireTable(engine, name);
      const current = table.ttlAttribute;
      if (current === undefined) {
        if (!isEnabled) throw validation("TimeToLive is already disabled");
      } else if (current !== attribute) {
        throw validation(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
      } else if (isEnabled) {
        throw validation("TimeToLive is already enabled");
      }
      setTimeToLive(engine, table, isEnabled ? attribute : undefined);
      return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: isEnabled } };
    },
  };
};

export const describeTimeToLive: Operation = (engine, input) => {
  const name = readTableName(input);
  return {
    checks: [tableCheck(engine, "DescribeTimeToLive", name)],
    readOnly: true,
    managementEvent: true,
    parameters: { tableName: name },
    run: () => {
      const { ttlAttribute } = requireTable(engine, name);
      return {
        TimeToLiveDescription:
          ttlAttribute === undefined
            ? { TimeToLiveStatus: "DISABLED" }
            : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute },
      };
    },
  };
};

interface ExpiredRow extends ItemRow {
  readonly t: number;
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
}

/**
 * Deletes what has expired by the clock, with stream records that name DynamoDB as the one who deleted. Gives the
 * number of items. AWS takes up to days; this takes none.
 */
export function expireItems(engine: Engine): number {
  const tables = new Map([...engine.tables.all()].map((table) => [table.id, table]));
  const nowSeconds = Math.floor(engine.clock.now() / 1000);
  let expired = 0;
  for (;;) {
    const rows = engine.store
      .query<ExpiredRow>("SELECT id, t, pk, sk, size, item FROM items WHERE ttl<? AND ttl>? LIMIT ?")
      .all(nowSeconds, nowSeconds - MAX_AGE_SECONDS, BATCH);
    if (rows.length === 0) return expired;
    const atMs = engine.clock.now();
    engine.store.transaction(() => {
      for (const row of rows) {
        const table = tables.get(row.t);
        invariant(table !== undefined, "an item belongs to a table");
        const key = { pk: Buffer.from(row.pk), sk: Buffer.from(row.sk) };
        writeItem(engine, { table, key, old: new StoredItem(row), next: undefined, cause: "ttl", atMs });
      }
    });
    expired += rows.length;
    announce(
      engine,
      rows.flatMap((row) => tables.get(row.t) ?? []),
    );
  }
}
