import { Coverage } from "./coverage.ts";
import { userAgentToken } from "./request-name.ts";
import type { DataCall, KeyCall, KeyUseLine, RequestLine, SeenEvent } from "./sightings.ts";
import { makeSignal, type Signal } from "./signal.ts";
import { nameTouch, readName, type Touch } from "./touch.ts";

/** Who may touch the data table without a request: their roles see plain attributes alone, and IAM says so. */
export interface ReadRules {
  /** Role names of functions that read keys and plain attributes. */
  readonly plainReaders: ReadonlySet<string>;
  /** Roles that keep the rows of jobs, which have an event for each stage and not for each step. */
  readonly jobKeepers: ReadonlySet<string>;
  /** Incidents of one request that are told one by one. */
  readonly findingsPerRequest: number;
  /** How far a call may lie outside its request: CloudTrail knows whole seconds, and clocks differ a little. */
  readonly slackMs: number;
  /** The longest that a request can run. */
  readonly longestRequestMs: number;
}

export const READ_RULES: Omit<ReadRules, "plainReaders" | "jobKeepers"> = {
  findingsPerRequest: 20,
  slackMs: 2_000,
  longestRequestMs: 30_000,
};

/** Requests of the window by the name under which all sources know them. */
interface Known {
  readonly events: readonly SeenEvent[];
  readonly line: RequestLine | undefined;
}

export function knownRequests(events: readonly SeenEvent[], lines: readonly RequestLine[]): (request: string) => Known {
  const byRequest = Map.groupBy(events, (event) => userAgentToken(event.request));
  const byId = new Map(lines.map((line) => [userAgentToken(line.requestId), line]));
  return (request) => {
    const name = userAgentToken(request);
    return { events: byRequest.get(name) ?? [], line: byId.get(name) };
  };
}

const patientOf = (touch: Touch): { readonly patient?: string } => {
  const [, , patient] = nameTouch(touch).name.split("/");
  return touch.patient === undefined || patient === undefined ? {} : { patient };
};

/** Openings that no event of their request explains: by the account of the code itself, below the handlers. */
export function silentOpenings(
  uses: readonly KeyUseLine[],
  known: ReturnType<typeof knownRequests>,
  rules: ReadRules,
): Signal[] {
  return uses.flatMap((use) => {
    const { events, line } = known(use.requestId);
    const coverage = new Coverage(events.filter((event) => isOwn(event, use)));
    const names = new Map(use.records.map((name) => [name, 1]));
    for (const entry of use.more) {
      const [group = "", count = "1"] = entry.split("=");
      // A group with named records is told by them; one that is only counted stands for itself.
      if (!use.records.some((name) => name === group || name.startsWith(`${group}/`))) names.set(group, Number(count));
    }
    if (use.uncounted > 0) names.set("?/strange", use.uncounted);
    const silent = [...names].flatMap(([name, count]) => {
      const touch = readName(name);
      return coverage.explains(touch) ? [] : [{ name, count, touch }];
    });
    const tenant = use.tenantId ?? line?.tenantId ?? events[0]?.tenant ?? "none";
    return silent.slice(0, rules.findingsPerRequest).map(({ name, count, touch }) =>
      makeSignal(
        {
          tenant,
          at: use.atMs,
          kind: "silent-read",
          handler: `${use.service}:${use.route ?? line?.route ?? "unknown"}`,
          record: name,
          request: use.requestId,
          ...(use.userId === undefined ? {} : { user: use.userId }),
          ...patientOf(touch),
          count: silent.length > rules.findingsPerRequest ? silent.length : count,
          evidence: events.map(({ id }) => id),
        },
        [use.requestId, name],
      ),
    );
  });
}

const isOwn = (event: SeenEvent, use: KeyUseLine): boolean =>
  (use.tenantId === undefined || use.tenantId === event.tenant) &&
  (use.userId === undefined || use.userId === event.actor.user);

