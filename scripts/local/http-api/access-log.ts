/** What an access log may tell of a request. No path, no query, no claim: they may name a patient. */
export interface AccessRecord {
  readonly requestId: string;
  readonly ip: string;
  readonly requestTime: string;
  readonly requestTimeEpoch: number;
  readonly httpMethod: string;
  /** The pattern, `GET /fhir/{type}/{id}`, or `-`. */
  readonly routeKey: string;
  readonly protocol: string;
  readonly status: number;
  readonly responseLength: number;
  readonly integrationStatus: string;
  readonly integrationLatency: string;
  readonly integrationErrorMessage: string;
  readonly stage: string;
  readonly userAgent: string;
}

/** API Gateway's names for them. Source: API Gateway Developer Guide, "Customize HTTP API access logs". */
const VARIABLES: Readonly<Record<string, (record: AccessRecord) => string | number>> = {
  requestId: (record) => record.requestId,
  extendedRequestId: (record) => record.requestId,
  "identity.sourceIp": (record) => record.ip,
  "identity.userAgent": (record) => record.userAgent,
  requestTime: (record) => record.requestTime,
  requestTimeEpoch: (record) => record.requestTimeEpoch,
  httpMethod: (record) => record.httpMethod,
  routeKey: (record) => record.routeKey,
  protocol: (record) => record.protocol,
  status: (record) => record.status,
  responseLength: (record) => record.responseLength,
  responseLatency: (record) => record.integrationLatency,
  integrationStatus: (record) => record.integrationStatus,
  "integration.integrationStatus": (record) => record.integrationStatus,
  "integration.status": (record) => record.integrationStatus,
  integrationLatency: (record) => record.integrationLatency,
  "integration.latency": (record) => record.integrationLatency,
  integrationErrorMessage: (record) => record.integrationErrorMessage,
  "integration.error": (record) => record.integrationErrorMessage,
  stage: (record) => record.stage,
};

const REFERENCE = /\$context\.([A-Za-z][\w.]*)/g;

export const DEFAULT_ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  ip: "$context.identity.sourceIp",
  requestTime: "$context.requestTime",
  httpMethod: "$context.httpMethod",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLength: "$context.responseLength",
  integrationLatency: "$context.integrationLatency",
});

/**
 * Builds the writer of access log lines for a stage's format.
 * @throws Error naming a variable that is unknown here, or that would write a path: `$context.path` holds record ids.
 */
export function createAccessLog(format: string, write: (line: string) => void): (record: AccessRecord) => void {
  for (const [reference, name = ""] of format.matchAll(REFERENCE)) {
    if (VARIABLES[name] === undefined) throw new Error(`access log format: ${reference} is not allowed or not known`);
  }
  return (record) =>
    write(
      format.replaceAll(REFERENCE, (_reference, name: string) => {
        const value = String(VARIABLES[name]?.(record) ?? "-");
        // Into a JSON string: a user agent must not end it.
        return JSON.stringify(value).slice(1, -1);
      }),
    );
}
