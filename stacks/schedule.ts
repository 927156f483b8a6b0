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
  witness: "Countersigns the audit log",
};

/** What runs every minute: a checkpoint at least every 60 seconds, and what looks after it. */
export function schedule(ground: Ground, functions: Functions, roles: Roles, archive: Archive): void {
  for (const name of SCHEDULED_FUNCTIONS) {
    new aws.scheduler.Schedule(
      `${logicalName("", name)}EveryMinute`,
      {
        name: functionName(ground.site, name),
        description: descriptions[name],
        scheduleExpression: "rate(1 minute)",
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
