import * as z from "zod";
import { ID_PATTERN } from "../../../core/kernel/ids.ts";
import { ACTIONS, OUTCOMES, PAGE_MAX, type TrailQuery } from "../../../core/watch/index.ts";
import { fail } from "../../http/failure.ts";

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
  cursor: id.optional(),
  count,
});
const PageParameters = TrailParameters.pick({ from: true, to: true, cursor: true, count: true });

/** Reads the query, each parameter once. Leaves with `structure` for one that is unknown, doubled or of another form. */
function read<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const names = [...query.keys()];
  const isDoubled = new Set(names).size < names.length;
  const parsed = schema.safeParse(Object.fromEntries(query));
  return parsed.success && !isDoubled ? parsed.data : fail({ kind: "structure", rule: "audit-query" });
}

const periodOf = ({ from, to, cursor, count: size }: z.infer<typeof PageParameters>) => ({
  ...(from !== undefined && { fromMs: from }),
  ...(to !== undefined && { toMs: to }),
  ...(cursor !== undefined && { cursor }),
  count: size,
});

/** `patient`, `actor`, `action`, `outcome`, `from`, `to`, `cursor`, `count`. */
export function readTrailQuery(query: URLSearchParams): TrailQuery {
  const { patient, actor, action, outcome, ...page } = read(TrailParameters, query);
  return {
    ...periodOf(page),
    ...(patient !== undefined && { patient }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
  };
}

/** `from`, `to`, `cursor`, `count`: whose log it is, the caller does not say. */
export const readPeriod = (query: URLSearchParams): TrailQuery => periodOf(read(PageParameters, query));
