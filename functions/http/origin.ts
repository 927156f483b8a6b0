import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { RequestOrigin } from "../runtime/operation-audit.ts";

/** What an audit event says of the request itself. */
export const originOf = (event: APIGatewayProxyEventV2): RequestOrigin => ({
  requestId: event.requestContext.requestId,
  sourceIp: event.requestContext.http.sourceIp,
  userAgent: (event.headers["user-agent"] ?? "").slice(0, 256),
  method: event.requestContext.http.method,
  path: event.rawPath,
  query: event.rawQueryString,
});
