import type { Ground } from "./ground.ts";

/** What every function of the app gets. Registered before any component is made: a transform changes later ones only. */
export function defaults({ settings }: Ground): void {
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    args.logging ??= { format: "json" };
    args.transform = {
      ...args.transform,
      logGroup: (group, options) => {
        group.retentionInDays = settings.logRetentionDays;
        options.retainOnDelete = settings.holdsPhi;
      },
    };
  });
}
