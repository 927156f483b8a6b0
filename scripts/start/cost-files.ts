import { S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import {
  booksRoleArn,
  costBucketName,
  type FunctionName,
  functionRoleArn,
  type WitnessedSite,
} from "../../core/iam/index.ts";
import { createConditionalFiles } from "../../core/archive/conditional-files.ts";
import type { Stack } from "../local/stack.ts";

/**
 * A local stage's cost bucket, with the rights of who writes what: the meter's for books, finance's for what people put in. Not with
 * root's, which the bucket refuses.
 * @param tenantId The platform's own tenant, in whose name finance puts in.
 */
export async function stageCostFiles(stack: Stack, site: WitnessedSite, tenantId: string): Promise<CostFiles> {
  const options = { region: site.region, endpoint: stack.endpoint, maxAttempts: 2 };
  const sessionOf = (name: FunctionName) =>
    stack.cloud.iam.issueServiceSession(functionRoleArn(site, name), "lambda.amazonaws.com", "history");
  const sts = new STSClient({ ...options, credentials: sessionOf("finance") });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: booksRoleArn(site),
      RoleSessionName: "history",
      SourceIdentity: `u-${tenantId}`,
      DurationSeconds: 3600,
      Tags: [{ Key: "tenant", Value: tenantId }],
    }),
  );
  sts.destroy();
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  const books = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const filesOf = (credentials: typeof books) =>
    createConditionalFiles(new S3Client({ ...options, credentials, forcePathStyle: true }), costBucketName(site));
  const [made, put] = [filesOf(sessionOf("meter")), filesOf(books)];
  const of = (key: string): CostFiles => (/^v1\/(?:inputs|bills)\//.test(key) ? put : made);
  return {
    read: (key) => of(key).read(key),
    list: (prefix) => of(prefix).list(prefix),
    create: (key, bytes) => of(key).create(key, bytes),
    replace: (key, bytes, ifMatch) => of(key).replace(key, bytes, ifMatch),
  };
}
