/** An answer ready to be written. */
export interface GatewayResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** The gateway's own answers are JSON of one member. */
export function gatewayMessage(status: number, message: string): GatewayResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

export const internalServerError = (): GatewayResponse => gatewayMessage(500, "Internal Server Error");

/** The gateway writes these itself. */
const DROPPED = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Turns what a function answered into a response, by the rules of payload format 2.0: an object with `statusCode` is
 * a response; anything else is the body of a 200 with JSON. What does not fit either is the gateway's own 500.
 * Source: API Gateway Developer Guide, "Lambda function response for format 2.0".
 */
export function fromPayload(payload: string): GatewayResponse {
  const answer: unknown = JSON.parse(payload);
  if (!isObject(answer) || !("statusCode" in answer)) {
    const text = typeof answer === "string" ? answer : payload;
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(text) };
  }
  const status = Number(answer["statusCode"]);
  const { body = "", isBase64Encoded, cookies } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 599) return internalServerError();
  if (typeof body !== "string" && !isObject(body)) return internalServerError();
  const headers: Record<string, string | readonly string[]> = { "content-type": "text/plain;charset=UTF-8" };
  if (!addHeaders(headers, answer["headers"])) return internalServerError();
  if (Array.isArray(cookies)) {
    if (!cookies.every((cookie) => typeof cookie === "string" && isHeaderValue(cookie))) return internalServerError();
    if (cookies.length > 0) headers["set-cookie"] = cookies as string[];
  }
  const bytes =
    typeof body === "string"
      ? Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8")
      : Buffer.from(JSON.stringify(body));
  return { status, headers, body: bytes };
}

/** No control characters, so that an answer cannot start a second header or a second answer. */
const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
const isHeaderName = (name: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);

/** False when the function gave something that cannot be a header. */
function addHeaders(headers: Record<string, string | readonly string[]>, given: unknown): boolean {
  if (given === undefined || given === null) return true;
  if (!isObject(given)) return false;
  for (const [name, value] of Object.entries(given)) {
    if (!["string", "number", "boolean"].includes(typeof value)) return false;
    const text = String(value);
    if (!isHeaderName(name) || !isHeaderValue(text)) return false;
    if (!DROPPED.has(name.toLowerCase())) headers[name.toLowerCase()] = text;
  }
  return true;
}
