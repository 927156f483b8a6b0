import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { TimedClock } from "../front/clock.ts";
import type { ServiceDeps } from "../service.ts";
import { fingerprintOf, hashHex, packJson, signDigest, type DigestLogFile } from "./digest.ts";
import { toEventTime, type Place } from "./record.ts";
import { isSelected, type EventSelector } from "./selector.ts";
import type { RecordStore, StoredRecord } from "./store.ts";

export interface DeliveryOptions {
  readonly trailName: string;
  readonly bucket: string;
  /** Stores one file. Called again with the same key and bytes when it throws or the process ended in between. */
  readonly deliver: (key: string, bytes: Buffer, metadata: Readonly<Record<string, string>>) => unknown;
  /** Which records go into the files; all, when left out. */
  readonly selectors?: readonly EventSelector[];
  /** So many new records are delivered before their five minutes are over; 20,000 when left out. */
  readonly recordsBeforeTheTime?: number;
}

/** Log files every five minutes, and every hour a signed digest of them, chained to the one before. */
export interface Delivery {
  readonly publicKeyPem: string;
  /** The newest digest that was stored: the verifier starts there. */
  newestKey(): string | undefined;
  /** Delivers what was recorded, and a digest of what was delivered since the last one, now. */
  deliver(): Promise<void>;
  /** Delivers what was recorded, now, and leaves the digest to its hour. */
  deliverFiles(): Promise<void>;
  /** To be called after each record. */
  recorded(): void;
  stop(): void;
}

const HOUR_MS = 3_600_000;
const FILES_EVERY_MS = 300_000;
const RECORDS_PER_FILE = 5_000;

interface Progress {
  readonly lastSeq: number;
  readonly lastEndMs: number;
  readonly key: string | null;
  readonly hash: string | null;
  readonly signature: string | null;
  /** Delivered since the last digest. */
  readonly logFiles: readonly DigestLogFile[];
}

/** What one delivery covers, written down before its first file leaves: a restart repeats the very same files. */
interface Plan {
  readonly kind: "files" | "digest";
  readonly lastSeq: number;
  readonly endMs: number;
}

