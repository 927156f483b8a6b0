import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { TableName } from "./definitions.ts";
import { tables } from "./definitions.ts";
import type { Key } from "./keys.ts";
import { marshalRow, unmarshalRow } from "./marshal.ts";
import type { Meter, TableOperation } from "./meter.ts";
import { addUnits, cancelledUnits, createMeter } from "./meter.ts";
import { rowSizeBytes } from "./size.ts";
import type {
  Attribute,
  Condition,
  Page,
  PageKey,
  Query,
  ReadFailure,
  Row,
  Table,
  TableWrite,
  WriteFailure,
} from "./table.ts";
import { TRANSACTION_LIMIT } from "./table.ts";

const ROW_LIMIT_BYTES = 400 * 1024;
const PAGE_LIMIT_BYTES = 1024 * 1024;

/** Everything that the tables hold, shared by the `Table`s of several scopes. */
export interface MemoryStore {
  readonly rows: Map<TableName, Map<string, Row>>;
  readonly tokens: Map<string, string>;
}

export interface MemoryTable extends Table {
  readonly store: MemoryStore;
  /** The next call of the operation fails so. */
  failNext(operation: TableOperation, failure: WriteFailure): void;
}

export const createMemoryStore = (): MemoryStore => ({ rows: new Map(), tokens: new Map() });

