import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { PurposeCode } from "../contract/purpose.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { documentTicketsKey, type Row, type Table } from "../table/index.ts";

/** A ticket opens one slice of one content, once, and for so long. */
export const TICKET_LIFETIME_MS = 60_000;
/** As many as a person has open at once; the oldest is forgotten for the next. */
const OPEN_MAX = 8;
const SECRET_BYTES = 32;
const ATTEMPTS = 5;

/** What a ticket is for. It gives nothing that its session could not read at the moment when it is shown. */
const Ticketed = z.strictObject({
  /** SHA-256 of the session's secret, hex. */
  session: z.string().regex(/^[0-9a-f]{64}$/),
  document: z.string(),
  edition: z.int().min(1),
  /** It was asked for by its number, as one of those before. */
  isPast: z.boolean(),
  slice: z.int().min(0),
  slices: z.int().min(1),
  use: z.enum(["show", "save"]),
  purpose: z.enum(PurposeCode.options),
});
export type Ticketed = z.infer<typeof Ticketed>;

const OpenTickets = z.array(z.strictObject({ ...Ticketed.shape, digest: z.string(), expiresAtMs: z.int() }));
type OpenTickets = z.infer<typeof OpenTickets>;

export interface TicketDeps {
  readonly table: Table;
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly clock: Clock;
  readonly random: (size: number) => Buffer;
}

export interface MadeTicket {
  readonly ticket: string;
  readonly expiresAtMs: number;
}

type TicketFailure = { readonly kind: "not-found" | "throttled" | "unavailable" };

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The session that a ticket names; undefined for what is none. Not trusted yet: its secret is compared where it lies. */
export function readTicket(ticket: string): { readonly session: string; readonly secret: Buffer } | undefined {
  const bytes = Buffer.from(ticket, "base64url");
  if (bytes.length !== 32 + SECRET_BYTES || bytes.toString("base64url") !== ticket) return undefined;
  return { session: bytes.subarray(0, 32).toString("hex"), secret: bytes.subarray(32) };
}

/** Makes a ticket for what a session may read. Only the hash of its secret is stored. */
export async function makeTicket(deps: TicketDeps, ticketed: Ticketed): Promise<Result<MadeTicket, TicketFailure>> {
  const { entry, made } = newEntry(deps, ticketed);
  const kept = await change(deps, (open) => ({ next: [...open, entry], value: made }));
  return kept.ok ? ok(kept.value ?? made) : kept;
}

/**
 * Takes a ticket: what it was for, and never again. With `follow`, another is made in the same write, as for the next slice.
 * Used, late, made in another session, or never made: one answer.
 */
export async function takeTicket(
  deps: TicketDeps,
  shown: { readonly session: string; readonly secret: Uint8Array },
  follow: (taken: Ticketed) => Ticketed | undefined,
): Promise<Result<{ readonly taken: Ticketed; readonly next?: MadeTicket }, TicketFailure>> {
  const digest = Buffer.from(sha256(shown.secret));
  const done = await change(deps, (open) => {
    const found = open.find(
      (each) => each.session === shown.session && timingSafeEqual(Buffer.from(each.digest), digest),
    );
    if (found === undefined) return undefined;
    const { digest: _digest, expiresAtMs: _end, ...taken } = found;
    const following = follow(taken);
    const made = following === undefined ? undefined : newEntry(deps, following);
    const rest = open.filter((each) => each !== found);
    return {
      next: made === undefined ? rest : [...rest, made.entry],
      value: { taken, ...(made && { next: made.made }) },
    };
  });
  if (!done.ok) return done;
  return done.value === undefined ? err({ kind: "not-found" }) : ok(done.value);
}

function newEntry({ clock, random }: TicketDeps, ticketed: Ticketed) {
  const secret = random(SECRET_BYTES);
  const expiresAtMs = clock.now() + TICKET_LIFETIME_MS;
  const ticket = Buffer.concat([Buffer.from(ticketed.session, "hex"), secret]).toString("base64url");
  return { entry: { ...ticketed, digest: sha256(secret), expiresAtMs }, made: { ticket, expiresAtMs } };
}

/**
 * Changes a member's one row over the version that was read: of two that take the same ticket one comes too late. The row
 * is of class I: it holds hashes and ids and nothing of a patient's.
 */
async function change<T>(
  { table, tenantId, userId, clock }: TicketDeps,
  edit: (open: OpenTickets) => { readonly next: OpenTickets; readonly value: T } | undefined,
): Promise<Result<T | undefined, TicketFailure>> {
  const key = documentTicketsKey(tenantId, userId);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await table.get("data", key, { isConsistent: true });
    if (!found.ok) return err({ kind: found.error.kind === "throttled" ? "throttled" : "unavailable" });
    const rev = typeof found.value?.["rev"] === "number" ? found.value["rev"] : 0;
    const open = openIn(found.value).filter(({ expiresAtMs }) => clock.now() < expiresAtMs);
    const edited = edit(open);
    if (edited === undefined) return ok(undefined);
    const row: Row = { ...key, rev: rev + 1, open: JSON.stringify(edited.next.slice(-OPEN_MAX)) };
    const condition = rev === 0 ? ({ kind: "absent" } as const) : ({ kind: "equals", attributes: { rev } } as const);
    const done = await table.transactWrite([{ kind: "put", table: "data", row, condition }]);
    if (done.ok) return ok(edited.value);
    const { kind } = done.error;
    if (kind !== "conflict" && kind !== "contended") return err({ kind: kind === "throttled" ? kind : "unavailable" });
  }
  return err({ kind: "unavailable" });
}

/** What does not read as open tickets opens nothing. */
function openIn(row: Row | undefined): OpenTickets {
  const text = row?.["open"];
  if (typeof text !== "string") return [];
  try {
    const parsed = OpenTickets.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
