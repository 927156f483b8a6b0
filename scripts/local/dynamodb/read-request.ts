import type { Item } from "./attribute-value.ts";
import { normaliseItem } from "./attribute-value.ts";
import type { CapacityMode } from "./capacity.ts";
import { CAPACITY_MODES, readCapacityMode } from "./capacity.ts";
import { validation } from "./errors.ts";
import type { Condition } from "./expression/ast.ts";
import { parseCondition } from "./expression/condition-parser.ts";
import type { KeyClause } from "./expression/key-condition.ts";
import { parseKeyCondition } from "./expression/key-condition.ts";
import { readExpressionNames } from "./expression/names.ts";
import type { PathTree } from "./expression/path.ts";
import { parseProjection } from "./expression/projection-parser.ts";
import type { Input } from "./input.ts";
import {
  checkChoices,
  isGiven,
  readChoice,
  readFlag,
  readInteger,
  readRequiredText,
  readStructure,
  readTableName,
  readText,
  refuseLegacy,
} from "./input.ts";

const MAX_LIMIT = 2_147_483_647;
const MAX_SEGMENTS = 1_000_000;
const SELECT = ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"] as const;

/** What Query and Scan share, parsed without a look at any table. */
export interface ReadRequest {
  readonly table: string;
  readonly index: string | undefined;
  /** Undefined for a Scan. */
  readonly clauses: readonly KeyClause[] | undefined;
  readonly filter: Condition | undefined;
  readonly projection: PathTree | undefined;
  readonly attributes: ReadonlySet<string>;
  readonly select: (typeof SELECT)[number] | undefined;
  readonly limit: number;
  readonly startKey: Item | undefined;
  readonly isForward: boolean;
  readonly isConsistent: boolean;
  readonly segment: { readonly number: number; readonly total: number } | undefined;
  readonly mode: CapacityMode;
}

function parseSegment(input: Input): ReadRequest["segment"] {
  const total = readInteger(input, "TotalSegments", 1, MAX_SEGMENTS);
  const number = readInteger(input, "Segment", 0, MAX_SEGMENTS - 1);
  if (total === undefined && number === undefined) return undefined;
  if (total === undefined) {
    throw validation(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  }
  if (number === undefined) {
    throw validation(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  }
  if (number >= total) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${String(number)} is not less than TotalSegments: ${String(total)}`,
    );
  }
  return { number, total };
}

function checkSelect(select: ReadRequest["select"], hasProjection: boolean, index: string | undefined): void {
  if (hasProjection && select !== undefined && select !== "SPECIFIC_ATTRIBUTES") {
    throw validation(
      `Cannot specify the ProjectionExpression when choosing to get ${select === "COUNT" ? "only the Count" : select}`,
    );
  }
  if (select === "SPECIFIC_ATTRIBUTES" && !hasProjection) {
    throw validation(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  }
  if (select === "ALL_PROJECTED_ATTRIBUTES" && index === undefined) {
    throw validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
}

function readLimit(input: Input, isQuery: boolean): number {
  // Query words this one constraint in its own way.
  if (isQuery && input["Limit"] === 0) {
    throw validation(
      "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  }
  return readInteger(input, "Limit", 1, MAX_LIMIT) ?? MAX_LIMIT;
}

/** Reads a Query or a Scan. Throws ValidationException for what no table could make right. */
export function parseRead(input: Input, isQuery: boolean): ReadRequest {
  const table = readTableName(input);
  checkChoices(input, { ReturnConsumedCapacity: CAPACITY_MODES, Select: SELECT });
  const index = readText(input, "IndexName");
  const select = readChoice(input, "Select", SELECT);
  const limit = readLimit(input, isQuery);
  const mode = readCapacityMode(input);
  refuseLegacy(input);
  if (isQuery && !isGiven(input, "KeyConditionExpression")) {
    throw validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  }
  checkSelect(select, isGiven(input, "ProjectionExpression"), index);
  const names = readExpressionNames(
    input,
    isQuery
      ? ["FilterExpression", "KeyConditionExpression", "ProjectionExpression"]
      : ["FilterExpression", "ProjectionExpression"],
  );
  const filterSource = readText(input, "FilterExpression");
  const filter = filterSource === undefined ? undefined : parseCondition("FilterExpression", filterSource, names);
  const projectionSource = readText(input, "ProjectionExpression");
  const projection = projectionSource === undefined ? undefined : parseProjection(projectionSource, names);
  const clauses = isQuery ? parseKeyCondition(readRequiredText(input, "KeyConditionExpression"), names) : undefined;
  names.assertAllUsed();
  const startKey = readStructure(input, "ExclusiveStartKey");
  return {
    table,
    index,
    clauses,
    filter,
    projection,
    attributes: names.attributes,
    select,
    limit,
    startKey: startKey && normaliseItem(startKey),
    isForward: !isQuery || (readFlag(input, "ScanIndexForward") ?? true),
    isConsistent: readFlag(input, "ConsistentRead") ?? false,
    segment: isQuery ? undefined : parseSegment(input),
    mode,
  };
}
