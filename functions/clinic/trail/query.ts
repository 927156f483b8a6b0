import * as z from "zod";
import { ID_PATTERN } from "../../../core/kernel/ids.ts";
import { ACTIONS, OUTCOMES, PAGE_MAX, type TrailQuery } from "../../../core/watch/index.ts";
import { dayBounds } from "../../../core/schedule/clinic-time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { clinicZoneOf } from "../clinic-zone.ts";

type Asked = Pick<Exchange, "query" | "identity">;

const id = z.string().regex(ID_PATTERN);
/** A day, or an instant with its zone: FHIR R4 datatypes.html#dateTime without the shorter forms. */
const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2}))?$/)
  .transform((text) => Date.parse(text))
  .refine(Number.isFinite);
const count = z.coerce.number().int().min(1).max(PAGE_MAX).default(50);

const TrailParameters = z.strictObject({
  /** FHIR R4 datatypes.html#id. */
  patient: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,64}$/)
    .optional(),
  actor: id.optional(),
  action: z.enum(ACTIONS).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  from: moment.optional(),
  to: moment.optional(),
  /** Days of the clinic's calendar, both inclusive: when they begin and end there, the server says. */
  fromDay: z.iso.date().optional(),
  toDay: z.iso.date().optional(),
  cursor: id.optional(),
  count,
});
const PageParameters = TrailParameters.pick({
  from: true,
  to: true,
  fromDay: true,
  toDay: true,
  cursor: true,
  count: true,
});

/** Reads the query, each parameter once. Leaves with `structure` for one that is unknown, doubled or of another form. */
function read<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const names = [...query.keys()];
  // A day and an instant for one end of the period would be two answers to one question.
  const isTwice = (["from", "to"] as const).some((end) => query.has(end) && query.has(`${end}Day`));
  const isDoubled = isTwice || new Set(names).size < names.length;
  const parsed = schema.safeParse(Object.fromEntries(query));
  return parsed.success && !isDoubled ? parsed.data : fail({ kind: "structure", rule: "audit-query" });
}

const periodOf = ({ from, to, cursor, count: size }: z.infer<typeof PageParameters>) => ({
  ...(from !== undefined && { fromMs: from }),
  ...(to !== undefined && { toMs: to }),
  ...(cursor !== undefined && { cursor }),
  count: size,
});

/** What a query asks for, with days of the clinic that are still to be read in its zone. */
interface Days {
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
}

async function inClinicDays(query: TrailQuery, days: Days, asked: Asked): Promise<TrailQuery> {
  const { fromDay, toDay } = days;
  if (fromDay === undefined && toDay === undefined) return query;
  const timeZone = await clinicZoneOf(asked);
  return {
    ...query,
    ...(fromDay !== undefined && { fromMs: dayBounds(timeZone, fromDay).startMs }),
    ...(toDay !== undefined && { toMs: dayBounds(timeZone, toDay).endMs }),
  };
}

/** `patient`, `actor`, `action`, `outcome`, `from`, `to`, `fromDay`, `toDay`, `cursor`, `count`. */
export function readTrailQuery(exchange: Asked): Promise<TrailQuery> {
  const { patient, actor, action, outcome, ...page } = read(TrailParameters, exchange.query);
  const asked = {
    ...periodOf(page),
    ...(patient !== undefined && { patient }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
  };
  return inClinicDays(asked, page, exchange);
}

/** `from`, `to`, `fromDay`, `toDay`, `cursor`, `count`: whose log it is, the caller does not say. */
export function readPeriod(exchange: Asked): Promise<TrailQuery> {
  const page = read(PageParameters, exchange.query);
  return inClinicDays(periodOf(page), page, exchange);
}
