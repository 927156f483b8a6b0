import type { S3Client } from "@aws-sdk/client-s3";
import { createConditionalFiles } from "../../core/archive/conditional-files.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { ownS3 } from "./clients.ts";

export const createCostFiles = (client: S3Client, bucket: string): CostFiles => createConditionalFiles(client, bucket);

/** With the function's own credentials: the meter's and the close's. */
export const ownCostFiles = (region: string, bucket: string): CostFiles => createCostFiles(ownS3(region), bucket);
