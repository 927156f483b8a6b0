import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import type { FoundLine } from "../../core/cost/store/facts.ts";
import type { Stack } from "../local/stack.ts";

export interface LogSpan {
  readonly functionName: string;
  /** Milliseconds; both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly pattern: string;
}

/** The events of a function's log as the stage's root finds them, in the order of time. */
export async function readEvents(stack: Stack, span: LogSpan): Promise<readonly FoundLine[]> {
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const client = new CloudWatchLogsClient({
    region: stack.cloud.region,
    endpoint: stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    systemClockOffset: stack.cloud.clock.now() - Date.now(),
  });
  const events: FoundLine[] = [];
  const pages = paginateFilterLogEvents(
    { client },
    {
      logGroupName: `/aws/lambda/${span.functionName}`,
      startTime: span.fromMs,
      endTime: span.toMs,
      filterPattern: span.pattern,
    },
  );
  for await (const { events: found = [] } of pages)
    for (const { timestamp = 0, message = "" } of found) events.push({ atMs: timestamp, text: message });
  client.destroy();
  return events;
}
