import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { TimedClock } from "../front/clock.ts";
import type { ServiceDeps } from "../service.ts";
import { fingerprintOf, hashHex, packJson, signDigest, type DigestLogFile } from "./digest.ts";
import { toEventTime, type Place } from "./record.ts";
import type { RecordStore, StoredRecord } from "./store.ts";

export interface DeliveryOptions {
  readonly trailName: string;
  readonly bucket: string;
  /** Stores one file. Called again with the same key and bytes when it throws or the process ended in between. */
  readonly deliver: (key: string, bytes: Buffer, metadata: Readonly<Record<string, string>>) => unknown;
  /** So many new records are delivered before the hour is full; 20,000 when left out. */
  readonly recordsBeforeTheHour?: number;
}

/** Hourly log files and the signed chain of digests over them. */
export interface Delivery {
  readonly publicKeyPem: string;
  /** The newest digest that was stored: the verifier starts there. */
  newestKey(): string | undefined;
  /** Delivers what was recorded since the last digest, now, without waiting for the hour. */
  deliver(): Promise<void>;
  /** To be called after each record. */
  recorded(): void;
  stop(): void;
}

const HOUR_MS = 3_600_000;
const RECORDS_PER_FILE = 5_000;

interface Progress {
  readonly lastSeq: number;
  readonly lastEndMs: number;
  readonly key: string | null;
  readonly hash: string | null;
  readonly signature: string | null;
}

/** What one delivery covers, written down before its first file leaves: a restart repeats the very same files. */
interface Plan {
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
      ? { lastSeq: 0, lastEndMs: clock.now(), key: null, hash: null, signature: null }
      : (JSON.parse(text) as Progress);
  };
  if (get("progress") === undefined) write.run("progress", JSON.stringify(progress()));

  const carryOut = async (plan: Plan): Promise<void> => {
    const before = progress();
    const logFiles: DigestLogFile[] = [];
    for (let afterSeq = before.lastSeq; afterSeq < plan.lastSeq;) {
      const records = store.range(afterSeq, plan.lastSeq, RECORDS_PER_FILE);
      if (records.length === 0) break;
      afterSeq = records.at(-1)?.seq ?? plan.lastSeq;
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
    const after: Progress = {
      lastSeq: plan.lastSeq,
      lastEndMs: plan.endMs,
      key,
      hash: file.contentHash,
      signature: file.signature,
    };
    database.exec("BEGIN IMMEDIATE");
    write.run("progress", JSON.stringify(after));
    database.prepare("DELETE FROM delivery WHERE name = 'plan'").run();
    database.exec("COMMIT");
  };

  const deliverUntil = async (endMs: number): Promise<void> => {
    const unfinished = get("plan");
    if (unfinished !== undefined) await carryOut(JSON.parse(unfinished) as Plan);
    // Digest names hold whole seconds; two of one second would share a name.
    if (toEventTime(endMs) <= toEventTime(progress().lastEndMs)) return;
    const plan: Plan = { lastSeq: store.lastSeq(), endMs };
    write.run("plan", JSON.stringify(plan));
    await carryOut(plan);
  };

  let queue = Promise.resolve();
  const enqueue = (endMs: number): Promise<void> => {
    const run = queue.then(() => deliverUntil(endMs));
    queue = run.catch(() => undefined);
    return run;
  };
  const hourly = (): Promise<void> => enqueue(Math.floor(clock.now() / HOUR_MS) * HOUR_MS);
  let interval = clock.every(HOUR_MS, hourly);
  const first = clock.at((Math.floor(clock.now() / HOUR_MS) + 1) * HOUR_MS, () => {
    interval.cancel();
    interval = clock.every(HOUR_MS, hourly);
    return hourly();
  });

  const most = options.recordsBeforeTheHour ?? 20_000;
  let waiting = store.lastSeq() - progress().lastSeq;
  let isStopped = false;
  return {
    publicKeyPem,
    newestKey: () => progress().key ?? undefined,
    deliver: () => enqueue(clock.now()),
    recorded() {
      waiting += 1;
      if (waiting < most || isStopped) return;
      waiting = 0;
      // What fails stays planned; the hour's delivery repeats it and is heard.
      enqueue(clock.now()).catch(() => undefined);
    },
    stop() {
      isStopped = true;
      first.cancel();
      interval.cancel();
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
