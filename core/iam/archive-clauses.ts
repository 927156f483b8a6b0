import type { Statement } from "./document.ts";
import { archiveArn, type Site } from "./names.ts";

/** What the writers of the archive share. */

export const createOnly = (site: Site, prefix: string): Statement => ({
  Sid: "CreateOnly",
  Effect: "Allow",
  Action: "s3:PutObject",
  Resource: `${archiveArn(site)}/${prefix}*`,
  Condition: { Null: { "s3:if-none-match": "false" } },
});

export const throughS3 = (site: Site): Pick<Statement, "Condition"> => ({
  Condition: { StringEquals: { "kms:ViaService": `s3.${site.region}.amazonaws.com` } },
});
