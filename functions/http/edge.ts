import { createHash, timingSafeEqual } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { EDGE_HEADERS } from "../../core/contract/portal-paths.ts";

const header = (event: APIGatewayProxyEventV2, name: string): string =>
  Object.entries(event.headers).find(([known]) => known.toLowerCase() === name)?.[1] ?? "";

/**
 * Whether a request came through CloudFront, which alone knows the secret: an HTTP API has an address of its own, and
 * there neither the firewall nor the address of whoever asks could be relied on.
 * @param digest SHA-256 of the secret, in hex.
 */
export function isFromEdge(event: APIGatewayProxyEventV2, digest: string): boolean {
  const shown = createHash("sha256").update(header(event, EDGE_HEADERS.secret)).digest();
  return timingSafeEqual(shown, Buffer.from(digest, "hex"));
}

/**
 * The request as the portal's own visitor made it: with her address, where the gateway saw CloudFront's, and without what
 * only CloudFront is to know. Only of a request that came through it.
 */
export function asViewed(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const viewer = header(event, EDGE_HEADERS.viewer);
  const { http } = event.requestContext;
  const isKept = (name: string): boolean => name.toLowerCase() !== EDGE_HEADERS.secret;
  return {
    ...event,
    headers: Object.fromEntries(Object.entries(event.headers).filter(([name]) => isKept(name))),
    requestContext: {
      ...event.requestContext,
      http: { ...http, sourceIp: /^[0-9a-fA-F.:]{2,45}$/.test(viewer) ? viewer : http.sourceIp },
    },
  };
}