/** `Table` in memory, for tests of what stands above: it passes the same contract as DynamoDB, capacity included. */
export function createMemoryTable(store: MemoryStore = createMemoryStore(), meter: Meter = createMeter()): MemoryTable {
  const planned: { operation: TableOperation; failure: WriteFailure }[] = [];

  const rowsOf = (table: TableName): Map<string, Row> => {
    const rows = store.rows.get(table) ?? new Map<string, Row>();
    store.rows.set(table, rows);
    return rows;
  };

  /** Counts the call, and gives the failure that a test has planned for it. */
  function begin(operation: TableOperation): WriteFailure | undefined {
    meter.calls[operation] += 1;
    const at = planned.findIndex((plan) => plan.operation === operation);
    return at === -1 ? undefined : planned.splice(at, 1)[0]?.failure;
  }

  function query(table: TableName, input: Query): Result<Page, ReadFailure> {
    const failure = begin("Query");
    if (failure) return err(asRead(failure));
    const [partition, sort] = input.index === undefined ? (["pk", "sk"] as const) : (["gpk", "gsk"] as const);
    const sortOf = (row: Row): string => text(row[sort]);
    const place = (row: Row): string => [sortOf(row), row.pk, row.sk].join("\n");
    const found = [...rowsOf(table).values()]
      .filter((row) => row[partition] === input.pk && (input.index === undefined || row[sort] !== undefined))
      .filter((row) => input.prefix === undefined || sortOf(row).startsWith(input.prefix))
      .filter((row) => !input.between || (sortOf(row) >= input.between[0] && sortOf(row) <= input.between[1]))
      .toSorted((left, right) => (place(left) < place(right) ? -1 : 1) * (input.isDescending === true ? -1 : 1));
    const start = input.after === undefined ? 0 : found.findIndex((row) => isSameKey(row, input.after as PageKey)) + 1;
    const rows: Row[] = [];
    let sizeBytes = 0;
    for (const row of found.slice(start)) {
      rows.push(projected(table, row, input.index));
      sizeBytes += rowSizeBytes(rows.at(-1) as Row);
      if (rows.length === input.limit || sizeBytes > PAGE_LIMIT_BYTES) break;
    }
    const part = input.index === undefined ? table : `${table}/${input.index}`;
    addUnits(meter.reads, part, readUnits(sizeBytes, input.isConsistent === true && input.index === undefined));
    const last = rows.at(-1);
    const isCut = last !== undefined && (rows.length === input.limit || sizeBytes > PAGE_LIMIT_BYTES);
    return ok(isCut ? { rows, next: keysOf(last, input.index) } : { rows });
  }

  function judge(writes: readonly TableWrite[]): WriteFailure | undefined {
    const failed = writes.flatMap((write, index) => {
      const key = write.kind === "put" ? write.row : write.key;
      const row = rowsOf(write.table).get(nameOf(key));
      return write.condition && !holds(write.condition, row) ? [index] : [];
    });
    if (failed.length > 0) return { kind: "conflict", failed };
    const isTooLong = writes.some((write) => write.kind === "put" && rowSizeBytes(write.row) > ROW_LIMIT_BYTES);
    return isTooLong ? { kind: "too-long" } : undefined;
  }

  /** What DynamoDB asks for a transaction that it cancels. */
  function countCancelled(writes: readonly TableWrite[], failure: WriteFailure): void {
    if (failure.kind !== "conflict") return;
    for (const [index, write] of writes.entries()) {
      const isKnown = write.kind === "put" && !failure.failed.includes(index);
      addUnits(meter.writes, write.table, cancelledUnits(isKnown ? write.row : undefined));
    }
  }

  function apply(write: TableWrite, factor: number): void {
    const rows = rowsOf(write.table);
    if (write.kind === "check") {
      const sizeBytes = rowSizeBytes(rows.get(nameOf(write.key)) ?? { ...write.key });
      addUnits(meter.writes, write.table, factor * Math.max(1, Math.ceil(sizeBytes / 1024)));
      return;
    }
    // Through DynamoDB's own words, so that what cannot be stored there cannot be stored here.
    const row = unmarshalRow(marshalRow(write.row));
    const before = rows.get(nameOf(row));
    const sizeBytes = Math.max(rowSizeBytes(row), before ? rowSizeBytes(before) : 0);
    addUnits(meter.writes, write.table, factor * Math.max(1, Math.ceil(sizeBytes / 1024)));
    for (const [index, units] of indexUnits(write.table, before, row))
      addUnits(meter.writes, `${write.table}/${index}`, factor * units);
    rows.set(nameOf(row), row);
  }

  return {
    store,
    failNext: (operation, failure) => planned.push({ operation, failure }),

    get(table, key, options) {
      const failure = begin("GetItem");
      if (failure) return Promise.resolve(err(asRead(failure)));
      const row = rowsOf(table).get(nameOf(key));
      addUnits(meter.reads, table, readUnits(row ? rowSizeBytes(row) : 0, options?.isConsistent === true));
      return Promise.resolve(ok(row));
    },

    getMany(table, keys, options) {
      const names = [...new Set(keys.map(nameOf))];
      for (let at = 0; at < names.length; at += 100) {
        const failure = begin("BatchGetItem");
        if (failure) return Promise.resolve(err(asRead(failure)));
        for (const name of names.slice(at, at + 100)) {
          const row = rowsOf(table).get(name);
          addUnits(meter.reads, table, readUnits(row ? rowSizeBytes(row) : 0, options?.isConsistent === true));
        }
      }
      return Promise.resolve(ok(keys.map((key) => rowsOf(table).get(nameOf(key)))));
    },

    query: (table, input) => Promise.resolve(query(table, input)),

    queryAll(table, input) {
      const rows: Row[] = [];
      let after = input.after;
      for (;;) {
        const page = query(table, { ...input, ...(after && { after }) });
        if (!page.ok) return Promise.resolve(page);
        rows.push(...page.value.rows);
        after = page.value.next;
        if (after === undefined || (input.limit !== undefined && rows.length >= input.limit)) {
          return Promise.resolve(ok(input.limit === undefined ? rows : rows.slice(0, input.limit)));
        }
      }
    },

    transactWrite(writes, token) {
      invariant(writes.length >= 1 && writes.length <= TRANSACTION_LIMIT, "a transaction has 1 to 100 writes");
      const names = writes.map((write) => `${write.table}\n${nameOf(write.kind === "put" ? write.row : write.key)}`);
      invariant(new Set(names).size === names.length, "a transaction touches a row once");
      const failure = begin("TransactWriteItems");
      if (failure) return Promise.resolve(err(failure));
      if (token !== undefined) {
        const print = JSON.stringify(writes);
        const before = store.tokens.get(token);
        invariant(before === undefined || before === print, "a token belongs to one transaction");
        if (before !== undefined) {
          for (const write of writes) {
            const row = rowsOf(write.table).get(nameOf(write.kind === "put" ? write.row : write.key));
            addUnits(meter.reads, write.table, 2 * readUnits(row ? rowSizeBytes(row) : 0, true));
          }
          return Promise.resolve(ok(undefined));
        }
      }
      const refused = judge(writes);
      if (refused) {
        countCancelled(writes, refused);
        return Promise.resolve(err(refused));
      }
      if (token !== undefined) store.tokens.set(token, JSON.stringify(writes));
      for (const write of writes) apply(write, 2);
      return Promise.resolve(ok(undefined));
    },

    put(table, row, condition) {
      const failure = begin("PutItem");
      const write: TableWrite = { kind: "put", table, row, ...(condition && { condition }) };
      const refused = failure ?? judge([write]);
      if (refused) {
        if (failure === undefined && refused.kind === "conflict") addUnits(meter.writes, table, 1);
        return Promise.resolve(err(refused));
      }
      apply(write, 1);
      return Promise.resolve(ok(undefined));
    },
  };
}

