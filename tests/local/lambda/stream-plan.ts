import type { Plan, PlannedResource } from "../../../scripts/plan/shape.ts";

export const ACCOUNT = "111122223333";
export const REGION = "us-east-1";
export const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:test-dlq`;
export const BUCKET = "test-dead-records";
export const STREAM_ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/test-source/stream/2026-01-01T00:00:00.000`;

function resource(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  state: Readonly<Record<string, unknown>> = {},
): PlannedResource {
  const options = { protect: false, retainOnDelete: false, ignoreChanges: [], dependsOn: [] };
  return { urn: `urn:${name}`, type, name, inputs, state, options };
}

const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const allow = (Action: string | string[], Resource: string) => ({ Effect: "Allow", Action, Resource });

export interface StreamPlanOptions {
  readonly mapping?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** False: the function's role may not read the stream. */
  readonly mayRead?: boolean;
  readonly ttl?: boolean;
}

/** A stage of one table, one function that reads its stream, a queue and a bucket for what it gives up. */
export function streamPlan({
  mapping = {},
  environment = {},
  mayRead = true,
  ttl = false,
}: StreamPlanOptions = {}): Plan {
  const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:test-reader`;
  const read = ["DescribeStream", "GetRecords", "GetShardIterator"].map((name) => `dynamodb:${name}`);
  return {
    app: { name: "test", stage: "dev", removal: "remove", protect: false, providers: {} },
    account: ACCOUNT,
    region: REGION,
    outputs: {},
    functions: [
      { name: "test-reader", handler: "tests/fixtures/lambda/stream.handler", runtime: "nodejs24.x", install: {} },
    ],
    resources: [
      resource("aws:iam/role:Role", "Reader", {
        name: "test-reader",
        assumeRolePolicy: policy({
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        }),
      }),
      resource("aws:iam/rolePolicy:RolePolicy", "ReaderPolicy", {
        name: "permissions",
        role: "test-reader",
        policy: policy(
          ...(mayRead ? [allow(read, STREAM_ARN)] : []),
          allow("sqs:SendMessage", QUEUE_ARN),
          allow("s3:PutObject", `arn:aws:s3:::${BUCKET}/*`),
        ),
      }),
      resource("aws:sqs/queue:Queue", "Dlq", { name: "test-dlq" }, { arn: QUEUE_ARN }),
      resource("aws:s3/bucket:Bucket", "Bucket", { bucket: BUCKET, objectLockEnabled: false }),
      resource(
        "aws:dynamodb/table:Table",
        "Source",
        {
          name: "test-source",
          billingMode: "PAY_PER_REQUEST",
          hashKey: "pk",
          attributes: [{ name: "pk", type: "S" }],
          streamEnabled: true,
          streamViewType: "NEW_AND_OLD_IMAGES",
          ...(ttl ? { ttl: { attributeName: "ttl", enabled: true } } : {}),
        },
        { streamLabel: "2026-01-01T00:00:00.000" },
      ),
      resource(
        "aws:lambda/function:Function",
        "ReaderFunction",
        {
          name: "test-reader",
          role: `arn:aws:iam::${ACCOUNT}:role/test-reader`,
          environment: { variables: environment },
          timeout: 30,
          memorySize: 128,
          runtime: "nodejs24.x",
          handler: "bundle.handler",
        },
        { arn: functionArn },
      ),
      resource(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "SourceToReader",
        {
          eventSourceArn: STREAM_ARN,
          functionName: functionArn,
          startingPosition: "TRIM_HORIZON",
          batchSize: 10,
          maximumRetryAttempts: 1,
          functionResponseTypes: ["ReportBatchItemFailures"],
          ...mapping,
        },
        { uuid: "6f0c5a1e-0000-4000-8000-000000000001" },
      ),
    ],
  };
}
