import { ServiceError, type WireRequest, type WireResponse } from "../service.ts";

/** The AWS query protocol: form parameters in, XML out. Lists come as `Name.member.1`, counted from one. */
export type Parameters = ReadonlyMap<string, string>;

const MOST_PARAMETERS = 400;

/** Reads body and query together. Throws ServiceError when a parameter is repeated or there are too many. */
export function parseParameters(request: WireRequest): Parameters {
  const parameters = new Map<string, string>();
  const presigned = /^X-Amz-/;
  for (const text of [request.query, request.body.toString("utf8")]) {
    for (const [name, value] of new URLSearchParams(text)) {
      if (presigned.test(name)) continue;
      if (parameters.has(name)) throw new ServiceError("MalformedInput", "A parameter is given more than once", 400);
      parameters.set(name, value);
      if (parameters.size > MOST_PARAMETERS) throw new ServiceError("MalformedInput", "Too many parameters", 400);
    }
  }
  return parameters;
}

/** The values of `Name.member.1`, `Name.member.2` and on, each read by `item` with its own prefix. */
export function parseList<T>(name: string, item: (prefix: string) => T | undefined): readonly T[] {
  const values: T[] = [];
  for (let index = 1; ; index += 1) {
    const value = item(`${name}.member.${index}`);
    if (value === undefined) return values;
    values.push(value);
  }
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

export type XmlValue = string | number | { readonly [name: string]: XmlValue | undefined };

/** Elements in the order of the members; a member that is undefined is left out. */
export function toXml(value: XmlValue): string {
  if (typeof value !== "object") return escape(String(value));
  return Object.entries(value)
    .map(([name, member]) => (member === undefined ? "" : `<${name}>${toXml(member)}</${name}>`))
    .join("");
}

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

export const queryResponse = (operation: string, result: XmlValue, requestId: string): WireResponse =>
  xmlResponse(
    200,
    `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${toXml(result)}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
    requestId,
  );

export const queryError = (error: ServiceError, requestId: string): WireResponse =>
  xmlResponse(
    error.status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error>` +
      toXml({ Type: error.status >= 500 ? "Receiver" : "Sender", Code: error.code, Message: error.message }) +
      `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    requestId,
  );

const xmlResponse = (status: number, body: string, requestId: string): WireResponse => ({
  status,
  headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
  body,
});
