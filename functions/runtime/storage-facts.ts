import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { hash } from "node:crypto";
import type { AuditEvent } from "../../core/audit/event.ts";
import { PLATFORM } from "../../core/cost/meters.ts";
import type { ActivityFact, StorageDelta, StorageKind } from "../../core/cost/usage.ts";
import { type Attribute, parsePartition, parseRecordSort, storedBytes } from "../../core/table/index.ts";
import { readConfig } from "./config.ts";
import { logFact } from "./log.ts";

/** What is told for the meter beside an invocation's own line: what is stored more or less, and what a clinic did. */
export type Told =
  | Pick<StorageDelta, "kind" | "id" | "at" | "tenant" | "storage" | "bytes">
  | Pick<ActivityFact, "kind" | "id" | "at" | "tenant" | "did" | "who">;

let place: { readonly stage: string; readonly cell: string } | undefined;

/** Writes a fact as a line of its own, of ids and counts. */
export function tell(fact: Told): void {
  if (fact.kind === "storage-delta.v1" && fact.bytes === 0) return;
  if (place === undefined) {
    const { STAGE: stage, CELL: cell } = readConfig(["STAGE", "CELL"]);
    place = { stage, cell };
  }
  logFact({ ...fact, ...place });
}

const short = (text: string): string => hash("sha256", text, "hex").slice(0, 32);

/** Of an object or a version of one: the same change has the same id however often it is told. */
export const objectDelta = (
  tenant: string,
  storage: StorageKind,
  of: { readonly name: string; readonly at: number; readonly bytes: number },
): Told => ({ kind: "storage-delta.v1", id: `object:${short(of.name)}`, at: of.at, tenant, storage, bytes: of.bytes });

type Image = Readonly<Record<string, AttributeValue>> | undefined;

/** A stream's image as a row: its bytes are base64 there. */
const rowOf = (image: NonNullable<Image>): Readonly<Record<string, Attribute>> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value)]));

function plain(value: AttributeValue): Attribute {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.B !== undefined) return Buffer.from(value.B, "base64");
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(plain);
  if (value.M !== undefined) return rowOf(value.M);
  return null;
}

const sizeOf = (image: Image): ReturnType<typeof storedBytes> =>
  image === undefined ? { table: 0, index: 0 } : storedBytes(rowOf(image));

/** What a change of one row adds or takes, by the size of its images: sealed rows are as large as what they seal. */
export function rowDeltas(record: DynamoDBRecord, storageOf: (sk: string) => StorageKind): Told[] {
  const { Keys, NewImage, OldImage, ApproximateCreationDateTime = 0 } = record.dynamodb ?? {};
  const [before, after] = [sizeOf(OldImage), sizeOf(NewImage)];
  const common = {
    kind: "storage-delta.v1",
    at: Math.round(ApproximateCreationDateTime * 1000),
    tenant: parsePartition(Keys?.["pk"]?.S ?? "")?.tenantId ?? PLATFORM,
  } as const;
  const id = record.eventID ?? record.dynamodb?.SequenceNumber ?? "";
  return [
    { ...common, id, storage: storageOf(Keys?.["sk"]?.S ?? ""), bytes: after.table - before.table },
    { ...common, id, storage: "search", bytes: after.index - before.index },
  ];
}

/** A past version is history; whatever else lies among charts is data. */
export const chartKind = (sk: string): StorageKind => (parseRecordSort(sk)?.version === undefined ? "data" : "history");

/** Who is billed as a clinician when active. */
const CLINICAL: ReadonlySet<string> = new Set(["physician", "nurse"]);
const SAID_MAX = 50_000;
/** Clinicians that this environment has told of in a month: a month counts each once. */
const said = new Set<string>();

/**
 * What a clinic did, by its event. A signed note is a finished encounter: it is signed once, and what comes after is an addendum.
 * The clinician is told as a digest of clinic, month and member, by which no two months can be joined.
 */
export function activities({ id, tenant, at, interaction, outcome, actor }: AuditEvent): Told[] {
  if (outcome !== "success") return [];
  const common = { kind: "activity.v1", id, at, tenant } as const;
  const told: Told[] = interaction === "note.sign" ? [{ ...common, did: "encounter-finished", who: null }] : [];
  if (actor.kind !== "user" || !actor.roles.some((role) => CLINICAL.has(role))) return told;
  const who = short(`${tenant}/${new Date(at).toISOString().slice(0, 7)}/${actor.user}`);
  if (said.has(who)) return told;
  if (said.size >= SAID_MAX) said.clear();
  said.add(who);
  return [...told, { ...common, did: "clinician-active", who }];
}