const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;
const isSameKey = (row: Row, key: PageKey): boolean => row.pk === key["pk"] && row.sk === key["sk"];

const text = (value: Attribute | undefined): string => (typeof value === "string" ? value : "");

const keysOf = (row: Row, index: Query["index"]): PageKey => ({
  pk: row.pk,
  sk: row.sk,
  ...(index !== undefined && { gpk: text(row["gpk"]), gsk: text(row["gsk"]) }),
});

function projected(table: TableName, row: Row, index: Query["index"]): Row {
  const isKeysOnly = tables[table].indexes.some((each) => each.name === index && each.projection === "KEYS_ONLY");
  return isKeysOnly ? { ...keysOf(row, index), pk: row.pk, sk: row.sk } : row;
}

function holds(condition: Condition, row: Row | undefined): boolean {
  if (condition.kind === "absent") return row === undefined;
  if (condition.kind === "present" || row === undefined) return row !== undefined;
  return Object.entries(condition.attributes).every(([name, value]) => row[name] === value);
}

const readUnits = (sizeBytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(sizeBytes / 4096)) * (isConsistent ? 1 : 0.5);

/** An index row is written where it appears or changes, and once more where it leaves its old place. */
function indexUnits(table: TableName, before: Row | undefined, after: Row): [index: string, units: number][] {
  const units: [string, number][] = [];
  for (const index of tables[table].indexes) {
    const entry = (row: Row | undefined): Row | undefined =>
      row?.["gpk"] === undefined || row["gsk"] === undefined ? undefined : projected(table, row, index.name as "gsi1");
    const [old, fresh] = [entry(before), entry(after)];
    const cost = (row: Row): number => Math.max(1, Math.ceil(rowSizeBytes(row) / 1024));
    const isMoved = old?.["gpk"] !== fresh?.["gpk"] || old?.["gsk"] !== fresh?.["gsk"];
    if (isMoved) units.push([index.name, (old ? cost(old) : 0) + (fresh ? cost(fresh) : 0)]);
    else if (old && fresh && JSON.stringify(old) !== JSON.stringify(fresh))
      units.push([index.name, Math.max(cost(old), cost(fresh))]);
  }
  return units;
}

function asRead({ kind }: WriteFailure): ReadFailure {
  return { kind: kind === "denied" || kind === "throttled" ? kind : "unavailable" };
}
