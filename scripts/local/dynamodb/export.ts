import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { plainCheck, tableCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { notImplemented, tableNotFound, validation } from "./errors.ts";
import { isGiven, readChoice, readRequiredText, readText, readTime } from "./input.ts";
import type { Operation } from "./plan.ts";
import { itemsAt, recoveryUnavailable, recoveryWindow } from "./recovery.ts";
import { ServiceError } from "../service.ts";

/** Source: Developer Guide, "DynamoDB table export output format": a data file for each ten thousand items here. */
const ITEMS_PER_FILE = 10_000;

type Description = Readonly<Record<string, unknown>>;

const save = (engine: Engine, arn: string, description: Description): void => {
  engine.store
    .query("INSERT OR REPLACE INTO exports(arn, description) VALUES(?,?)")
    .run(arn, JSON.stringify(description));
};

const readAll = (engine: Engine): Description[] =>
  engine.store
    .query<{ description: string }>("SELECT description FROM exports ORDER BY arn")
    .all()
    .map(({ description }) => JSON.parse(description) as Description);

/** An export that a killed process left behind will not end: it is told as failed. To be called at start. */
export function failInterruptedExports(engine: Engine): void {
  for (const description of readAll(engine)) {
    if (description["ExportStatus"] !== "IN_PROGRESS") continue;
    save(engine, description["ExportArn"] as string, {
      ...description,
      ExportStatus: "FAILED",
      FailureCode: "UnknownError",
      FailureMessage: "The process ended before the export did",
    });
  }
}

interface Delivery {
  readonly key: string;
  readonly bytes: Buffer;
}

interface Snapshot {
  readonly files: readonly Delivery[];
  readonly itemCount: number;
  readonly billedSizeBytes: number;
}

/** The data files of an export: gzip of one `{"Item":...}` a line. */
function dataFiles(items: Iterable<string>, folder: string): Snapshot {
  const files: Delivery[] = [];
  let lines: string[] = [];
  let itemCount = 0;
  let billedSizeBytes = 0;
  const flush = (): void => {
    const bytes = gzipSync(lines.join(""));
    files.push({ key: `${folder}/data/${randomBytes(16).toString("hex")}.json.gz`, bytes });
    lines = [];
  };
  for (const item of items) {
    const line = `{"Item":${item}}\n`;
    itemCount += 1;
    billedSizeBytes += Buffer.byteLength(line);
    lines.push(line);
    if (lines.length === ITEMS_PER_FILE) flush();
  }
  if (lines.length > 0 || files.length === 0) flush();
  return { files, itemCount, billedSizeBytes };
}

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("base64");

export const exportTableToPointInTime: Operation = (engine, input) => {
  const arn = readRequiredText(input, "TableArn");
  const bucket = readRequiredText(input, "S3Bucket");
  const prefix = readText(input, "S3Prefix");
  const token = readText(input, "ClientToken");
  const format = readChoice(input, "ExportFormat", ["DYNAMODB_JSON", "ION"]) ?? "DYNAMODB_JSON";
  const type = readChoice(input, "ExportType", ["FULL_EXPORT", "INCREMENTAL_EXPORT"]) ?? "FULL_EXPORT";
  const askedMs = readTime(input, "ExportTime");
  const startMs = engine.clock.now();
  const exportId = `${String(startMs).padStart(14, "0")}-${randomBytes(4).toString("hex")}`;
  const folder = `${prefix === undefined || prefix === "" ? "" : `${prefix}/`}AWSDynamoDB/${exportId}`;
  const manifestKey = `${folder}/manifest-summary.json`;

  return {
    checks: [
      tableCheck(engine, "ExportTableToPointInTime", arn),
      // DynamoDB writes with the caller's rights, so the caller needs them.
      { action: "s3:PutObject", resource: `arn:aws:s3:::${bucket}/${manifestKey}`, context: {} },
    ],
    readOnly: false,
    managementEvent: true,
    parameters: { tableArn: arn, s3Bucket: bucket },
    run: async () => {
      if (format !== "DYNAMODB_JSON") throw notImplemented("An export in ION");
      if (type !== "FULL_EXPORT" || isGiven(input, "IncrementalExportSpecification")) {
        throw notImplemented("An incremental export");
      }
      const { deliver } = engine;
      if (deliver === undefined) throw notImplemented("An export without an object store");
      const table = engine.tables.find(arn);
      if (table === undefined) throw tableNotFound(arn);
      const window = recoveryWindow(engine, table);
      if (window === undefined) throw recoveryUnavailable(table.name);
      const repeated = readAll(engine).find(
        (description) => token !== undefined && description["ClientToken"] === token && description["TableArn"] === arn,
      );
      if (repeated !== undefined) return { ExportDescription: repeated };
      const exportAtMs = askedMs ?? startMs;
      if (exportAtMs < window.earliestMs || exportAtMs > window.latestMs) {
        throw new ServiceError("InvalidExportTimeException", "ExportTime lies outside of the recovery window");
      }

      const exportArn = `${table.arn}/export/${exportId}`;
      const begun: Description = {
        ExportArn: exportArn,
        ExportStatus: "IN_PROGRESS",
        StartTime: startMs / 1000,
        TableArn: table.arn,
        TableId: table.tableId,
        ExportTime: exportAtMs / 1000,
        ClientToken: token,
        S3Bucket: bucket,
        S3Prefix: prefix,
        S3SseAlgorithm: readText(input, "S3SseAlgorithm") ?? "AES256",
        S3SseKmsKeyId: readText(input, "S3SseKmsKeyId"),
        ExportFormat: format,
        ExportType: type,
      };
      save(engine, exportArn, begun);
      const snapshot = dataFiles(itemsAt(engine, table, exportAtMs), folder);
      const files = manifests(begun, snapshot, folder, engine.clock.now());
      try {
        for (const file of files) await deliver(bucket, file.key, file.bytes);
        save(engine, exportArn, {
          ...begun,
          ExportStatus: "COMPLETED",
          EndTime: engine.clock.now() / 1000,
          ExportManifest: manifestKey,
          BilledSizeBytes: snapshot.billedSizeBytes,
          ItemCount: snapshot.itemCount,
        });
      } catch (error) {
        save(engine, exportArn, {
          ...begun,
          ExportStatus: "FAILED",
          EndTime: engine.clock.now() / 1000,
          FailureCode: error instanceof ServiceError ? `S3${error.code}` : "UnknownError",
          FailureMessage: "The export could not be written to the bucket",
        });
      }
      return { ExportDescription: begun };
    },
  };
};

/** All objects of an export in the order in which they are written: data first, the summary last. */
function manifests(begun: Description, snapshot: Snapshot, folder: string, endMs: number): Delivery[] {
  const iso = (seconds: unknown): string => new Date((seconds as number) * 1000).toISOString();
  const listing = Buffer.from(
    snapshot.files
      .map(({ key, bytes }) => `${JSON.stringify({ md5Checksum: md5(bytes), dataFileS3Key: key })}\n`)
      .join(""),
  );
  const summary = Buffer.from(
    JSON.stringify({
      version: "2020-06-30",
      exportArn: begun["ExportArn"],
      startTime: iso(begun["StartTime"]),
      endTime: new Date(endMs).toISOString(),
      tableArn: begun["TableArn"],
      tableId: begun["TableId"],
      exportTime: iso(begun["ExportTime"]),
      s3Bucket: begun["S3Bucket"],
      s3Prefix: begun["S3Prefix"] ?? null,
      s3SseAlgorithm: begun["S3SseAlgorithm"],
      manifestFilesS3Key: `${folder}/manifest-files.json`,
      billedSizeBytes: snapshot.billedSizeBytes,
      itemCount: snapshot.itemCount,
      outputFormat: begun["ExportFormat"],
    }),
  );
  return [
    ...snapshot.files,
    { key: `${folder}/manifest-files.json`, bytes: listing },
    { key: `${folder}/manifest-files.md5`, bytes: Buffer.from(md5(listing)) },
    { key: `${folder}/manifest-summary.md5`, bytes: Buffer.from(md5(summary)) },
    { key: `${folder}/manifest-summary.json`, bytes: summary },
  ];
}

export const describeExport: Operation = (engine, input) => {
  const arn = readRequiredText(input, "ExportArn");
  return {
    checks: [plainCheck("DescribeExport", arn)],
    readOnly: true,
    managementEvent: true,
    parameters: { exportArn: arn },
    run: () => {
      const description = readAll(engine).find((candidate) => candidate["ExportArn"] === arn);
      if (description === undefined) throw new ServiceError("ExportNotFoundException", "Export not found");
      return { ExportDescription: description };
    },
  };
};

export const listExports: Operation = (engine, input) => {
  const arn = readText(input, "TableArn");
  if (arn?.includes(":table/") === false) throw validation("Invalid TableArn");
  return {
    checks: [arn === undefined ? plainCheck("ListExports") : tableCheck(engine, "ListExports", arn)],
    readOnly: true,
    managementEvent: true,
    parameters: arn === undefined ? {} : { tableArn: arn },
    run: () => ({
      ExportSummaries: readAll(engine)
        .filter((description) => arn === undefined || description["TableArn"] === arn)
        .map(({ ExportArn, ExportStatus, ExportType }) => ({ ExportArn, ExportStatus, ExportType })),
    }),
  };
};
