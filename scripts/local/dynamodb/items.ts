import type { Item } from "./attribute-value.ts";
import { normaliseItem } from "./attribute-value.ts";
import { dataCheck, leadingKeysOf, returnValuesAsked, selectAsked } from "./authorize.ts";
import { CAPACITY_MODES, Capacity, capacityMember, readCapacityMode, readUnits } from "./capacity.ts";
import { parseProjection } from "./expression/projection-parser.ts";
import { readExpressionNames } from "./expression/names.ts";
import type { PathTree } from "./expression/path.ts";
import { pathTree, projectItem } from "./expression/path.ts";
import type { Input } from "./input.ts";
import {
  checkChoices,
  readChoice,
  readFlag,
  readRequiredStructure,
  readTableName,
  readText,
  refuseLegacy,
} from "./input.ts";
import { readItem } from "./item-store.ts";
import { keyOfRequest, pick } from "./keys.ts";
import type { Operation } from "./plan.ts";
import { trailKey } from "./trail.ts";
import type { BoundWrite, WriteKind, WriteOutcome, WriteRequest } from "./write.ts";
import { applyWrite, bindWrite, parseWrite, RETURN_VALUES } from "./write.ts";
import { announce } from "./journal.ts";

/** A Key member and what of the item is wanted. */
export interface GetRequest {
  readonly table: string;
  readonly key: Item;
  readonly projection: PathTree | undefined;
  readonly attributes: ReadonlySet<string>;
}

/** Reads the members of Get, of an element of TransactGetItems. */
export function parseGet(input: Input): GetRequest {
  refuseLegacy(input);
  const table = readTableName(input);
  const key = normaliseItem(readRequiredStructure(input, "Key"));
  const names = readExpressionNames(input, ["ProjectionExpression"]);
  const source = readText(input, "ProjectionExpression");
  const projection = source === undefined ? undefined : parseProjection(source, names);
  names.assertAllUsed();
  return { table, key, projection, attributes: names.attributes };
}

/** JSON of an item through a projection; the stored text itself where there is none. */
export const itemJson = (
  stored: { readonly json: string; readonly item: Item },
  projection: PathTree | undefined,
): string => (projection === undefined ? stored.json : JSON.stringify(projectItem(stored.item, projection)));

/** `{"Item":...,"ConsumedCapacity":...}` without parsing the item. */
export function joinJson(members: readonly (readonly [string, string | undefined])[], rest: object): string {
  const parts = members.flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json}`]));
  const tail = JSON.stringify(rest).slice(1, -1);
  if (tail !== "") parts.push(tail);
  return `{${parts.join(",")}}`;
}

export const getItem: Operation = (engine, input) => {
  const request = parseGet(input);
  const isConsistent = readFlag(input, "ConsistentRead") ?? false;
  const mode = readCapacityMode(input);
  return {
    checks: [
      dataCheck(engine, {
        action: "GetItem",
        table: request.table,
        leadingKeys: leadingKeysOf(engine.tables.find(request.table), [request.key]),
        attributes: request.attributes,
        select: selectAsked(input),
        returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
      }),
    ],
    readOnly: true,
    managementEvent: false,
    parameters: { tableName: request.table, key: trailKey(engine, request.table, request.key) },
    run: () => {
      const table = engine.tables.require(request.table);
      const stored = readItem(engine, table, keyOfRequest(table, request.key));
      const capacity = new Capacity(table).addTable(readUnits(stored?.sizeBytes ?? 0, isConsistent));
      engine.consumption.read(capacity);
      return joinJson([["Item", stored && itemJson(stored, request.projection)]], capacityMember(mode, capacity));
    },
  };
};

/** What ReturnValues asks of the item before and after. */
function returned(request: WriteRequest, outcome: WriteOutcome): string | undefined {
  switch (request.returnValues) {
    case "ALL_OLD":
      return outcome.old?.json;
    case "ALL_NEW":
      return outcome.next && JSON.stringify(outcome.next);
    case "UPDATED_OLD":
    case "UPDATED_NEW": {
      const item = request.returnValues === "UPDATED_OLD" ? outcome.old?.item : outcome.next;
      if (item === undefined || request.update === undefined) return undefined;
      const part = projectItem(item, pathTree(request.update.paths));
      return Object.keys(part).length === 0 ? undefined : JSON.stringify(part);
    }
    case "NONE":
      return undefined;
  }
}

const METRICS = ["SIZE", "NONE"] as const;

/** Item collections are measured for tables with local indexes only; the estimate is the least there is. */
function collectionMetrics({ table, request }: BoundWrite): object {
  if (!table.indexes.some(({ scope }) => scope === "local")) return {};
  return {
    ItemCollectionMetrics: { ItemCollectionKey: pick(request.subject, [table.hash]), SizeEstimateRangeGB: [0, 1] },
  };
}

const singleWrite =
  (kind: Exclude<WriteKind, "ConditionCheck">): Operation =>
  (engine, input) => {
    // The name is judged before the enumerations, and alone.
    readTableName(input);
    checkChoices(input, {
      ReturnConsumedCapacity: CAPACITY_MODES,
      ReturnItemCollectionMetrics: METRICS,
      ReturnValues: RETURN_VALUES,
    });
    const request = parseWrite(kind, input);
    const mode = readCapacityMode(input);
    const metrics = readChoice(input, "ReturnItemCollectionMetrics", METRICS);
    const leadingKeys = leadingKeysOf(engine.tables.find(request.table), [request.subject]);
    return {
      checks: returnValuesAsked(input).map((returnValues) =>
        dataCheck(engine, {
          action: `${kind}Item`,
          table: request.table,
          leadingKeys,
          attributes: request.attributes,
          returnValues,
          returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
        }),
      ),
      readOnly: false,
      managementEvent: false,
      parameters: { tableName: request.table, key: trailKey(engine, request.table, request.subject) },
      run: () => {
        const bound = bindWrite(engine, request);
        const outcome = engine.store.transaction(() => applyWrite(engine, bound, engine.clock.now()));
        announce(engine, [bound.table]);
        const capacity = new Capacity(bound.table).addWrite(outcome.units);
        engine.consumption.write(capacity);
        return joinJson([["Attributes", returned(request, outcome)]], {
          ...capacityMember(mode, capacity),
          ...(metrics === "SIZE" ? collectionMetrics(bound) : {}),
        });
      },
    };
  };

export const putItem = singleWrite("Put");
export const updateItem = singleWrite("Update");
export const deleteItem = singleWrite("Delete");
