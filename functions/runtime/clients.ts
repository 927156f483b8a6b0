import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "./credentials.ts";

/** Fail fast: a zone answers 503 and lets the caller come back rather than hold a request for half a minute. */
const RETRY = { maxAttempts: 3 } as const;

type Source = () => Promise<Credentials>;

/** The function's own credentials, from its environment: they can assume roles and do nothing else. */
export const ownSts = (region: string): STSClient => new STSClient({ region, ...RETRY });

/** `credentials` is asked again when the session it gave is about to end. core/table counts the retries itself. */
export const dynamoDb = (region: string, credentials: Source): DynamoDBClient =>
  new DynamoDBClient({ region, credentials, maxAttempts: 1 });

export const kms = (region: string, credentials: Source): KMSClient => new KMSClient({ region, credentials, ...RETRY });
