import { normaliseItem } from "./attribute-value.ts";
import { dataCheck, leadingKeysOf, selectAsked } from "./authorize.ts";
import { CapacityByTable, readCapacityMode, readUnits } from "./capacity.ts";
import { constraint, validation } from "./errors.ts";
import { readExpressionNames } from "./expression/names.ts";
import { parseProjection } from "./expression/projection-parser.ts";
import { expectStructure } from "./attribute-value.ts";
import type { Input } from "./input.ts";
import { checkTableName, readFlag, readStructure, readStructures, readText, refuseLegacy, required } from "./input.ts";
import { itemJson } from "./items.ts";
import { readItem } from "./item-store.ts";
import { keyOfRequest } from "./keys.ts";
import type { Operation } from "./plan.ts";
import { announce } from "./journal.ts";
import { trailKey } from "./trail.ts";
import { applyWrite, bindWrite, parseWrite } from "./write.ts";

const MAX_READS = 100;
const MAX_WRITES = 25;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** RequestItems as pairs of table and content. */
function requestItems(input: Input, operation: string): (readonly [string, unknown])[] {
  const structure = readStructure(input, "RequestItems");
  if (structure === undefined) throw required("RequestItems");
  const entries = Object.entries(structure);
  if (entries.length === 0) throw validation(`The requestItems parameter is required for ${operation}`);
  for (const [table] of entries) checkTableName(table, "requestItems");
  return entries;
}

export const batchGetItem: Operation = (engine, input) => {
  const mode = readCapacityMode(input);
  let count = 0;
  const reads = requestItems(input, "BatchGetItem").map(([table, content]) => {
    const member = expectStructure(content);
    refuseLegacy(member);
    const keys = readStructures(member, "Keys");
    if (keys === undefined || keys.length === 0) {
      throw constraint(
        "'[]'",
        `requestItems.${table}.member.keys`,
        "Member must have length greater than or equal to 1",
      );
    }
    if (keys.length > MAX_READS) {
      throw validation(
        `1 validation error detected: Value at 'RequestItems.${table}.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100`,
      );
    }
    count += keys.length;
    const names = readExpressionNames(member, ["ProjectionExpression"]);
    const source = readText(member, "ProjectionExpression");
    const projection = source === undefined ? undefined : parseProjection(source, names);
    names.assertAllUsed();
    return {
      table,
      member,
      keys: keys.map((key) => normaliseItem(key)),
      projection,
      attributes: names.attributes,
      isConsistent: readFlag(member, "ConsistentRead") ?? false,
    };
  });
  if (count > MAX_READS) throw validation("Too many items requested for the BatchGetItem call");

  return {
    checks: reads.map((read) =>
      dataCheck(engine, {
        action: "BatchGetItem",
        table: read.table,
        leadingKeys: leadingKeysOf(engine.tables.find(read.table), read.keys),
        attributes: read.attributes,
        select: selectAsked(read.member),
        returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
      }),
    ),
    readOnly: true,
    managementEvent: false,
    parameters: {
      requestItems: reads.map(({ table, keys }) => ({
        tableName: table,
        keys: keys.map((key) => trailKey(engine, table, key)),
      })),
    },
    run: () => {
      const bound = reads.map((read) => {
        const table = engine.tables.require(read.table);
        const keys = read.keys.map((key) => ({ request: key, bytes: keyOfRequest(table, key) }));
        const distinct = new Set(keys.map(({ bytes }) => `${bytes.pk.toString("hex")}/${bytes.sk.toString("hex")}`));
        if (distinct.size !== keys.length) throw validation("Provided list of item keys contains duplicates");
        return { ...read, table, name: read.table, keys };
      });
      const capacity = new CapacityByTable();
      const unprocessed: Record<string, object> = {};
      let responseBytes = 0;
      const responses = bound.map((read) => {
        const items: string[] = [];
        const left: object[] = [];
        for (const { request, bytes } of read.keys) {
          if (responseBytes >= MAX_RESPONSE_BYTES) {
            left.push(request);
            continue;
          }
          const stored = readItem(engine, read.table, bytes);
          capacity.of(read.table).addTable(readUnits(stored?.sizeBytes ?? 0, read.isConsistent));
          if (stored === undefined) continue;
          responseBytes += stored.sizeBytes;
          if (responseBytes > MAX_RESPONSE_BYTES) {
            left.push(request);
            continue;
          }
          items.push(itemJson(stored, read.projection));
        }
        if (left.length > 0) {
          const { ConsistentRead, ExpressionAttributeNames, ProjectionExpression } = read.member;
          unprocessed[read.name] = { Keys: left, ConsistentRead, ExpressionAttributeNames, ProjectionExpression };
        }
        return `${JSON.stringify(read.name)}:[${items.join(",")}]`;
      });
      engine.consumption.read(capacity);
      const rest = JSON.stringify({ UnprocessedKeys: unprocessed, ...capacity.member(mode) });
      return `{"Responses":{${responses.join(",")}},${rest.slice(1)}`;
    },
  };
};

export const batchWriteItem: Operation = (engine, input) => {
  const mode = readCapacityMode(input);
  const groups = requestItems(input, "BatchWriteItem").map(([table, content]) => {
    const elements = readStructures({ requests: content }, "requests") ?? [];
    if (elements.length === 0 || elements.length > MAX_WRITES) {
      throw validation(
        `1 validation error detected: Value '{${table}=[${String(elements.length)} elements]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]`,
      );
    }
    return {
      table,
      writes: elements.map((element) => {
        const put = readStructure(element, "PutRequest");
        const remove = readStructure(element, "DeleteRequest");
        if ((put === undefined) === (remove === undefined)) {
          throw validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
          );
        }
        return put === undefined
          ? parseWrite("Delete", { TableName: table, Key: remove?.["Key"] })
          : parseWrite("Put", { TableName: table, Item: put["Item"] });
      }),
    };
  });
  const writes = groups.flatMap((group) => group.writes);
  if (writes.length > MAX_WRITES) throw validation("Too many items requested for the BatchWriteItem call");

  return {
    checks: groups.map((group) =>
      dataCheck(engine, {
        action: "BatchWriteItem",
        table: group.table,
        leadingKeys: leadingKeysOf(
          engine.tables.find(group.table),
          group.writes.map((write) => write.subject),
        ),
        attributes: group.writes.flatMap((write) => [...write.attributes]),
        returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
      }),
    ),
    readOnly: false,
    managementEvent: false,
    parameters: {
      requestItems: groups.map((group) => ({
        tableName: group.table,
        keys: group.writes.map((write) => trailKey(engine, group.table, write.subject)),
      })),
    },
    run: () => {
      const bound = writes.map((write) => bindWrite(engine, write));
      const distinct = new Set(
        bound.map(({ table, key }) => `${String(table.id)}/${key.pk.toString("hex")}/${key.sk.toString("hex")}`),
      );
      if (distinct.size !== bound.length) throw validation("Provided list of item keys contains duplicates");
      const capacity = new CapacityByTable();
      // A batch is not atomic on AWS either, but one commit is cheaper than 25 and no caller can tell.
      const nowMs = engine.clock.now();
      engine.store.transaction(() => {
        for (const write of bound) capacity.of(write.table).addWrite(applyWrite(engine, write, nowMs).units);
      });
      announce(
        engine,
        bound.map(({ table }) => table),
      );
      engine.consumption.write(capacity);
      return { UnprocessedItems: {}, ...capacity.member(mode) };
    },
  };
};