export async function startDelivery(
  options: DeliveryOptions,
  parts: {
    readonly database: DatabaseSync;
    readonly store: RecordStore;
    readonly clock: TimedClock;
    readonly place: Place;
    readonly deps: Pick<ServiceDeps, "wrapSecret" | "unwrapSecret">;
  },
): Promise<Delivery> {
  const { database, store, clock, place } = parts;
  database.exec("CREATE TABLE IF NOT EXISTS delivery (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  const read = database.prepare("SELECT value FROM delivery WHERE name = ?");
  const write = database.prepare("INSERT OR REPLACE INTO delivery (name, value) VALUES (?, ?)");
  const get = (name: string): string | undefined => {
    const row = read.get(name);
    return row === undefined ? undefined : String(row["value"]);
  };
  const privateKey = await signingKey(get("key"), parts.deps, (wrapped) => write.run("key", wrapped));
  const publicKeyPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();

  const progress = (): Progress => {
    const text = get("progress");
    return text === undefined
      ? { lastSeq: 0, lastEndMs: clock.now(), key: null, hash: null, signature: null, logFiles: [] }
      : { logFiles: [], ...(JSON.parse(text) as Omit<Progress, "logFiles"> & Partial<Progress>) };
  };
  if (get("progress") === undefined) write.run("progress", JSON.stringify(progress()));

  const isOurs = ({ record }: StoredRecord): boolean =>
    record.recipientAccountId === place.accountId &&
    (options.selectors === undefined || isSelected(record, options.selectors));

  const finish = (after: Progress): void => {
    database.exec("BEGIN IMMEDIATE");
    write.run("progress", JSON.stringify(after));
    database.prepare("DELETE FROM delivery WHERE name = 'plan'").run();
    database.exec("COMMIT");
  };

  const writeFiles = async (plan: Plan): Promise<void> => {
    const before = progress();
    const logFiles = [...before.logFiles];
    for (let afterSeq = before.lastSeq; afterSeq < plan.lastSeq;) {
      const read = store.range(afterSeq, plan.lastSeq, RECORDS_PER_FILE);
      if (read.length === 0) break;
      afterSeq = read.at(-1)?.seq ?? plan.lastSeq;
      const records = read.filter(isOurs);
      if (records.length === 0) continue;
      const text = `{"Records":[${records.map((record) => record.text).join(",")}]}`;
      const hashValue = hashHex(text);
      const key = logKey(place, plan.endMs, hashValue);
      await options.deliver(key, packJson(text), {});
      logFiles.push({
        s3Bucket: options.bucket,
        s3Object: key,
        hashValue,
        hashAlgorithm: "SHA-256",
        ...eventTimes(records),
      });
    }
    finish({ ...before, lastSeq: plan.lastSeq, logFiles });
  };

  const writeDigest = async (plan: Plan): Promise<void> => {
    const before = progress();
    const { logFiles } = before;
    const key = digestKey(place, options.trailName, plan.endMs);
    const times = logFiles.flatMap((file) => [file.oldestEventTime, file.newestEventTime]).toSorted();
    const file = signDigest(
      {
        awsAccountId: place.accountId,
        digestStartTime: toEventTime(before.lastEndMs),
        digestEndTime: toEventTime(plan.endMs),
        digestS3Bucket: options.bucket,
        digestS3Object: key,
        digestPublicKeyFingerprint: fingerprintOf(publicKeyPem),
        digestSignatureAlgorithm: "SHA256withRSA",
        newestEventTime: times.at(-1) ?? null,
        oldestEventTime: times[0] ?? null,
        previousDigestS3Bucket: before.key === null ? null : options.bucket,
        previousDigestS3Object: before.key,
        previousDigestHashValue: before.hash,
        previousDigestHashAlgorithm: before.key === null ? null : "SHA-256",
        previousDigestSignature: before.signature,
        logFiles,
      },
      privateKey,
    );
    await options.deliver(key, file.bytes, file.metadata);
    const { contentHash: hash, signature } = file;
    finish({ lastSeq: before.lastSeq, lastEndMs: plan.endMs, key, hash, signature, logFiles: [] });
  };

  const carryOut = (plan: Plan): Promise<void> => (plan.kind === "files" ? writeFiles(plan) : writeDigest(plan));

  const begin = async (kind: Plan["kind"], endMs: number): Promise<void> => {
    const plan: Plan = { kind, lastSeq: store.lastSeq(), endMs };
    write.run("plan", JSON.stringify(plan));
    await carryOut(plan);
  };

  const deliverUntil = async (kind: Plan["kind"], endMs: number): Promise<void> => {
    const unfinished = get("plan");
    if (unfinished !== undefined) await carryOut(JSON.parse(unfinished) as Plan);
    await begin("files", endMs);
    // Digest names hold whole seconds; two of one second would share a name.
    if (kind === "digest" && toEventTime(endMs) > toEventTime(progress().lastEndMs)) await begin("digest", endMs);
  };

  let queue = Promise.resolve();
  const enqueue = (kind: Plan["kind"], endMs = clock.now()): Promise<void> => {
    const run = queue.then(() => deliverUntil(kind, endMs));
    queue = run.catch(() => undefined);
    return run;
  };
  /** Every so often by the clock's own minutes, until `stop`. */
  const regularly = (everyMs: number, kind: Plan["kind"]): (() => void) => {
    const task = (): Promise<void> => enqueue(kind, Math.floor(clock.now() / everyMs) * everyMs);
    let timer = clock.at((Math.floor(clock.now() / everyMs) + 1) * everyMs, () => {
      timer = clock.every(everyMs, task);
      return task();
    });
    return () => timer.cancel();
  };
  const stops = [regularly(FILES_EVERY_MS, "files"), regularly(HOUR_MS, "digest")];

  const most = options.recordsBeforeTheTime ?? 20_000;
  let waiting = store.lastSeq() - progress().lastSeq;
  let isStopped = false;
  return {
    publicKeyPem,
    newestKey: () => progress().key ?? undefined,
    deliver: () => enqueue("digest"),
    deliverFiles: () => enqueue("files"),
    recorded() {
      waiting += 1;
      if (waiting < most || isStopped) return;
      waiting = 0;
      // What fails stays planned; the next delivery repeats it and is heard.
      enqueue("files").catch(() => undefined);
    },
    stop() {
      isStopped = true;
      for (const stop of stops) stop();
    },
  };
}

async function signingKey(
  wrapped: string | undefined,
  deps: Pick<ServiceDeps, "wrapSecret" | "unwrapSecret">,
  save: (wrapped: string) => unknown,
): Promise<KeyObject> {
  if (wrapped !== undefined) {
    const der = deps.unwrapSecret(Buffer.from(wrapped, "base64"));
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  }
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  save(deps.wrapSecret(privateKey.export({ format: "der", type: "pkcs8" })).toString("base64"));
  return privateKey;
}

function eventTimes(records: readonly StoredRecord[]): Pick<DigestLogFile, "newestEventTime" | "oldestEventTime"> {
  const times = records.map((record) => record.record.eventTime).toSorted();
  return { newestEventTime: times.at(-1) ?? "", oldestEventTime: times[0] ?? "" };
}

const dayPath = (ms: number): string => toEventTime(ms).slice(0, 10).replaceAll("-", "/");
const stamp = (ms: number): string => toEventTime(ms).replace(/[-:]/g, "");

/** The unique part comes from the content, so that a repeated delivery writes the same object. */
const logKey = ({ accountId, region }: Place, endMs: number, hash: string): string =>
  `AWSLogs/${accountId}/CloudTrail/${region}/${dayPath(endMs)}/` +
  `${accountId}_CloudTrail_${region}_${stamp(endMs).slice(0, 13)}Z_${hash.slice(0, 16)}.json.gz`;

const digestKey = ({ accountId, region }: Place, trailName: string, endMs: number): string =>
  `AWSLogs/${accountId}/CloudTrail-Digest/${region}/${dayPath(endMs)}/` +
  `${accountId}_CloudTrail-Digest_${region}_${trailName}_${region}_${stamp(endMs)}.json.gz`;
