import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { ownLogs } from "./clients.ts";

/** A line of a log group, with CloudWatch's own time of it. */
export interface GroupLine {
  readonly atMs: number;
  readonly text: string;
}

const PAGES_MAX = 200;

type Page = Pick<FilterLogEventsCommandOutput, "events" | "nextToken">;

/** CloudWatch Logs FilterLogEvents with the function's own credentials. */
export function ownLogGroups(region: string) {
  const client = ownLogs(region);

  async function page(
    logGroupName: string,
    fromMs: number,
    toMs: number,
    nextToken?: string,
    filterPattern?: string,
  ): Promise<Page> {
    const range = {
      logGroupName,
      startTime: fromMs,
      endTime: toMs,
      ...(filterPattern !== undefined && { filterPattern }),
    };
    try {
      return await client.send(new FilterLogEventsCommand({ ...range, ...(nextToken !== undefined && { nextToken }) }));
    } catch (error) {
      // A group comes to be with its function's first line.
      if (error instanceof ResourceNotFoundException) return {};
      throw error;
    }
  }

  return {
    /** Lines that match the pattern, a page at a time: what a page holds is what memory must hold. */
    async *pages(group: string, fromMs: number, toMs: number, pattern: string): AsyncGenerator<readonly GroupLine[]> {
      let next: string | undefined;
      do {
        const { events = [], nextToken }: Page = await page(group, fromMs, toMs, next, pattern);
        yield events.map(({ timestamp = 0, message = "" }) => ({ atMs: timestamp, text: message }));
        next = nextToken;
      } while (next !== undefined);
    },

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
