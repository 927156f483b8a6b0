import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { BilledUse } from "../billing/count.ts";
import type { Item } from "./attribute-value.ts";
import { Consumption } from "./consumption.ts";
import type { Deliver, Engine } from "./engine.ts";
import { failInterruptedExports } from "./export.ts";
import { resourceNotFound } from "./errors.ts";
import { StoredItem } from "./item-store.ts";
import { OPERATIONS, unknownOperation } from "./operations.ts";
import type { Plan, Reply } from "./plan.ts";
import { setRecovery } from "./recovery.ts";
import { setResourcePolicy } from "./resource-policy.ts";
import type { Call, Prepared, Service, ServiceDeps, WireRequest } from "../service.ts";
import { type ItemRow, Store } from "./store.ts";
import { purgeJournal } from "./journal.ts";
import { createTable } from "./table-administration.ts";
import { parseCreateTable } from "./table-input.ts";
import { tellStored } from "./stored.ts";
import { Tables } from "./tables.ts";
import { expireItems, setTimeToLive } from "./time-to-live.ts";
import { readInput, readTarget, renderError, renderReply } from "./wire.ts";

export type { Item } from "./attribute-value.ts";
export type { Deliver } from "./engine.ts";

const MAX_RECOVERY_DAYS = 35;
const PURGE_EVERY_MS = 60 * 60 * 1000;

export interface DynamoDbOptions {
  /** Takes the objects of exports; without it ExportTableToPointInTime answers 501. */
  readonly deliver?: Deliver;
  /**
   * How long after one look for expired items the next call looks again, by the clock; `Infinity` leaves it to
   * `runTimeToLive`. AWS takes up to days.
   */
  readonly timeToLiveEveryMs?: number;
  /** Hears of bytes that lie in a table or index from now on; fewer when below zero. */
  readonly onStored?: (change: StoredChange) => void;
}

export interface StoredChange {
  readonly tableArn: string;
  readonly index: string | null;
  readonly bytes: number;
}

/** A GetRecords is one read request unit of the stream: it answers with a megabyte at most. */
const streamReads = (operation: string, { streamArn }: Readonly<Record<string, unknown>>): BilledUse[] =>
  operation === "GetRecords" && typeof streamArn === "string"
    ? [
        {
          sku: "dynamodb-streams",
          resourceId: streamArn.replace(/\/stream\/.*$/, ""),
          detail: null,
          cause: "request",
          units: 1n,
        },
      ]
    : [];

/** CreateTable as the SDK takes it, and optionally the label that makes the stream's ARN known in advance. */
export type CreateTableInput = Readonly<Record<string, unknown>> & { readonly StreamLabel?: string };

export interface TableIdentity {
  readonly tableName: string;
  readonly tableArn: string;
  readonly streamArn: string | undefined;
}

