import { Logger } from "@aws-lambda-powertools/logger";
import { formatFact, MeteredFact } from "../../core/cost/usage.ts";
import { InvariantError } from "../../core/kernel/invariant.ts";
import { writeUnobserved } from "./meter-output.ts";

/**
 * The only way to a log. Its fields cannot hold PHI: names of ours, opaque ids, numbers.
 * There is no field for a message, a path, a header or a body.
 */
export interface LogFields {
  readonly route?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly durationMs?: number;
  readonly tenantId?: string;
  readonly userId?: string;
  readonly eventId?: string;
  /** The kind of a failure, from our own unions. */
  readonly failure?: string;
  readonly count?: number;
  /** From `describeError`. */
  readonly error?: string;
  readonly site?: string;
  readonly coldStart?: boolean;
  /** Records that an invocation opened, by names of ours: `nameTouch` in core/watch. */
  readonly records?: readonly string[];
  /** Groups of such records, with how many were opened: `C/P/<patient>/R/Observation=12`. */
  readonly more?: readonly string[];
  /** How many openings neither list names. */
  readonly uncounted?: number;
  /** Of a signal or incident: its id, what it is about, and the events that show it. */
  readonly signalId?: string;
  readonly kind?: string;
  readonly severity?: string;
  readonly handler?: string;
  readonly record?: string;
  readonly at?: string;
  readonly evidence?: readonly string[];
}

type EventName =
  | "request"
  | "key-use"
  | "failure"
  | "alarm"
  | "archived"
  | "indexed"
  | "sealed"
  | "cross-checked"
  | "reconciled"
  | "metered"
  | "closed"
  | "signal"
  | "sign-in"
  | "start";

const OPAQUE = /^[\w.:/{}$#@-]{0,128}$/;
/** As `nameTouch` spells records, with a count behind a group. */
const RECORD_NAME = /^[\w.:/~=?-]{0,192}$/;

let logger: Logger | undefined;

type Value = string | number | boolean | string[];

function keep(fields: LogFields): Record<string, Value> {
  const kept: Record<string, Value> = {};
  const named = (text: string): string => (RECORD_NAME.test(text) ? text : "unprintable");
  for (const [name, value] of Object.entries(fields) as [string, string | number | boolean | readonly string[]][]) {
    if (value === undefined) continue;
    if (typeof value === "object") kept[name] = value.map(named);
    else if (name === "record") kept[name] = named(String(value));
    // Also a string that got here by mistake is cut down to an opaque token.
    else kept[name] = typeof value === "string" && !OPAQUE.test(value) ? "unprintable" : value;
  }
  return kept;
}

/** Writes one line of JSON. `alarm` is for what a person must look at; alarms count these lines by name. */
export function log(level: "info" | "warn" | "error", event: EventName, fields: LogFields = {}): void {
  logger ??= new Logger({ serviceName: "keyward", logLevel: "INFO" });
  logger[level](event, keep(fields));
}

/**
 * Writes a fact of the meter as a line of its own. Only what the fact's grammar lets through: ids, names of ours, counts.
 * Anything else is an alarm in its place.
 */
export function logFact(fact: MeteredFact): void {
  if (!MeteredFact.safeParse(fact).success) log("error", "alarm", { failure: "fact-unwritable" });
  // A usage line says itself how long it is.
  else if (fact.kind === "usage.v1") writeUnobserved(formatFact(fact));
  else process.stdout.write(`${formatFact(fact)}\n`);
}

/** What may be known of an error: its class or AWS code, and where in our code it was thrown; never its message. */
export function describeError(error: unknown): { error: string; site?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const frame = error.stack?.split("\n").find((line) => /\b(core|functions)\//.test(line));
  const site = frame === undefined ? undefined : /((?:core|functions)\/[\w/.-]+:\d+)/.exec(frame)?.[1];
  const name =
    error instanceof InvariantError
      ? `Invariant:${error.message.replaceAll(/[^\w]+/g, "-").slice(0, 100)}`
      : error.name;
  return { error: name, ...(site === undefined ? {} : { site }) };
}
