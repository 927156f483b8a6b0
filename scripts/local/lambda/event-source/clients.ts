import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../../../../core/kernel/clock.ts";
import type { IssueServiceSession, RoleSession } from "../function.ts";

/** SDK clients that sign as a function's role, so that IAM decides about every poll and every dead letter. */
export interface RoleClients {
  readonly endpoint: string;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** The SDK signs with real time; this tells it how far the cloud's clock is from that. */
  followClock(): void;
  close(): void;
}

const REFRESH_MARGIN_MS = 300_000;

export interface RoleClientsInput {
  readonly endpoint: string;
  readonly region: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly clock: Clock;
  readonly issueServiceSession: IssueServiceSession;
}

export function createRoleClients(input: RoleClientsInput): RoleClients {
  const { clock, endpoint, region } = input;
  let session: RoleSession | undefined;

  async function credentials() {
    if (session === undefined || session.expiration.getTime() - clock.now() < REFRESH_MARGIN_MS) {
      session = await input.issueServiceSession(input.roleArn, "lambda.amazonaws.com", input.sessionName);
    }
    const { accessKeyId, secretAccessKey, sessionToken } = session;
    // Expired in the SDK's eyes: it asks again before each call, and we decide by the cloud's clock.
    return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(Date.now()) };
  }

  const shared = { endpoint, region, credentials, maxAttempts: 3 };
  const streams = new DynamoDBStreamsClient(shared);
  const sqs = new SQSClient(shared);
  const s3 = new S3Client({ ...shared, forcePathStyle: true });
  return {
    endpoint,
    streams,
    sqs,
    s3,
    followClock() {
      for (const client of [streams, sqs, s3]) client.config.systemClockOffset = clock.now() - Date.now();
    },
    close() {
      for (const client of [streams, sqs, s3]) client.destroy();
    },
  };
}