/** The embedded DynamoDB and DynamoDB Streams: a Service for signed requests, and administration without a signature. */
export interface DynamoDb extends Service {
  readonly signingName: "dynamodb";
  /** Throws ServiceError ResourceInUseException where the table exists. */
  createTable(input: CreateTableInput): TableIdentity;
  /** The table's ARNs, or undefined. */
  findTable(tableName: string): TableIdentity | undefined;
  putResourcePolicy(tableName: string, document: PolicyDocument): void;
  /** Undefined turns it off. */
  setTimeToLive(tableName: string, attribute: string | undefined): void;
  setPointInTimeRecovery(tableName: string, isEnabled: boolean): void;
  tableNames(): string[];
  /** Tables with point-in-time recovery, and since when. */
  recoverable(): readonly { readonly tableArn: string; readonly sinceMs: number }[];
  /** Every item, as AttributeValue maps, in key order. */
  dumpItems(tableName: string): Item[];
  /** JSON of every journal row: what streams and point-in-time recovery hold. */
  dumpJournal(): string[];
  /** Deletes what has expired by the clock, now. Gives the number of items. */
  runTimeToLive(): number;
  /** Runs an operation without signature or authorization, such as GetRecords for an event-source mapping. */
  invoke(target: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** Calls `listener` with a stream's ARN after each commit that may have appended to it. Gives the way to stop. */
  onStreamAppend(listener: (streamArn: string) => void): () => void;
  close(): void;
}

const INTERNAL_CALL: Call = {
  requestId: "internal",
  caller: { arn: "internal", accountId: "internal", type: "AWSService", accessKeyId: "internal", sessionTags: {} },
  nowMs: 0,
  sourceIp: "127.0.0.1",
  userAgent: "internal",
};

/** Builds the service over `deps.openDatabase("dynamodb")`. Everything but exports is synchronous. */
export function createDynamoDb(deps: ServiceDeps, options: DynamoDbOptions = {}): DynamoDb {
  const { clock, accountId, region } = deps;
  const store = new Store(deps.openDatabase("dynamodb"));
  const listeners = new Set<(streamArn: string) => void>();
  // Who dumps a table after each of a thousand requests has each of its items parsed once.
  const dumped = new Map<number, StoredItem>();
  const engine: Engine = {
    store,
    tables: new Tables(store),
    clock,
    accountId,
    region,
    deliver: options.deliver,
    consumption: new Consumption(),
    stored: (table, index, bytes) => options.onStored?.({ tableArn: table.arn, index, bytes }),
    streamAppended: (streamArn) => {
      for (const listener of listeners) listener(streamArn);
    },
  };
  failInterruptedExports(engine);
  for (const table of engine.tables.all()) tellStored(engine, table);

  const expireEveryMs = options.timeToLiveEveryMs ?? 1000;
  let expiredAtMs = clock.now();
  let purgedAtMs = expiredAtMs;
  /** What AWS does in the background is done before a call, by the clock: no timer, so a virtual clock drives it too. */
  const keepHouse = (): void => {
    const nowMs = clock.now();
    if (nowMs - expiredAtMs >= expireEveryMs) {
      expiredAtMs = nowMs;
      expireItems(engine);
    }
    if (nowMs - purgedAtMs >= PURGE_EVERY_MS) {
      purgedAtMs = nowMs;
      purgeJournal(engine);
    }
  };

  const plan = (service: string, operation: string, input: Readonly<Record<string, unknown>>, call: Call): Plan =>
    (OPERATIONS[service]?.get(operation) ?? unknownOperation(operation))(engine, input, call);

  const requireTable = (tableName: string) => {
    const table = engine.tables.find(tableName);
    if (table === undefined) throw resourceNotFound(`Requested resource not found: Table: ${tableName} not found`);
    return table;
  };
  const findTable = (tableName: string): TableIdentity | undefined => {
    const table = engine.tables.find(tableName);
    return table && { tableName: table.name, tableArn: table.arn, streamArn: table.stream?.arn };
  };

  return {
    signingName: "dynamodb",
    prepare(request: WireRequest, call: Call): Prepared {
      const { service, operation } = readTarget(request) ?? { service: "", operation: "UnknownOperation" };
      const planned = plan(service, operation, readInput(request), call);
      const { checks, readOnly, managementEvent, parameters } = planned;
      let used: readonly BilledUse[] = [];
      return {
        operation,
        checks,
        readOnly,
        managementEvent,
        requestParameters: parameters,
        billed: () => used,
        run: () => {
          keepHouse();
          engine.consumption.take();
          let reply: Reply | Promise<Reply>;
          try {
            reply = planned.run();
          } finally {
            used = [...engine.consumption.take(), ...streamReads(operation, parameters)];
          }
          return reply instanceof Promise
            ? reply.then((value: Reply) => renderReply(value, call.requestId))
            : renderReply(reply, call.requestId);
        },
      };
    },
    renderError: (error, call) => renderError(error, call.requestId),
    createTable(input) {
      const { StreamLabel: streamLabel, ...rest } = input;
      const { definition, stream: view } = parseCreateTable(rest);
      createTable(engine, definition, { view, streamLabel });
      return findTable(definition.name) as TableIdentity;
    },
    findTable,
    putResourcePolicy(tableName, document) {
      setResourcePolicy(engine, requireTable(tableName), document);
    },
    setTimeToLive(tableName, attribute) {
      setTimeToLive(engine, requireTable(tableName), attribute);
    },
    setPointInTimeRecovery(tableName, isEnabled) {
      setRecovery(engine, requireTable(tableName), isEnabled ? MAX_RECOVERY_DAYS : undefined);
    },
    tableNames: () => engine.tables.names(),
    recoverable: () =>
      [...engine.tables.all()].flatMap(({ arn, recovery }) =>
        recovery === undefined ? [] : [{ tableArn: arn, sinceMs: recovery.enabledAtMs }],
      ),
    dumpItems: (tableName) =>
      store
        .query<ItemRow>("SELECT id, size, item FROM items WHERE t=? ORDER BY pk, sk")
        .all(requireTable(tableName).id)
        .map((row) => {
          const known = dumped.get(row.id);
          const stored = known?.json === row.item ? known : new StoredItem(row);
          dumped.set(row.id, stored);
          return stored.item;
        }),
    dumpJournal: () =>
      store
        .query<Record<string, unknown>>("SELECT * FROM journal ORDER BY seq")
        .all()
        .map((row) => JSON.stringify(row)),
    runTimeToLive: () => expireItems(engine),
    async invoke(target, input) {
      keepHouse();
      const [service = "", operation = ""] = target.split(".");
      const reply = await plan(service, operation, structuredClone(input), INTERNAL_CALL).run();
      return JSON.parse(typeof reply === "string" ? reply : JSON.stringify(reply)) as Record<string, unknown>;
    },
    onStreamAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      store.close();
    },
  };
}
