import { hash } from "node:crypto";
import * as z from "zod";
import { DATA_CLASSES } from "../kernel/data-class.ts";
import { ID_PATTERN } from "../kernel/ids.ts";
import { patternOf } from "./text-pattern.ts";

const id = z.string().regex(ID_PATTERN);
const opaque = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);

/** What was known when policy decided: short words, numbers and truth values, as core/policy needs them to decide again. */
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9._:|/-]{0,63}$/);
const word = z.string().regex(/^[A-Za-z0-9._:|/*+-]{0,128}$/);
type Input = string | number | boolean | readonly Input[] | { readonly [name: string]: Input };
const Input: z.ZodType<Input> = z.lazy(() =>
  z.union([word, z.int(), z.boolean(), z.array(Input).max(256), z.record(name, Input)]),
);
/* Any decision's inputs of any year: what they mean is core/policy's to say, which parses them again. */
const DecisionInputs: z.ZodType<Readonly<Record<string, unknown>>> = z.record(name, Input);

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
  /** `read`, `search`, `create`, `transaction`, `sign-in`, `break-glass.begin`: FHIR's interaction or ours. */
  interaction: z.string().regex(/^[a-z][a-z.-]{1,31}$/),
  outcome: z.enum(["success", "denied", "failure"]),
  /** Which of our functions did it. */
  service: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  actor: z.strictObject({
    user: id,
    kind: z.enum(["user", "client"]),
    roles: z.array(opaque).max(8),
    client: opaque,
    session: opaque,
  }),
  /** HL7 v3 PurposeOfUse and one of ours. Absent where a request was refused because it named none. */
  purpose: z.enum(["TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT", "HRESCH", "MLTRAINING"]).optional(),
  /** The patient whose compartment was touched; opaque. */
  patient: opaque.optional(),
  /** What was touched. `version` is the one written or read. A search names its type alone. */
  entities: z.array(z.strictObject({ type: opaque, id: opaque.optional(), version: z.int().optional() })).max(120),
  /** How many records an answer held, where it is not one for each entity. */
  count: z.int().optional(),
  /** Which parts of a view were shown, by name: never what stood in them. */
  sections: z.array(opaque).min(1).max(32).optional(),
  classes: z.array(z.enum(DATA_CLASSES)),
  /** Who receives what is disclosed, as the registry of recipients names it. */
  recipient: opaque.optional(),
  /** One id for the request in logs, trail and here. */
  request: opaque,
  decision: z.strictObject({
    id: opaque,
    version: opaque,
    rules: z.array(opaque).max(32),
    inputs: DecisionInputs.optional(),
  }),
  /** What consent said, and by which consents: `<consent id>:<version>`. */
  consent: z.strictObject({ state: z.enum(["not-required", "permit", "deny"]), ids: z.array(opaque).max(32) }),
  /** The break-glass that the access stood on. */
  emergency: opaque.optional(),
  /** For whom an assistant acted, and by which delegation. */
  delegation: z.strictObject({ id: opaque, user: id }).optional(),
  /** Why an administrative act was done. Free text is sealed in `detail`. */
  reason: z.strictObject({ code: opaque }).optional(),
  /** The second person of an act that needs two. */
  approver: opaque.optional(),
  /** Which step of an act that has several. */
  stage: z.enum(["start", "approve", "finish"]).optional(),
  /** A repeat of a request that had its effect before. */
  replay: z.boolean().optional(),
  /** The chain of one writing process: a missing number is a missing event. */
  writer: z.strictObject({ id, seq: z.int().min(1), prev: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** Sealed to the tenant's audit key: source address, user agent, query, free text. Base64. */
  detail: z.base64().optional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** Members in one fixed order, so that an event has exactly one text. What is in order already stays as it is. */
function canonical(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return canonicalList(value);
  const source = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(source);
  let isOrdered = true;
  for (let index = 1; index < names.length && isOrdered; index += 1) {
    isOrdered = (names[index - 1] ?? "") < (names[index] ?? "");
  }
  if (!isOrdered) names.sort();
  const ordered: Record<string, unknown> = {};
  for (const name of names) {
    const member = source[name];
    if (member !== undefined) ordered[name] = typeof member === "object" ? canonical(member) : member;
    isOrdered &&= member !== undefined && ordered[name] === member;
  }
  return isOrdered ? source : ordered;
}

function canonicalList(list: readonly unknown[]): readonly unknown[] {
  const ordered = list.map(canonical);
  return ordered.every((item, index) => item === list[index]) ? list : ordered;
}

/**
 * The texts of events as one expression, made from the schema: what matches is the one text of a valid event, if its
 * `inputs` are. A text that does not match may be one still (a number of sixteen digits); then the schema itself decides.
 */
const EVENT = patternOf(AuditEvent, {
  at: "number",
  "decision.inputs": "open",
  id: "string",
  tenant: "string",
  "writer.id": "string",
  "writer.prev": "string",
  "writer.seq": "number",
});
/** Captures stand in the order of the text, that is of the sorted names. */
const INPUTS = 2;

const INPUTS_KEPT = 4_096;
const goodInputs = new Set<string>();

/** Inputs repeat from event to event: a text that passed once is known. */
function areInputs(text: string): boolean {
  if (goodInputs.has(text)) return true;
  if (!isExact(text, DecisionInputs)) return false;
  if (goodInputs.size >= INPUTS_KEPT) goodInputs.clear();
  if (text.length <= INPUTS_KEPT) goodInputs.add(text);
  return true;
}

function isExact(text: string, schema: z.ZodType): boolean {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success && JSON.stringify(canonical(parsed.data)) === text;
  } catch {
    return false;
  }
}

/** What a verifier needs of an event. */
export interface EventHead {
  readonly id: string;
  readonly tenant: string;
  readonly at: number;
  readonly writer: AuditEvent["writer"];
}

/** The head of a line, if the line is the one text of an event. Some five times as fast as `decodeEvent`. */
export function readHead(line: string): EventHead | undefined {
  const found = EVENT.exec(line);
  if (found === null) return slowDecode(line);
  const [, at, inputs, id = "", tenant = "", writer = "", prev = "", seq] = found;
  if (inputs !== undefined && !areInputs(inputs)) return slowDecode(line);
  return { id, tenant, at: Number(at), writer: { id: writer, seq: Number(seq), prev } };
}

/** By the schema alone. The quick ways above must never say anything else. */
export function slowDecode(line: string): AuditEvent | undefined {
  return isExact(line, AuditEvent) ? (JSON.parse(line) as AuditEvent) : undefined;
}

function isEventText(line: string): boolean {
  const found = EVENT.exec(line);
  return found !== null && (found[INPUTS] === undefined || areInputs(found[INPUTS]));
}

/** The text of an event: what is stored, archived and hashed, byte for byte. No line feed in it. Throws for no event. */
export function encodeEvent(event: AuditEvent): string {
  const text = JSON.stringify(canonical(event));
  return isEventText(text) ? text : JSON.stringify(canonical(AuditEvent.parse(event)));
}

/** The event of a line, if the line is the one text of an event. */
export const decodeEvent = (line: string): AuditEvent | undefined =>
  isEventText(line) ? (JSON.parse(line) as AuditEvent) : slowDecode(line);

/** What the next event of the same writer names as `prev`. Hex. */
export const chainHash = (line: string): string => hash("sha256", line, "hex");
export const CHAIN_START = "0".repeat(64);
