import type { SQLInputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Item } from "./attribute-value.ts";
import { attributeOf, scalarText, typeOf } from "./attribute-value.ts";
import { dataCheck, selectAsked } from "./authorize.ts";
import { Capacity, capacityMember, readUnits } from "./capacity.ts";
import type { Engine } from "./engine.ts";
import { invalidParameter, validation } from "./errors.ts";
import { attributesIn, meets } from "./expression/condition.ts";
import type { KeyRange } from "./expression/key-condition.ts";
import { bindKeyCondition, hashValueOf } from "./expression/key-condition.ts";
import type { PathTree } from "./expression/path.ts";
import { projectItem } from "./expression/path.ts";
import { readText } from "./input.ts";
import { entrySizeBytes, StoredItem } from "./item-store.ts";
import { joinJson } from "./items.ts";
import type { KeyBytes } from "./keys.ts";
import { keyInIndex, keyNamesOf, keyOfItem, pick } from "./keys.ts";
import type { Operation, Reply } from "./plan.ts";
import type { ReadRequest } from "./read-request.ts";
import { parseRead } from "./read-request.ts";
import type { ItemRow } from "./store.ts";
import type { Index, KeyNames, Table } from "./tables.ts";
import { keyTypeOf } from "./tables.ts";

const MAX_PAGE_BYTES = 1024 * 1024;

