import type { Item } from "./attribute-value.ts";
import { tableCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { validation } from "./errors.ts";
import {
  readChoice,
  readFlag,
  readInteger,
  readRequiredStructure,
  readStructures,
  readTableName,
  readText,
  readTime,
  required,
} from "./input.ts";
import { insertCopy } from "./item-store.ts";
import { primaryKeyOf } from "./keys.ts";
import type { Operation } from "./plan.ts";
import { ServiceError } from "../service.ts";
import { backfill, createTable } from "./table-administration.ts";
import { describeTable } from "./table-description.ts";
import { parseIndex, readNewTableName } from "./table-input.ts";
import type { Table } from "./tables.ts";

const MAX_DAYS = 35;
const DAY_MS = 24 * 60 * 60 * 1000;

const tableNotFound = (name: string): ServiceError =>
  new ServiceError("TableNotFoundException", `Table not found: ${name}`);

/** The earliest and latest time to which a table can be brought back, milliseconds; undefined while recovery is off. */
export function recoveryWindow(engine: Engine, table: Table): { earliestMs: number; latestMs: number } | undefined {
  if (table.recovery === undefined) return undefined;
  const latestMs = engine.clock.now();
  return { earliestMs: Math.max(table.recovery.enabledAtMs, latestMs - table.recovery.days * DAY_MS), latestMs };
}

/** Turns point-in-time recovery on or off; turning it on again starts a new window. */
export function setRecovery(engine: Engine, table: Table, days: number | undefined): Table {
  const enabledAtMs = table.recovery?.enabledAtMs ?? engine.clock.now();
  return engine.store.transaction(() =>
    engine.tables.save({ ...table, recovery: days === undefined ? undefined : { enabledAtMs, days } }),
  );
}

function describeBackups(engine: Engine, table: Table): object {
  const window = recoveryWindow(engine, table);
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription:
        window === undefined
          ? { PointInTimeRecoveryStatus: "DISABLED" }
          : {
              PointInTimeRecoveryStatus: "ENABLED",
              RecoveryPeriodInDays: table.recovery?.days,
              EarliestRestorableDateTime: window.earliestMs / 1000,
              LatestRestorableDateTime: window.latestMs / 1000,
            },
    },
  };
}

export const updateContinuousBackups: Operation = (engine, input) => {
  const name = readTableName(input);
  const specification = readRequiredStructure(input, "PointInTimeRecoverySpecification");
  const isEnabled = readFlag(specification, "PointInTimeRecoveryEnabled");
  if (isEnabled === undefined) throw required("pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled");
  const days = readInteger(specification, "RecoveryPeriodInDays", 1, MAX_DAYS) ?? MAX_DAYS;
  return {
    checks: [tableCheck(engine, "UpdateContinuousBackups", name)],
    readOnly: false,
    managementEvent: true,
    parameters: { tableName: name, pointInTimeRecoveryEnabled: isEnabled },
    run: () => {
      const table = engine.tables.find(name);
      if (table === undefined) throw tableNotFound(name);
      return describeBackups(engine, setRecovery(engine, table, isEnabled ? days : undefined));
    },
  };
};

export const describeContinuousBackups: Operation = (engine, input) => {
  const name = readTableName(input);
  return {
    checks: [tableCheck(engine, "DescribeContinuousBackups", name)],
    readOnly: true,
    managementEvent: true,
    parameters: { tableName: name },
    run: () => {
      const table = engine.tables.find(name);
      if (table === undefined) throw tableNotFound(name);
      return describeBackups(engine, table);
    },
  };
};

/**
 * The JSON of every item as it was at a time, in no order: what stands now, with the old image of the first change
 * after that time for every item changed since. A change at exactly `atMs` counts as done.
 */
export function* itemsAt(engine: Engine, table: Table, atMs: number): Generator<string> {
  const undo = new Map<string, string | null>();
  const changes = engine.store
    .query<{ keys: string; old: string | null }>("SELECT keys, old FROM journal WHERE t=? AND at>? ORDER BY seq")
    .iterate(table.id, atMs);
  for (const { keys, old } of changes) if (!undo.has(keys)) undo.set(keys, old);
  const rows = engine.store.query<{ item: string }>("SELECT item FROM items WHERE t=?").iterate(table.id);
  for (const { item } of rows) {
    const isUndone = undo.size > 0 && undo.has(JSON.stringify(primaryKeyOf(table, JSON.parse(item) as Item)));
    if (!isUndone) yield item;
  }
  for (const old of undo.values()) if (old !== null) yield old;
}

