import { crc32 } from "node:zlib";
import { expectStructure } from "./attribute-value.ts";
import { serialization } from "./errors.ts";
import type { Input } from "./input.ts";
import type { Reply } from "./plan.ts";
import { ServiceError } from "../service.ts";
import type { WireRequest, WireResponse } from "../service.ts";

/** Which namespace AWS puts before an error's name in `__type`; the SDK reads what follows the `#`. */
const NAMESPACES: ReadonlyMap<string, string> = new Map([
  ["ValidationException", "com.amazon.coral.validate"],
  ["SerializationException", "com.amazon.coral.service"],
  ["UnknownOperationException", "com.amazon.coral.service"],
  ["AccessDeniedException", "com.amazon.coral.service"],
  ["UnrecognizedClientException", "com.amazon.coral.service"],
  ["InvalidSignatureException", "com.amazon.coral.service"],
  ["IncompleteSignatureException", "com.amazon.coral.service"],
  ["MissingAuthenticationTokenException", "com.amazon.coral.service"],
  ["ExpiredTokenException", "com.amazon.coral.service"],
  ["ThrottlingException", "com.amazon.coral.availability"],
]);
const OWN_NAMESPACE = "com.amazonaws.dynamodb.v20120810";

export interface Target {
  readonly service: string;
  readonly operation: string;
}

/** The service and operation of X-Amz-Target, or undefined where the header does not name one. */
export function readTarget(request: WireRequest): Target | undefined {
  const match = /^(DynamoDB(?:Streams)?_20120810)\.([A-Za-z]{1,64})$/.exec(request.headers["x-amz-target"] ?? "");
  const [, service, operation] = match ?? [];
  return service !== undefined && operation !== undefined ? { service, operation } : undefined;
}

/** The request's JSON object. Throws SerializationException for anything else. */
export function readInput(request: WireRequest): Input {
  const text = request.body.toString();
  if (text === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw serialization("The request body is not valid JSON");
  }
  return expectStructure(parsed);
}

function respond(status: number, body: string, requestId: string): WireResponse {
  return {
    status,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-crc32": String(crc32(body)),
      "x-amzn-requestid": requestId,
    },
    body,
  };
}

export const renderReply = (reply: Reply, requestId: string): WireResponse =>
  respond(200, typeof reply === "string" ? reply : JSON.stringify(reply), requestId);

export function renderError(error: ServiceError, requestId: string): WireResponse {
  const namespace = NAMESPACES.get(error.code) ?? OWN_NAMESPACE;
  // AWS spells this one member with a capital where the error has a shape of its own.
  const member = error.code === "TransactionCanceledException" ? "Message" : "message";
  const body = JSON.stringify({ __type: `${namespace}#${error.code}`, [member]: error.message, ...error.fields });
  return respond(error.status, body, requestId);
}
