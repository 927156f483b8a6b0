import { S3Client } from "@aws-sdk/client-s3";
import type { Command } from "commander";
import { createVersionReader } from "../../../core/archive/store.ts";
import { type CloseFault, verifyBooks } from "../../../core/cost/store/verify-books.ts";
import { costBucketName, type Site } from "../../../core/iam/index.ts";
import { createConditionalFiles } from "../../../core/archive/conditional-files.ts";
import { awsOptions } from "../archive-reader.ts";
import { EXIT } from "../failure.ts";
import { type Output, table } from "../output.ts";
import { readProfile } from "../profile.ts";

const SENTENCES: Readonly<Record<CloseFault["kind"], string>> = {
  "unreadable-manifest": "the locked manifest cannot be read",
  "broken-chain": "the manifest does not name the one before it",
  "manifest-differs": "the manifest beside the books is not the locked one",
  "no-book": "the closed book is not there, or is none",
  "missing-file": "a closed file is not there",
  "altered-file": "a closed file has other bytes than were closed",
  "totals-differ": "the closed lines do not make the totals and files that the manifest names",
  "statement-differs": "a clinic's statement is not the one that was closed",
  "not-locked": "the month says that it is closed, and no manifest is locked",
};

/** `keyward cost verify`: closed months against their locked manifests; exit code 5 where one differs. */
export function registerCostVerify(cost: Command, print: Output["print"]): void {
  cost
    .command("verify")
    .description("hold every closed month against its locked manifest; exit code 5 where one differs")
    .action(async () => {
      const profile = readProfile();
      const client = new S3Client(awsOptions(profile));
      const files = createConditionalFiles(
        client,
        costBucketName({ ...profile, stage: profile.stage as Site["stage"] }),
      );
      const { months, faults } = await verifyBooks(files, createVersionReader(client, profile.archiveBucket));
      client.destroy();
      const rows = faults.map((fault) => [
        fault.month,
        "file" in fault ? fault.file : "tenantId" in fault ? fault.tenantId : "",
        SENTENCES[fault.kind],
      ]);
      print(
        { months, faults },
        faults.length > 0
          ? table(["MONTH", "WHAT", "FOUND"], rows)
          : months.length === 0
            ? "no month is closed yet"
            : `${months.length} closed ${months.length === 1 ? "month is" : "months are"} as closed: ${months.join(", ")}`,
      );
      if (faults.length > 0) process.exitCode = EXIT.findings;
    });
}
