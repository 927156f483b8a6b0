import { randomBytes } from "node:crypto";
import { type OpenPreview, type PreviewTicketView } from "../../../core/contract/document.ts";
import { routes } from "../../../core/contract/index.ts";
import * as documents from "../../../core/document/index.ts";
import { MEDIA_RULES } from "../../../core/document/media-types.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import { sessionIdOf } from "../../../core/identity/session.ts";
import { systemClock, toInstant } from "../../../core/kernel/clock.ts";
import { parseTenantId, parseUserId } from "../../../core/kernel/ids.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { grantForRefusal, notAsked } from "../../../core/policy/index.ts";
import { parseRow, SessionRow, sessionKey } from "../../../core/tenant/rows.ts";
import { SESSION_COOKIE } from "../../http/authenticate.ts";
import { type Answer, type Exchange, type Identity, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { authentication, openScope, zone } from "../context.ts";
import { type Filing, filing, onDocuments, openFiling } from "./desk.ts";
import { fileAnswer } from "./file-answer.ts";

type Ticketed = Parameters<typeof documents.makeTicket>[1];

const readingOf = (id: string, edition: number | undefined) =>
  onDocuments(edition === undefined ? "read" : "history", patientOfId(id));

const mustHold = <T>(result: Result<T, { readonly kind: "not-found" | "throttled" | "unavailable" }>): T => {
  if (result.ok) return result.value;
  const { kind } = result.error;
  return fail(kind === "throttled" ? { kind, retryAfterMs: 1000 } : { kind });
};

/** POST /clinic/documents/{id}/preview */
export function openPreview(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const asked = exchange.body as OpenPreview;
  return ticketFor(exchange, () => openFiling(exchange, [readingOf(id, asked.edition)], id), id, asked);
}

/** A ticket for what a request may read: for a browser's session, because the ticket lives and dies with it. */
export async function ticketFor(
  exchange: Exchange,
  open: () => Promise<Filing>,
  id: string,
  { edition, use }: OpenPreview,
): Promise<Answer> {
  const { identity } = exchange;
  const session = identity?.shown === "cookie" ? identity.sessionDigest : undefined;
  const opened = await filing(open, async ({ charts, desk }) => {
    const found = await documents.findContent(desk, id, { edition, use });
    return found.ok ? { ok: true, value: { ...found.value, charts } } : found;
  });
  if (session === undefined) return fail({ kind: "forbidden", rule: "preview-session" });
  const { charts, content } = opened;
  const { mediaType, fileName } = content;
  const { table, principal, purpose } = charts;
  const deps = {
    table,
    tenantId: principal.tenantId,
    userId: principal.userId,
    clock: systemClock,
    random: randomBytes,
  };
  const at = { edition: content.edition, isPast: edition !== undefined, slice: 0, slices: documents.slicesOf(content) };
  const ticketed = { session, document: id, ...at, use, purpose };
  const { ticket, expiresAtMs } = mustHold(await documents.makeTicket(deps, ticketed));
  const view: PreviewTicketView = {
    ticket,
    preview: MEDIA_RULES[mediaType].preview,
    fileName,
    mediaType,
    slices: at.slices,
    expiresAt: toInstant(expiresAtMs),
  };
  return json(200, view);
}

/** Who made a ticket, as she stands now: signed out, suspended or idle, she opens nothing by it. */
async function holderOf(session: string): Promise<Identity> {
  const row = await zone.registry.get(sessionKey(session));
  if (row === undefined) return fail({ kind: "not-found" });
  const found = parseRow(SessionRow, row);
  const [userId, tenantId] = [parseUserId(found.userId), parseTenantId(found.tenantId)];
  if (found.kind !== "cookie" || userId === undefined || tenantId === undefined) return fail({ kind: "not-found" });
  const { standings } = await authentication();
  const standing = await standings.of({
    kind: "user",
    userId,
    tenantId,
    clientId: "portal",
    assurance: found.assurance,
    sessionId: sessionIdOf(session),
    sessionDigest: session,
    shown: "cookie",
  });
  return standing.ok ? { ...standing.value, shown: "cookie", sessionDigest: session } : fail({ kind: "not-found" });
}

const nextSlice = (taken: Ticketed): Ticketed | undefined =>
  taken.slice + 1 < taken.slices ? { ...taken, slice: taken.slice + 1 } : undefined;

/** What the frame of a preview is: a page of no origin at all. A ticket is of use to nobody else. */
const isFrame = ({ headers, event }: Exchange): boolean => {
  const isSignedIn = (event.cookies ?? []).some((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
  return headers["authorization"] === undefined && !isSignedIn && (headers["origin"] ?? "null") === "null";
};

/**
 * POST /document-content, at the documents' own origin: the bytes of one slice for a ticket, once. The ticket says who
 * asks; policy, consents and the trail see her as if she had asked with her session, which has to be alive still. Whatever
 * is wrong with a ticket, the answer is that of one which never was.
 */
export async function redeemTicket(exchange: Exchange): Promise<Answer> {
  const shown = isFrame(exchange)
    ? documents.readTicket(new URLSearchParams(exchange.rawBody).get("ticket") ?? "")
    : undefined;
  if (shown === undefined) return fail({ kind: "not-found" });
  const identity = await holderOf(shown.session);
  const { principal } = identity;
  const whose = { event: exchange.event, identity };
  const nobodys = grantForRefusal(principal, { kind: "forbidden", decision: notAsked("ticket") });
  const { table } = openScope(whose, nobodys);
  const deps = {
    table,
    tenantId: principal.tenantId,
    userId: principal.userId,
    clock: systemClock,
    random: randomBytes,
  };
  const { taken, next } = mustHold(await documents.takeTicket(deps, shown, nextSlice));
  const { document, slice, use, purpose } = taken;
  const which = taken.isPast ? { edition: taken.edition } : { mustBe: taken.edition };
  // A patient's own: it was made in her portal, and opens what her portal would.
  const own = principal.roles.includes("patient") && purpose === "PATRQT" ? principal.patientId : undefined;
  const route = own === undefined ? "openPreview" : "openOwnPreview";
  const asHer: Exchange = {
    ...exchange,
    route,
    definition: routes[route],
    identity,
    path: { id: document },
    headers: { ...exchange.headers, "x-purpose-of-use": purpose },
  };
  const read = await filing(
    () =>
      own === undefined
        ? openFiling(asHer, [readingOf(document, which.edition)], document)
        : openFiling(asHer, [onDocuments("read", own)]),
    ({ desk }) => documents.readContent(desk, document, { ...which, slice, use }),
  );
  return fileAnswer(read, {
    "access-control-allow-origin": "null",
    "access-control-expose-headers": "x-next-ticket",
    ...(next !== undefined && { "x-next-ticket": next.ticket }),
  });
}
