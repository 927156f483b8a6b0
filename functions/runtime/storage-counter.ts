import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, type S3Client } from "@aws-sdk/client-s3";
import { eventsPrefix } from "../../core/audit/layout.ts";
import { STORED_ROW_BYTES } from "../../core/table/index.ts";
import type { StorageCounter, TableCount } from "../../core/cost/store/recount.ts";

/** Counts by the names and sizes that S3 lists and the sizes that DynamoDB tells: no object is read, and no row. */
export function createStorageCounter(
  clients: { readonly s3: S3Client; readonly dynamoDb: DynamoDBClient },
  names: {
    readonly archive: string;
    readonly attachments: string;
    readonly data: string;
    readonly outbox: string;
    readonly trail: string;
  },
): StorageCounter {
  /** Every version is stored, and paid for, until it is gone itself. */
  async function versions(bucket: string, prefix: string): Promise<bigint> {
    let bytes = 0n;
    let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (markers !== undefined) {
      const page: ListObjectVersionsCommandOutput = await clients.s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
      );
      for (const { Size = 0 } of page.Versions ?? []) bytes += BigInt(Size);
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      markers =
        IsTruncated === true && NextKeyMarker !== undefined
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
            }
          : undefined;
    }
    return bytes;
  }

  const sizeOf = (size: number | undefined, items: number | undefined): bigint =>
    BigInt(size ?? 0) + BigInt(items ?? 0) * BigInt(STORED_ROW_BYTES);

  async function describe(table: string, kinds: TableCount["kinds"]): Promise<TableCount[]> {
    const { Table } = await clients.dynamoDb.send(new DescribeTableCommand({ TableName: table }));
    const whole = { kinds, bytes: sizeOf(Table?.TableSizeBytes, Table?.ItemCount) };
    const indexes = Table?.GlobalSecondaryIndexes ?? [];
    if (indexes.length === 0) return [whole];
    const bytes = indexes.reduce((sum, { IndexSizeBytes, ItemCount }) => sum + sizeOf(IndexSizeBytes, ItemCount), 0n);
    return [whole, { kinds: ["search"], bytes }];
  }

  return {
    objects: (tenantId, storage) =>
      storage === "documents"
        ? versions(names.attachments, `t/${tenantId}/`)
        : versions(names.archive, eventsPrefix(tenantId)),
    tables: async () => [
      ...(await describe(names.data, ["data", "history"])),
      ...(await describe(names.outbox, ["outbox"])),
      ...(await describe(names.trail, ["audit-index"])),
    ],
  };
}
