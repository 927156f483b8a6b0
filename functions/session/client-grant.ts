import { decodeJwt } from "jose";
import { parseUserId, type TenantId, type UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import { findClient } from "../../core/tenant/find-client.ts";
import { MembershipRow, membershipKey, parseRow } from "../../core/tenant/rows.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { log } from "../runtime/log.ts";
import { chargeTo } from "../runtime/meter.ts";
import type { OperationAudit, Telling, Trail } from "../runtime/operation-audit.ts";
import { signInDecision, trailsOf } from "./begin-session.ts";

export interface ClientGrantDeps {
  readonly registry: RegistryStore;
  readonly audit: OperationAudit;
}

interface KnownClient {
  readonly clientId: UserId;
  readonly tenantId: TenantId;
  readonly roles: readonly string[];
}

async function knownClient(registry: RegistryStore, clientId: UserId): Promise<KnownClient | undefined> {
  const client = await findClient(registry, clientId);
  if (client === undefined) return undefined;
  const tenantId = client.tenantId as TenantId;
  const member = await registry.get(membershipKey(clientId, tenantId));
  return { clientId, tenantId, roles: member === undefined ? [] : parseRow(MembershipRow, member).roles };
}

/** The client and the session that the answer's own token names: the client's later events name the same. */
function grantedTo(answer: Answer): { readonly clientId: UserId | undefined; readonly session: string } {
  const { access_token: token } = JSON.parse(answer.body ?? "") as { readonly access_token: string };
  const { sub, sid } = decodeJwt(token);
  return { clientId: parseUserId(sub), session: String(sid) };
}

/** Who a client says that it is. Nothing here is verified: it decides whose trail hears of a refusal, and no more. */
function claimedBy(form: URLSearchParams): UserId | undefined {
  try {
    return parseUserId(decodeJwt(form.get("client_assertion") ?? "").sub);
  } catch {
    return undefined;
  }
}

/**
 * The token end-point's answer to a system, once its clinic has been told: a grant leaves only with its event, and a
 * refusal leaves one where the client is known. Client ids are random and no secret is guessed by them, so that a
 * refusal may take the time that its event takes. Codes are not told here: their sign-in was.
 */
export async function tellClientGrant(
  exchange: Pick<Exchange, "route" | "rawBody" | "event">,
  answer: Answer,
  { registry, audit }: ClientGrantDeps,
): Promise<Answer> {
  const form = new URLSearchParams(exchange.rawBody);
  if (exchange.route !== "token" || form.get("grant_type") !== "client_credentials") return answer;
  const origin = originOf(exchange.event);
  const granted = answer.status === 200 ? grantedTo(answer) : undefined;
  const clientId = granted === undefined ? claimedBy(form) : granted.clientId;
  const client = clientId === undefined ? undefined : await knownClient(registry, clientId);
  const [trail] = client === undefined ? [] : await trailsOf(registry, [client.tenantId]);
  const telling = (known: KnownClient, held: Trail, session: string | undefined): Telling => ({
    trail: held,
    operation: {
      interaction: "token",
      actor: {
        user: known.clientId,
        kind: "client",
        // A refused client has shown no key, and so has no role.
        roles: session === undefined ? [] : [...known.roles],
        client: known.clientId,
        session: session ?? "none",
      },
      decision: signInDecision(session === undefined ? "factors" : "private-key"),
      entities: [{ type: "Client", id: known.clientId }],
    },
  });
  if (granted !== undefined) {
    invariant(client !== undefined && trail !== undefined, "a token is granted to a client that the registry has");
    chargeTo(client);
    const told = await audit.record(telling(client, trail, granted.session), origin, "success");
    return told.ok ? answer : fail({ kind: "unavailable" });
  }
  const { requestId } = origin;
  log("warn", "sign-in", { failure: "unauthenticated", requestId, ...(client && { userId: client.clientId }) });
  if (client !== undefined && trail !== undefined)
    await audit.recordFailures([telling(client, trail, undefined)], origin);
  return answer;
}
