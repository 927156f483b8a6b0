import { userAgentToken } from "../request-name.ts";
import type { DataCall, SeenEvent } from "../sightings.ts";
import { makeSignal, type Signal } from "../signal.ts";
import { nameTouch } from "../touch.ts";

/**
 * Calls that IAM refused because a row is another tenant's. No code of ours builds such a key: whoever does is trying.
 * The tenant that is told is the caller's own, where the request or the user behind the session is known; the one whose
 * row was asked for is told where it is not.
 */
export function crossTenantProbes(calls: readonly DataCall[], events: readonly SeenEvent[]): Signal[] {
  const tenantOfRequest = new Map(events.map((event) => [userAgentToken(event.request), event.tenant]));
  const tenantOfUser = new Map(events.map((event) => [`u-${event.actor.user}`, event.tenant]));
  return calls.flatMap((call) => {
    if (!call.isDenied) return [];
    const own =
      (call.sourceIdentity === undefined ? undefined : tenantOfUser.get(call.sourceIdentity)) ??
      (call.request === undefined ? undefined : tenantOfRequest.get(call.request));
    const [foreign] = call.touches.filter(({ tenantId }) => tenantId !== own);
    if (foreign === undefined) return [];
    const { atMs: at, principal: handler, request, sourceIdentity } = call;
    const evidence = events.filter((event) => userAgentToken(event.request) === request).map(({ id }) => id);
    const facts = { tenant: own ?? foreign.tenantId ?? "none", at, kind: "cross-tenant-probe", handler } as const;
    return [
      makeSignal(
        {
          ...facts,
          // Not the row's own name: one tenant learns nothing of another's records.
          record: own === undefined ? nameTouch(foreign).name : `${foreign.dataClass ?? "?"}/another-tenant`,
          ...(request !== undefined && { request }),
          ...(sourceIdentity !== undefined && { user: sourceIdentity.replace(/^u-/, "") }),
          evidence,
        },
        [call.eventId],
      ),
    ];
  });
}
