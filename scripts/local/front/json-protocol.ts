import { ServiceError, type WireResponse } from "../service.ts";

/** AWS JSON 1.0 and 1.1: one path, the operation in `x-amz-target`, one JSON object each way. */
export type JsonVersion = "1.0" | "1.1";

/** The body as an object; an empty body is an empty object. Throws ServiceError SerializationException. */
export function parseJsonBody(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new ServiceError("SerializationException", "The request body is not valid JSON", 400);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ServiceError("SerializationException", "The request body must be a JSON object", 400);
  }
  return value as Readonly<Record<string, unknown>>;
}

export const jsonResponse = (output: unknown, version: JsonVersion, status = 200): WireResponse => ({
  status,
  headers: { "content-type": `application/x-amz-json-${version}` },
  body: JSON.stringify(output),
});

/** `namespace` is the service's Smithy namespace, where the service puts it before the code. */
export function renderJsonError(
  error: ServiceError,
  requestId: string,
  version: JsonVersion,
  namespace?: string,
): WireResponse {
  const type = namespace === undefined ? error.code : `${namespace}#${error.code}`;
  return {
    status: error.status,
    headers: { "content-type": `application/x-amz-json-${version}`, "x-amzn-requestid": requestId },
    body: JSON.stringify({ __type: type, message: error.message, ...error.fields }),
  };
}
