import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "./credentials.ts";
import { countsRequests } from "./meter-calls.ts";
import { currentRequestId } from "./request-context.ts";
import { userAgentToken } from "../../core/watch/index.ts";

/** Fail fast: a zone answers 503 and lets the caller come back rather than hold a request for half a minute. */
const RETRY = { maxAttempts: 3 } as const;

type Source = () => Promise<Credentials>;

/**
 * Every call of the client carries `kw/<request id>` in its user agent, so that CloudTrail's record of it names the
 * request for which it was made. It proves nothing by itself: whoever holds the credentials can write any name. The
 * reconciler compares it with the request's events, its time and the session's source identity.
 */
function namesRequests<C extends { readonly middlewareStack: object }>(client: C): C {
  // A client's stack is typed by its own commands; this step looks at none.
  (client.middlewareStack as DynamoDBClient["middlewareStack"]).add(
    (next, context) => (input) => {
      const requestId = currentRequestId();
      const named = requestId === undefined ? [] : [["kw", userAgentToken(requestId)] as [string, string]];
      Object.assign(context, { userAgent: [...(context.userAgent ?? []), ...named] });
      return next(input);
    },
    { step: "initialize", name: "keywardRequest", tags: ["USER_AGENT"], override: true },
  );
  return client;
}

/** Every client of every function is made here: it names its requests, and they are counted. */
const made = <C extends { readonly middlewareStack: object }>(client: C): C => countsRequests(namesRequests(client));

/** The function's own credentials, from its environment: they can assume roles and do nothing else. */
export const ownSts = (region: string): STSClient => made(new STSClient({ region, ...RETRY }));

/** `credentials` is asked again when the session it gave is about to end. core/table counts the retries itself. */
export const dynamoDb = (region: string, credentials: Source): DynamoDBClient =>
  made(new DynamoDBClient({ region, credentials, maxAttempts: 1 }));

export const kms = (region: string, credentials: Source): KMSClient =>
  made(new KMSClient({ region, credentials, ...RETRY }));

export const s3 = (region: string, credentials: Source): S3Client =>
  made(new S3Client({ region, credentials, ...RETRY }));

/** With the function's own credentials: streams and schedules have no session of a tenant. */
export const ownDynamoDb = (region: string, { maxAttempts }: { readonly maxAttempts: number } = RETRY) =>
  made(new DynamoDBClient({ region, maxAttempts }));

export const ownKms = (region: string): KMSClient => made(new KMSClient({ region, ...RETRY }));

export const ownS3 = (region: string): S3Client => made(new S3Client({ region, ...RETRY }));

export const ownLogs = (region: string): CloudWatchLogsClient => made(new CloudWatchLogsClient({ region, ...RETRY }));
