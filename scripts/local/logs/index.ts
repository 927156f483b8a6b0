import { parseJsonBody, jsonResponse, renderJsonError } from "../front/json-protocol.ts";
import { ServiceError, type Prepared, type Service, type ServiceDeps } from "../service.ts";
import { parsePattern, type MessageTest } from "./pattern.ts";
import { openLogEvents, type LogEventStore } from "./store.ts";

/** CloudWatch Logs, of what the reconciler asks: the events of a group, filtered. */
export interface Logs extends Service {
  /** Idempotent. The account is the cloud's own when left out. */
  putGroup(group: { readonly name: string; readonly accountId?: string }): void;
  /** Adds a line with the clock's time. A group that nobody made takes nothing. `isPlatforms`: the words are Lambda's own. */
  append(group: string, stream: string, message: string, isPlatforms?: boolean): void;
}

export interface LogsOptions {
  /** Hears of every event that is taken in, with the bytes that AWS bills for it and what its writer says of it. */
  readonly onIngested?: (event: Ingested) => void;
}

export interface Ingested {
  readonly groupArn: string;
  readonly accountId: string;
  readonly bytes: number;
  readonly isPlatforms: boolean;
}

/** CloudWatch cuts a page at a megabyte, and counts 26 bytes for each event beside its text. */
const PAGE_BYTES = 1_048_576;
const EVENT_BYTES = 26;
const MOST_EVENTS = 10_000;

export function createLogs(deps: ServiceDeps, options: LogsOptions = {}): Logs {
  const database = deps.openDatabase("logs");
  const store = openLogEvents(database);
  const groups = new Map<string, string>();
  const arnOf = (group: string): string =>
    `arn:aws:logs:${deps.region}:${groups.get(group) ?? deps.accountId}:log-group:${group}:*`;

  return {
    signingName: "logs",
    putGroup: ({ name, accountId = deps.accountId }) => void groups.set(name, accountId),
    append(group, stream, message, isPlatforms = false) {
      const accountId = groups.get(group);
      if (accountId === undefined || !database.isOpen) return;
      const bytes = Buffer.byteLength(message) + EVENT_BYTES;
      options.onIngested?.({ groupArn: arnOf(group), accountId, bytes, isPlatforms });
      store.append(group, { stream, atMs: deps.clock.now(), message });
    },
    prepare(request, call): Prepared {
      const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
      if (operation !== "FilterLogEvents") {
        throw new ServiceError("NotImplementedException", "This operation is not part of the embedded AWS", 501);
      }
      const query = parseQuery(parseJsonBody(request.body));
      return {
        operation,
        checks: [{ action: "logs:FilterLogEvents", resource: arnOf(query.group), context: {} }],
        readOnly: true,
        managementEvent: false,
        requestParameters: { logGroupName: query.group },
        run() {
          // A group of another account is named by its ARN, and by nothing that this service takes.
          if (groups.get(query.group) !== call.caller.accountId) {
            throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.", 400);
          }
          return jsonResponse(filter(store, query), "1.1");
        },
      };
    },
    renderError: (error, call) => renderJsonError(error, call.requestId, "1.1"),
    close: () => database.close(),
  };
}

interface Query {
  readonly group: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly streams: readonly string[] | undefined;
  readonly streamPrefix: string | undefined;
  readonly matches: MessageTest;
  readonly after: { readonly atMs: number; readonly seq: number } | undefined;
}

const invalid = (message: string): ServiceError => new ServiceError("InvalidParameterException", message, 400);

function parseQuery(input: Readonly<Record<string, unknown>>): Query {
  const {
    logGroupName,
    logGroupIdentifier,
    startTime = 0,
    endTime = Number.MAX_SAFE_INTEGER,
    limit = MOST_EVENTS,
    logStreamNames,
    logStreamNamePrefix,
    filterPattern = "",
    nextToken,
  } = input;
  const named = logGroupName ?? logGroupIdentifier;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined) || typeof named !== "string") {
    throw invalid("One of logGroupName and logGroupIdentifier must be given.");
  }
  const group = named.replace(/^arn:aws:logs:[^:]*:\d{12}:log-group:/, "").replace(/:\*$/, "");
  if (!/^[\w./#-]{1,512}$/.test(group)) throw invalid("The log group name is not valid.");
  if (!isTime(startTime) || !isTime(endTime)) throw invalid("startTime and endTime are milliseconds.");
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MOST_EVENTS) {
    throw invalid(`limit must be between 1 and ${MOST_EVENTS}.`);
  }
  if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
    throw invalid("logStreamNames and logStreamNamePrefix cannot be given together.");
  }
  if (typeof filterPattern !== "string") throw invalid("Invalid filter pattern");
  return {
    group,
    fromMs: startTime,
    toMs: endTime,
    limit,
    streams: Array.isArray(logStreamNames) ? logStreamNames.map(String) : undefined,
    streamPrefix: typeof logStreamNamePrefix === "string" ? logStreamNamePrefix : undefined,
    matches: parsePattern(filterPattern),
    after: nextToken === undefined ? undefined : parseToken(nextToken),
  };
}

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function parseToken(token: unknown): { readonly atMs: number; readonly seq: number } {
  const text = typeof token === "string" ? Buffer.from(token, "base64url").toString() : "";
  const [, atMs, seq] = /^(\d{1,16})\.(\d{1,16})$/.exec(text) ?? [];
  if (atMs === undefined) throw invalid("The specified nextToken is invalid.");
  return { atMs: Number(atMs), seq: Number(seq) };
}

/** One page over all streams, by time. Source: CloudWatch Logs API Reference, FilterLogEvents. */
function filter(store: LogEventStore, query: Query): Readonly<Record<string, unknown>> {
  const { group, fromMs, toMs, after } = query;
  const events: Readonly<Record<string, unknown>>[] = [];
  let bytes = 0;
  let last = after;
  for (const event of store.events({ group, fromMs, toMs, ...(after === undefined ? {} : { after }) })) {
    const isOf =
      (query.streams === undefined || query.streams.includes(event.stream)) &&
      (query.streamPrefix === undefined || event.stream.startsWith(query.streamPrefix));
    if (isOf && query.matches(event.message)) {
      bytes += Buffer.byteLength(event.message) + EVENT_BYTES;
      if (events.length === query.limit || (bytes > PAGE_BYTES && events.length > 0)) {
        const token = Buffer.from(`${last?.atMs ?? 0}.${last?.seq ?? 0}`).toString("base64url");
        return { events, searchedLogStreams: [], nextToken: token };
      }
      events.push({
        eventId: String(event.seq).padStart(56, "0"),
        logStreamName: event.stream,
        timestamp: event.atMs,
        ingestionTime: event.atMs,
        message: event.message,
      });
    }
    last = event;
  }
  return { events, searchedLogStreams: [] };
}