/** The key that the request reads by: the index's where it names one. */
function keysOf(table: Table, request: ReadRequest): { index: Index | undefined; keys: KeyNames } {
  if (request.index === undefined) return { index: undefined, keys: table };
  const index = table.indexes.find(({ name }) => name === request.index);
  if (index === undefined) throw validation(`The table does not have the specified index: ${request.index}`);
  if (index.scope === "global" && request.isConsistent) {
    throw validation("Consistent reads are not supported on global secondary indexes");
  }
  if (request.select === "ALL_ATTRIBUTES" && index.scope === "global" && index.projection !== "ALL") {
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  const missing = unprojected(index, request.projection);
  if (index.scope === "global" && missing.length > 0) {
    throw invalidParameter(`Global secondary index ${index.name} does not project [${missing.join(", ")}]`);
  }
  return { index, keys: index };
}

/** Top-level attributes of a projection that an index does not hold. */
function unprojected(index: Index, projection: PathTree | undefined): string[] {
  const { projected } = index;
  if (projected === undefined || projection === undefined) return [];
  return [...projection.children.keys()].filter(
    (name): name is string => typeof name === "string" && !projected.has(name),
  );
}

interface StartKey {
  readonly item: KeyBytes;
  readonly entry: KeyBytes | undefined;
}

/** Checks an ExclusiveStartKey against the schema and the bounds of the query. */
function bindStartKey(table: Table, index: Index | undefined, startKey: Item, range: KeyRange | undefined): StartKey {
  const invalid = validation("The provided starting key is invalid");
  const names = new Set([...keyNamesOf(table), ...(index === undefined ? [] : keyNamesOf(index))]);
  if (Object.keys(startKey).length !== names.size) throw invalid;
  for (const name of names) {
    const value = attributeOf(startKey, name);
    if (value === undefined || typeOf(value) !== keyTypeOf(table, name)) throw invalid;
  }
  const item = keyOfItem(table, startKey);
  const entry = index && keyInIndex(table, index, startKey);
  if (range !== undefined) {
    const { pk, sk } = entry ?? item;
    const isInside =
      pk.equals(range.hash) &&
      range.range.every(({ operator, bytes }) => {
        const order = Buffer.compare(sk, bytes);
        return operator === "=" ? order === 0 : operator.startsWith(">") ? order >= 0 : order <= 0;
      });
    if (!isInside) {
      throw validation("The provided starting key is outside query boundaries based on provided conditions");
    }
  }
  return { item, entry };
}

interface ReadRow extends ItemRow {
  readonly pk: Uint8Array;
}

/** The rows of a query or scan in order, lazily. */
function selectRows(
  engine: Engine,
  table: Table,
  index: Index | undefined,
  range: KeyRange | undefined,
  start: StartKey | undefined,
  isForward: boolean,
): Iterable<ReadRow> {
  const columns = index === undefined ? ["pk", "sk"] : ["hash", "range", "pk", "sk"];
  const parameters: SQLInputValue[] = [index?.id ?? table.id];
  let where = index === undefined ? "i.t=?" : "e.ix=?";
  const prefix = index === undefined ? "i." : "e.";
  const [hashColumn, rangeColumn] = columns;
  if (range !== undefined) {
    where += ` AND ${prefix}${String(hashColumn)}=?`;
    parameters.push(range.hash);
    for (const { operator, bytes } of range.range) {
      where += ` AND ${prefix}${String(rangeColumn)}${operator}?`;
      parameters.push(bytes);
    }
  }
  if (start !== undefined) {
    const key = [...(start.entry ? [start.entry.pk, start.entry.sk] : []), start.item.pk, start.item.sk];
    where += ` AND (${columns.map((column) => prefix + column).join(",")}) ${isForward ? ">" : "<"} (${columns.map(() => "?").join(",")})`;
    parameters.push(...key);
  }
  const order = columns.map((column) => prefix + column + (isForward ? "" : " DESC")).join(",");
  const from = index === undefined ? "items i" : "entries e CROSS JOIN items i ON i.id=e.item";
  return engine.store
    .query<ReadRow>(`SELECT i.id, i.size, i.item, i.pk FROM ${from} WHERE ${where} ORDER BY ${order}`)
    .iterate(...parameters);
}

interface Page {
  readonly items: string[];
  count: number;
  scanned: number;
  bytes: number;
  /** Bytes read from the table for a local index that lacks what is asked. */
  fetchUnits: number;
  last: StoredItem | undefined;
  isCut: boolean;
}

function readPage(request: ReadRequest, index: Index | undefined, rows: Iterable<ReadRow>): Page {
  const page: Page = { items: [], count: 0, scanned: 0, bytes: 0, fetchUnits: 0, last: undefined, isCut: false };
  const fetches =
    index?.scope === "local" &&
    index.projected !== undefined &&
    (request.select === "ALL_ATTRIBUTES" || unprojected(index, request.projection).length > 0);
  const projected = fetches ? undefined : index?.projected;
  for (const row of rows) {
    if (request.segment !== undefined && crc32(row.pk) % request.segment.total !== request.segment.number) continue;
    const stored = new StoredItem(row);
    page.scanned += 1;
    page.bytes += index === undefined ? stored.sizeBytes : entrySizeBytes(index, stored);
    if (fetches) page.fetchUnits += readUnits(stored.sizeBytes, request.isConsistent);
    page.last = stored;
    const visible = projected === undefined ? undefined : pick(stored.item, projected);
    if (request.filter === undefined || meets(request.filter, visible ?? stored.item)) {
      page.count += 1;
      if (request.select !== "COUNT") {
        page.items.push(
          request.projection !== undefined
            ? JSON.stringify(projectItem(visible ?? stored.item, request.projection))
            : visible === undefined
              ? stored.json
              : JSON.stringify(visible),
        );
      }
    }
    // AWS tells a last key at exactly Limit, also where nothing follows.
    if (page.scanned === request.limit || page.bytes >= MAX_PAGE_BYTES) {
      page.isCut = true;
      break;
    }
  }
  return page;
}

function runRead(engine: Engine, request: ReadRequest): Reply {
  const table = engine.tables.require(request.table);
  const { index, keys } = keysOf(table, request);
  const range = request.clauses && bindKeyCondition(request.clauses, table, keys);
  if (range !== undefined && request.filter !== undefined) {
    const filtered = attributesIn(request.filter);
    const keyAttribute = keyNamesOf(keys).find((name) => filtered.has(name));
    if (keyAttribute !== undefined) {
      throw validation(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${keyAttribute}`,
      );
    }
  }
  const start = request.startKey && bindStartKey(table, index, request.startKey, range);
  if (start !== undefined && request.segment !== undefined) {
    if (crc32(start.item.pk) % request.segment.total !== request.segment.number) {
      throw validation(
        "The provided Exclusive start key does not map to the provided Segment and TotalSegments values.",
      );
    }
  }
  const rows = selectRows(engine, table, index, range, start, request.isForward);
  const page = readPage(request, index, rows);
  const lastKey =
    page.isCut && page.last
      ? pick(page.last.item, new Set([...keyNamesOf(table), ...(index === undefined ? [] : keyNamesOf(index))]))
      : undefined;
  const units = readUnits(page.bytes, request.isConsistent);
  const capacity = new Capacity(table).addTable(index === undefined ? units : page.fetchUnits);
  if (index !== undefined) capacity.addIndex(index.name, units);
  engine.consumption.read(capacity);
  return joinJson([["Items", request.select === "COUNT" ? undefined : `[${page.items.join(",")}]`]], {
    Count: page.count,
    ScannedCount: page.scanned,
    LastEvaluatedKey: lastKey,
    ...capacityMember(request.mode, capacity),
  });
}

/** The partition key that a query reads, as IAM compares it; none for a scan or where the schema is unknown. */
function leadingKeys(engine: Engine, request: ReadRequest): string[] {
  const table = engine.tables.find(request.table);
  const keys = request.index === undefined ? table : table?.indexes.find(({ name }) => name === request.index);
  const value = keys && request.clauses && hashValueOf(request.clauses, keys.hash);
  const text = value && scalarText(value);
  return text === undefined ? [] : [text];
}

const read =
  (action: "Query" | "Scan"): Operation =>
  (engine, input) => {
    const request = parseRead(input, action === "Query");
    const keys = leadingKeys(engine, request);
    return {
      checks: [
        dataCheck(engine, {
          action,
          table: request.table,
          index: request.index,
          leadingKeys: keys,
          attributes: request.attributes,
          select: selectAsked(input, request.index),
          returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
        }),
      ],
      readOnly: true,
      managementEvent: false,
      parameters: {
        tableName: request.table,
        ...(request.index === undefined ? {} : { indexName: request.index }),
        ...(action === "Query" ? { partitionKey: keys } : {}),
      },
      run: () => runRead(engine, request),
    };
  };

export const query = read("Query");
export const scan = read("Scan");
