// `node scripts/portal.ts`: builds the portal into web/dist, and checks what a first visit loads.
// `node scripts/portal.ts --publish <bucket>`: also puts it into a stage's bucket, with the AWS rights of whoever runs this.
import { parseArgs } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { overBudget } from "./portal/budget.ts";
import { buildPortal, PortalBuildError } from "./portal/build.ts";
import { publishPortal } from "./portal/publish.ts";

const { values } = parseArgs({ options: { publish: { type: "string" } } });
const startedAtMs = performance.now();
try {
  const { isNew, size, folder } = await buildPortal();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  const sizes = `${size.scriptKb.toFixed(1)} kB of script, ${size.styleKb.toFixed(1)} kB of styles`;
  process.stdout.write(`web/dist  ${isNew ? `built in ${seconds} s` : "unchanged"}, first visit ${sizes} (gzipped)\n`);
  const over = overBudget(size);
  if (over !== undefined) throw new PortalBuildError(over);
  if (values.publish !== undefined) {
    const count = await publishPortal(new S3Client({}), values.publish, folder);
    process.stdout.write(`${values.publish}  ${count} files\n`);
  }
} catch (error) {
  process.stderr.write(
    `keyward: ${error instanceof PortalBuildError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
