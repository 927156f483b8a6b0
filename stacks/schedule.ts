import type { Archive } from "./archive.ts";
import type { Functions } from "./functions.ts";
import type { Ground } from "./ground.ts";
import type { Roles } from "./tenancy.ts";

/** The seal of the audit log: a checkpoint at least every 60 seconds. */
export function schedule({ site }: Ground, functions: Functions, roles: Roles, archive: Archive): void {
  new aws.scheduler.Schedule(
    "SealEveryMinute",
    {
      name: `keyward-${site.stage}-seal`,
      description: "Seals the audit log",
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      state: "ENABLED",
      target: {
        arn: functions.seal.arn,
        roleArn: roles.scheduler.arn,
        input: JSON.stringify({ schedule: "seal" }),
        // The next minute does the work of a missed one.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    },
    { dependsOn: [archive.lock] },
  );
}