export const recoveryUnavailable = (name: string): ServiceError =>
  new ServiceError(
    "PointInTimeRecoveryUnavailableException",
    `Point in time recovery is not enabled for table '${name}'`,
  );

/** What DynamoDB does to the table it restores into, on behalf of the caller. Source: SAR, RestoreTableToPointInTime. */
const TARGET_ACTIONS = [
  "RestoreTableToPointInTime",
  "BatchWriteItem",
  "DeleteItem",
  "GetItem",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
];

export const restoreTableToPointInTime: Operation = (engine, input) => {
  const source = readText(input, "SourceTableArn") ?? readTableName(input, "SourceTableName");
  const target = readNewTableName(input, "TargetTableName");
  const restoreAtMs = readTime(input, "RestoreDateTime");
  const usesLatest = readFlag(input, "UseLatestRestorableTime") ?? false;
  if (usesLatest === (restoreAtMs !== undefined)) {
    throw validation("Either RestoreDateTime or UseLatestRestorableTime must be given, and not both");
  }
  const billingMode = readChoice(input, "BillingModeOverride", ["PROVISIONED", "PAY_PER_REQUEST"]);
  const globalIndexes = readStructures(input, "GlobalSecondaryIndexOverride")?.map(
    (index) => parseIndex(index, "global").name,
  );
  const localIndexes = readStructures(input, "LocalSecondaryIndexOverride")?.map(
    (index) => parseIndex(index, "local").name,
  );
  return {
    checks: [
      tableCheck(engine, "RestoreTableToPointInTime", source),
      ...TARGET_ACTIONS.map((action) => tableCheck(engine, action, target)),
    ],
    readOnly: false,
    managementEvent: true,
    parameters: { sourceTableName: source, targetTableName: target },
    run: () => {
      const table = engine.tables.find(source);
      if (table === undefined) throw tableNotFound(source);
      const window = recoveryWindow(engine, table);
      if (window === undefined) throw recoveryUnavailable(table.name);
      if (engine.tables.find(target) !== undefined) {
        throw new ServiceError("TableAlreadyExistsException", `Table already exists: ${target}`);
      }
      const atMs = restoreAtMs ?? window.latestMs;
      if (atMs < window.earliestMs || atMs > window.latestMs) {
        throw new ServiceError(
          "InvalidRestoreTimeException",
          "RestoreDateTime must lie between EarliestRestorableDateTime and LatestRestorableDateTime",
        );
      }
      const isKept = ({ scope, name }: Table["indexes"][number]): boolean =>
        (scope === "global" ? globalIndexes : localIndexes)?.includes(name) ?? true;
      const restored = restore(engine, table, target, atMs, isKept, billingMode);
      return { TableDescription: describeTable(engine, restored, "CREATING") };
    },
  };
};

/** A new table with the items of `source` at a time: without its stream, time to live, tags, policy and recovery. */
function restore(
  engine: Engine,
  source: Table,
  target: string,
  atMs: number,
  isKept: (index: Table["indexes"][number]) => boolean,
  billingMode: Table["billingMode"] | undefined,
): Table {
  const indexes = source.indexes.filter(isKept);
  const keys = new Set([source, ...indexes].flatMap(({ hash, range }) => [hash, range]));
  return createTable(
    engine,
    {
      ...source,
      name: target,
      indexes,
      attributes: source.attributes.filter(({ name }) => keys.has(name)),
      billingMode: billingMode ?? source.billingMode,
      throughput: billingMode === "PAY_PER_REQUEST" ? undefined : source.throughput,
      deletionProtection: false,
      tags: [],
    },
    {
      restore: { SourceTableArn: source.arn, RestoreDateTime: atMs / 1000, RestoreInProgress: false },
      fill: (table) => {
        for (const json of itemsAt(engine, source, atMs)) insertCopy(engine, table, json);
        for (const index of table.indexes) backfill(engine, table, index);
      },
    },
  );
}
