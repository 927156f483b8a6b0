import { createHash } from "node:crypto";
import * as z from "zod";
import { DATA_CLASSES } from "../kernel/data-class.ts";
import { ID_PATTERN } from "../kernel/ids.ts";

const id = z.string().regex(ID_PATTERN);
const opaque = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);

/**
 * One access, attempted or done: who, in which role, for what purpose, did what to which record, when, and why it was
 * permitted. Identifiers and never content; everything that could say more is sealed in `detail`, which its writer
 * cannot read back. Sources: 45 CFR 164.312(b), ASTM E2147-18 7, IHE BALP.
 */
export const AuditEvent = z.strictObject({
  v: z.literal(1),
  id,
  tenant: id,
  /** Milliseconds since the epoch. */
  at: z.int(),
  /** DICOM/FHIR AuditEvent.action. */
  action: z.enum(["C", "R", "U", "D", "E"]),
  /** `read`, `search`, `create`, `transaction`, `sign-in`, `key.list`: FHIR's interaction or ours. */
  interaction: z.string().regex(/^[a-z][a-z.-]{1,31}$/),
  outcome: z.enum(["success", "denied", "failure"]),
  actor: z.strictObject({
    user: id,
    kind: z.enum(["user", "client"]),
    roles: z.array(opaque).max(8),
    client: opaque,
    session: opaque,
  }),
  purpose: z.enum(["TREAT", "HPAYMT", "HOPERAT", "ETREAT"]),
  /** The patient whose compartment was touched; opaque. */
  patient: opaque.optional(),
  /** What was touched. `version` is the one written or read. A search names its type alone. */
  entities: z.array(z.strictObject({ type: opaque, id: opaque.optional(), version: z.int().optional() })).max(120),
  /** How many records an answer held, where it is not one for each entity. */
  count: z.int().optional(),
  classes: z.array(z.enum(DATA_CLASSES)),
  /** One id for the request in logs, trail and here. */
  request: opaque,
  decision: z.strictObject({ id: opaque, version: opaque, rules: z.array(opaque).max(32) }),
  /** What consent said. `not-required` until consent rules exist. */
  consent: z.strictObject({ state: z.enum(["not-required", "permit", "deny"]), ids: z.array(opaque).max(16) }),
  /** A repeat of a request that had its effect before. */
  replay: z.boolean().optional(),
  /** The chain of one writing process: a missing number is a missing event. */
  writer: z.strictObject({ id, seq: z.int().min(1), prev: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** Sealed to the tenant's audit key: source address, user agent, query. Base64. */
  detail: z.base64().optional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** Members in one fixed order, so that an event has exactly one text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, member]) => [name, canonical(member)]),
  );
}

/** The text of an event: what is stored, archived and hashed, byte for byte. No line feed in it. */
export const encodeEvent = (event: AuditEvent): string => JSON.stringify(canonical(AuditEvent.parse(event)));

/** The event of a line, if the line is the one text of an event. */
export function decodeEvent(line: string): AuditEvent | undefined {
  try {
    const parsed = AuditEvent.safeParse(JSON.parse(line));
    return parsed.success && encodeEvent(parsed.data) === line ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** What the next event of the same writer names as `prev`. Hex. */
export const chainHash = (line: string): string => createHash("sha256").update(line).digest("hex");
export const CHAIN_START = "0".repeat(64);
