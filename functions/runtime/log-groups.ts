import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";

/** A line of a log group, with CloudWatch's own time of it. */
export interface GroupLine {
  readonly atMs: number;
  readonly text: string;
}

const PAGES_MAX = 200;

type Page = Pick<FilterLogEventsCommandOutput, "events" | "nextToken">;

/** CloudWatch Logs FilterLogEvents with the function's own credentials. */
export function ownLogGroups(region: string) {
  const client = new CloudWatchLogsClient({ region });

  async function page(logGroupName: string, fromMs: number, toMs: number, nextToken?: string): Promise<Page> {
    const range = { logGroupName, startTime: fromMs, endTime: toMs };
    try {
      return await client.send(new FilterLogEventsCommand({ ...range, ...(nextToken !== undefined && { nextToken }) }));
    } catch (error) {
      // A group comes to be with its function's first line.
      if (error instanceof ResourceNotFoundException) return {};
      throw error;
    }
  }

  return {
    /** The lines of a group from `fromMs` to `toMs` inclusive, milliseconds since the epoch, in CloudWatch's order. */
    async lines(logGroupName: string, fromMs: number, toMs: number): Promise<GroupLine[]> {
      const found: GroupLine[] = [];
      let next: string | undefined;
      for (let count = 0; count < PAGES_MAX; count += 1) {
        const { events = [], nextToken } = await page(logGroupName, fromMs, toMs, next);
        found.push(...events.map(({ timestamp = 0, message = "" }) => ({ atMs: timestamp, text: message })));
        if (nextToken === undefined) return found;
        next = nextToken;
      }
      throw new Error("FilterLogEvents: more lines than one run can read");
    },
  };
}

export type LogGroups = ReturnType<typeof ownLogGroups>;
