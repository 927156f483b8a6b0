import { functionName, SCHEDULED_FUNCTIONS } from "../core/iam/index.ts";
import type { Archive } from "./archive.ts";
import type { Functions } from "./functions.ts";
import type { Ground } from "./ground.ts";
import { logicalName } from "./logical-name.ts";
import type { Roles } from "./tenancy.ts";
import { accountOptions } from "./witness-account.ts";

type Scheduled = (typeof SCHEDULED_FUNCTIONS)[number];

const descriptions: Readonly<Record<Scheduled, string>> = {
  seal: "Seals the audit log",
  reconcile: "Looks for what is missing between the records",
  export: "Works off approved exports",
  meter: "Makes costs and statements of what was used",
  close: "Closes months whose grace is over",
  witness: "Countersigns the audit log",
};

/** What need not run every minute. */
const RARELY: Partial<Record<Scheduled, { readonly name: string; readonly expression: string }>> = {
  meter: { name: "EveryHour", expression: "rate(1 hour)" },
  close: { name: "EveryDay", expression: "rate(1 day)" },
};

/** What runs every minute: a checkpoint at least every 60 seconds, and what looks after it. Costs are made every hour. */
export function schedule(ground: Ground, functions: Functions, roles: Roles, archive: Archive): void {
  for (const name of SCHEDULED_FUNCTIONS) {
    const rare = RARELY[name];
    new aws.scheduler.Schedule(
      `${logicalName("", name)}${rare?.name ?? "EveryMinute"}`,
      {
        name: functionName(ground.site, name),
        description: descriptions[name],
        scheduleExpression: rare?.expression ?? "rate(1 minute)",
        flexibleTimeWindow: { mode: "OFF" },
        state: "ENABLED",
        target: {
          arn: functions[name].arn,
          roleArn: name === "witness" ? roles.witnessScheduler.arn : roles.scheduler.arn,
          input: JSON.stringify({ schedule: name }),
          // The next minute does the work of a missed one.
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        },
      },
      { dependsOn: [archive.lock, archive.witnessLock], ...accountOptions(ground, name) },
    );
  }
}
