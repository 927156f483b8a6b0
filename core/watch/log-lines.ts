import * as z from "zod";
import type { ChangeAlarm, KeyUseLine, RequestLine } from "./sightings.ts";

const RequestText = z.looseObject({
  message: z.literal("request"),
  requestId: z.string(),
  route: z.string(),
  status: z.number(),
  durationMs: z.number(),
  tenantId: z.string().optional(),
  userId: z.string().optional(),
});
const KeyUseText = z.looseObject({
  message: z.literal("key-use"),
  requestId: z.string(),
  count: z.number(),
  records: z.array(z.string()),
  more: z.array(z.string()),
  uncounted: z.number().optional(),
  route: z.string().optional(),
  tenantId: z.string().optional(),
  userId: z.string().optional(),
});

const AlarmText = z.looseObject({
  message: z.literal("alarm"),
  failure: z.enum(["UNAUDITED_WRITE", "ROLLED_BACK"]),
  record: z.string(),
  at: z.iso.datetime(),
  eventId: z.string(),
  tenantId: z.string().optional(),
});

/** A line of a function's log. */
export interface LogEvent {
  /** `fhir`, of `/aws/lambda/keyward-dev-fhir`. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly text: string;
}

/**
 * The request and key-use lines among log lines; all others are passed over. A line of one of the two kinds that cannot
 * be read is a throw: what it would have said must not be missed in silence.
 */
export function readLogLines(lines: readonly LogEvent[]): {
  readonly requests: readonly RequestLine[];
  readonly keyUses: readonly KeyUseLine[];
  readonly changes: readonly ChangeAlarm[];
} {
  const requests: RequestLine[] = [];
  const keyUses: KeyUseLine[] = [];
  const changes: ChangeAlarm[] = [];
  for (const { service, atMs, text } of lines) {
    const value = parseJson(text);
    const { message } = z.looseObject({ message: z.unknown() }).safeParse(value).data ?? {};
    if (message === "request") {
      const { requestId, route, status, durationMs, tenantId, userId } = RequestText.parse(value);
      requests.push({ requestId, route, status, durationMs, tenantId, userId, atMs });
    }
    if (message === "key-use") {
      const { requestId, count, records, more, uncounted = 0, route, tenantId, userId } = KeyUseText.parse(value);
      keyUses.push({ requestId, count, records, more, uncounted, route, tenantId, userId, service, atMs });
    }
    const alarm = service === "cross-check" ? AlarmText.safeParse(value).data : undefined;
    if (alarm !== undefined) {
      const { failure, record, at, eventId, tenantId } = alarm;
      const kind = failure === "ROLLED_BACK" ? "rolled-back" : "unaudited-write";
      changes.push({ kind, record, tenantId, atMs: Date.parse(at), name: eventId });
    }
  }
  return { requests, keyUses, changes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
