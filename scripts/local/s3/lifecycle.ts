import { malformedXml, notImplemented } from "./errors.ts";
import { type BucketConfig, type LifecycleRule, STORAGE_CLASSES, type StorageClass, type Version } from "./model.ts";
import type { S3Context } from "./operation.ts";
import { NO_LOCK } from "./object-lock.ts";
import { insertVersion, removeVersion } from "./versions.ts";
import {
  booleanChild,
  optionalChild,
  optionalNumber,
  optionalText,
  parseBody,
  refuseUnknownChildren,
} from "./xml-reader.ts";

/**
 * What a bucket's lifecycle does as time passes. A class is computed when somebody looks, because nothing but a listing
 * and a header tells of it; what expires is removed once a day.
 * Source: Amazon S3 User Guide, "Managing the lifecycle of objects", "Lifecycle and other bucket configurations".
 */

const DAY_MS = 86_400_000;
/** S3 moves no smaller object unless a rule asks for its size. */
const LEAST_TRANSITION_BYTES = 128 * 1024;

export interface ParsedLifecycle {
  readonly lifecycle: string;
  readonly lifecycleRules: readonly LifecycleRule[];
}

type Element = Parameters<typeof optionalChild>[0];

/** The rules of a lifecycle configuration. Throws MalformedXML; 501 for what this service would not carry out. */
export function parseLifecycle(body: Buffer): ParsedLifecycle {
  const root = parseBody(body, "LifecycleConfiguration");
  refuseUnknownChildren(root, ["Rule"]);
  if (root.children.length === 0) throw malformedXml();
  const lifecycleRules = root.children.flatMap((rule) => {
    const status = optionalText(rule, "Status");
    if (status !== "Enabled" && status !== "Disabled") throw malformedXml();
    const read = parseRule(rule);
    return status === "Enabled" ? [read] : [];
  });
  return { lifecycle: body.toString("utf8"), lifecycleRules };
}

function parseRule(rule: Element): LifecycleRule {
  refuseUnknownChildren(rule, [
    "ID",
    "Status",
    "Prefix",
    "Filter",
    "Transition",
    "Expiration",
    "NoncurrentVersionExpiration",
    // An upload that is never ended costs nothing here.
    "AbortIncompleteMultipartUpload",
  ]);
  const filter = optionalChild(rule, "Filter");
  if (filter !== undefined) refuseUnknownChildren(filter, ["Prefix", "Tag"]);
  const tag = filter === undefined ? undefined : optionalChild(filter, "Tag");
  const [key, value] = tag === undefined ? [] : [optionalText(tag, "Key"), optionalText(tag, "Value")];
  const expiration = optionalChild(rule, "Expiration");
  if (expiration !== undefined) refuseUnknownChildren(expiration, ["ExpiredObjectDeleteMarker", "Days"]);
  const expirationDays = expiration === undefined ? undefined : optionalNumber(expiration, "Days");
  const noncurrent = optionalChild(rule, "NoncurrentVersionExpiration");
  if (noncurrent !== undefined) refuseUnknownChildren(noncurrent, ["NoncurrentDays"]);
  const noncurrentDays = noncurrent === undefined ? undefined : optionalNumber(noncurrent, "NoncurrentDays");
  return {
    prefix: (filter === undefined ? optionalText(rule, "Prefix") : optionalText(filter, "Prefix")) ?? "",
    transitions: rule.children
      .filter(({ name }) => name === "Transition")
      .map((transition) => {
        refuseUnknownChildren(transition, ["Days", "StorageClass"]);
        const days = optionalNumber(transition, "Days");
        const storageClass = STORAGE_CLASSES.find((known) => known === optionalText(transition, "StorageClass"));
        if (days === undefined) throw malformedXml();
        if (storageClass === undefined) throw notImplemented("element");
        return { days, storageClass };
      }),
    expiredObjectDeleteMarker: expiration !== undefined && booleanChild(expiration, "ExpiredObjectDeleteMarker"),
    ...(noncurrentDays === undefined ? {} : { noncurrentDays }),
    ...(expirationDays === undefined ? {} : { expirationDays }),
    ...(key === undefined || value === undefined ? {} : { tag: { key, value } }),
  };
}

const isAbout = ({ prefix, tag }: LifecycleRule, { key, tags }: Version): boolean =>
  key.startsWith(prefix) && (tag === undefined || tags[tag.key] === tag.value);

/** Days are counted from the time, and rounded up to the next midnight UTC. */
const due = (fromMs: number, days: number): number => Math.ceil((fromMs + days * DAY_MS) / DAY_MS) * DAY_MS;

/** The class that a version is in by now. */
export function storageClassOf(config: BucketConfig, version: Version, nowMs: number): StorageClass {
  if ((version.contents?.sizeBytes ?? 0) < LEAST_TRANSITION_BYTES) return "STANDARD";
  const moved = (config.lifecycleRules ?? [])
    .filter((rule) => isAbout(rule, version))
    .flatMap(({ transitions }) => transitions)
    .filter(({ days }) => due(version.modifiedAtMs, days) <= nowMs)
    .toSorted((one, other) => one.days - other.days);
  return moved.at(-1)?.storageClass ?? "STANDARD";
}

/** Removes what its bucket's rules let expire. What is locked stays, whatever a rule says. */
export function expire(s3: S3Context): void {
  const nowMs = s3.clock.now();
  for (const bucket of s3.store.buckets()) {
    const rules = (bucket.config.lifecycleRules ?? []).filter(({ transitions: _none, prefix: _any, ...removal }) =>
      Object.values(removal).some((what) => what !== false),
    );
    if (rules.length === 0) continue;
    const byKey = Map.groupBy(s3.store.versions(bucket.name), ({ key }) => key);
    for (const [key, versions] of byKey) {
      const [newest] = versions;
      if (newest?.contents !== undefined && isOver(newest, rules, nowMs))
        insertVersion(s3, bucket, { key, contents: undefined, tags: {}, lock: NO_LOCK });
      const gone = new Set(versions.filter((version, index) => isExpired(version, versions[index - 1], rules, nowMs)));
      const isBareMarker = newest?.contents === undefined && gone.size === versions.length - 1;
      const isSwept = rules.some((rule) => rule.expiredObjectDeleteMarker && key.startsWith(rule.prefix));
      if (isBareMarker && newest !== undefined && isSwept) gone.add(newest);
      for (const version of gone) removeVersion(s3, version);
    }
  }
}

/** Whether the current version of a key has had its days: a delete marker covers it, as in a bucket that keeps versions. */
const isOver = (version: Version, rules: readonly LifecycleRule[], nowMs: number): boolean =>
  rules.some(
    (rule) =>
      rule.expirationDays !== undefined &&
      isAbout(rule, version) &&
      due(version.modifiedAtMs, rule.expirationDays) <= nowMs,
  );

/** `successor` is the next newer version of the key: since then this one is not current. */
function isExpired(
  version: Version,
  successor: Version | undefined,
  rules: readonly LifecycleRule[],
  nowMs: number,
): boolean {
  if (successor === undefined || version.lock.legalHold || (version.lock.retention?.untilMs ?? 0) > nowMs) return false;
  return rules.some(
    (rule) =>
      rule.noncurrentDays !== undefined &&
      isAbout(rule, version) &&
      due(successor.modifiedAtMs, rule.noncurrentDays) <= nowMs,
  );
}