/** Reads and writes of rows that no request explains: by the account of AWS itself, below all our code. */
export function unexplainedCalls(
  calls: readonly DataCall[],
  known: ReturnType<typeof knownRequests>,
  rules: ReadRules,
): Signal[] {
  return calls.flatMap((call) => {
    if (call.isDenied || rules.plainReaders.has(call.principal)) return [];
    const explained = explain(call, known, rules);
    const isJobs = (touch: Touch): boolean => touch.kind === "job" && rules.jobKeepers.has(call.principal);
    const bare = call.touches.filter((touch) => !isJobs(touch) && !explained.explains(touch));
    const silent = bare.filter((touch) => touch.kind !== "plain");
    // Nothing of ours reads a table without naming rows: a scan, an export or a statement touches all of them.
    const touches = call.touches.length === 0 ? [{ kind: "strange" } as Touch] : silent;
    const byPlace = Map.groupBy(touches, (touch) => nameTouch(touch).group);
    return [...byPlace].slice(0, rules.findingsPerRequest).map(([group, [touch, ...more]]) =>
      makeSignal(
        {
          tenant: touch?.tenantId ?? "none",
          at: call.atMs,
          kind: call.isWrite ? "unaudited-write" : "unexplained-read",
          handler: handlerOf(call, known),
          record: touch === undefined ? group : nameTouch(touch).name,
          ...(call.request !== undefined && { request: call.request }),
          ...userOf(call),
          ...(touch === undefined ? {} : patientOf(touch)),
          count: more.length + 1,
          evidence: explained.evidence,
        },
        [call.eventId, group],
      ),
    );
  });
}

/** Uses of data keys for which no request of that user in that clinic stands. */
export function unexplainedKeys(
  calls: readonly KeyCall[],
  known: ReturnType<typeof knownRequests>,
  rules: ReadRules,
): Signal[] {
  return calls.flatMap((call) => {
    if (call.isDenied) return [];
    const { events, line } = known(call.request ?? "");
    const own = events.filter((event) => event.tenant === call.tenantId && isTheirs(event, call));
    if (own.length > 0 && isDuring(call, own, line, rules)) return [];
    const { tenantId: tenant, dataClass } = call;
    return [
      makeSignal(
        {
          tenant,
          at: call.atMs,
          kind: "unexplained-key-use",
          handler: handlerOf(call, known),
          record: `${dataClass}/key`,
          ...(call.request !== undefined && { request: call.request }),
          ...userOf(call),
          evidence: events.map(({ id }) => id),
        },
        [call.eventId],
      ),
    ];
  });
}

type Call = Pick<DataCall, "atMs" | "request" | "sourceIdentity" | "principal">;

interface Explained {
  readonly explains: (touch: Touch) => boolean;
  readonly evidence: readonly string[];
}

/** A request's name alone explains nothing: who made it, when it ran and what its events say must agree. */
function explain(call: DataCall, known: ReturnType<typeof knownRequests>, rules: ReadRules): Explained {
  const { events, line } = known(call.request ?? "");
  const evidence = events.map(({ id }) => id);
  const own = events.filter((event) => isTheirs(event, call));
  if (own.length === 0 || !isDuring(call, own, line, rules)) return { explains: () => false, evidence };
  if (call.isWrite) {
    const written = new Coverage(own.filter((event) => isWriting(event)));
    return { explains: (touch) => written.explains(touch), evidence };
  }
  const coverage = new Coverage(own);
  return { explains: (touch) => coverage.explains(touch), evidence };
}

/** A search is executed and changes nothing; a transaction is executed too, and does. */
const isWriting = ({ action, interaction, outcome }: SeenEvent): boolean =>
  outcome === "success" && (action === "C" || action === "U" || action === "D" || interaction === "transaction");

const isTheirs = (event: SeenEvent, { sourceIdentity }: Call): boolean =>
  sourceIdentity === `u-${event.actor.user}` || sourceIdentity === event.actor.user;

/** Without its log line a request is known by its events alone, and may have run as long as one can. */
function isDuring(
  { atMs }: Call,
  events: readonly SeenEvent[],
  line: RequestLine | undefined,
  { slackMs, longestRequestMs }: ReadRules,
): boolean {
  const times = events.map(({ at }) => at);
  const [from, to] =
    line === undefined
      ? [Math.min(...times) - longestRequestMs, Math.max(...times) + longestRequestMs]
      : [Math.min(line.atMs - line.durationMs, ...times), Math.max(line.atMs, ...times)];
  return atMs >= from - slackMs && atMs <= to + slackMs;
}

function handlerOf(call: Call, known: ReturnType<typeof knownRequests>): string {
  const route = call.request === undefined ? undefined : known(call.request).line?.route;
  return route === undefined ? call.principal : `${call.principal}:${route}`;
}

const userOf = ({ sourceIdentity }: Call): { readonly user?: string } =>
  sourceIdentity === undefined ? {} : { user: sourceIdentity.replace(/^u-/, "") };
