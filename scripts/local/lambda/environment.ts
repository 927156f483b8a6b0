import { devNull } from "node:os";
import type { FunctionConfiguration, RoleSession } from "./function.ts";

export interface EnvironmentInput {
  readonly configuration: FunctionConfiguration;
  readonly session: RoleSession;
  readonly region: string;
  /** The cloud's origin: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** `2026/11/22/[$LATEST]<32 hex>`: unique for each execution environment. */
  readonly logStreamName: string;
  readonly taskRoot: string;
}

/**
 * The whole of a handler's process.env: the function's own variables and what Lambda's runtime reserves.
 * Source: Lambda Developer Guide, "Defined runtime environment variables".
 * The two AWS_*_FILE entries keep the SDK away from the AWS settings of whoever runs this machine.
 */
export function functionEnvironment(input: EnvironmentInput): Record<string, string> {
  const { configuration, session, region } = input;
  return {
    ...configuration.environment,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: input.endpoint,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${configuration.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: input.logStreamName,
    LAMBDA_TASK_ROOT: input.taskRoot,
    TZ: ":UTC",
    _HANDLER: configuration.handler,
  };
}
