import { type BilledRow, hourOf } from "./count.ts";

const HOUR_MS = 3_600_000n;

/** What lies somewhere: a table, an index, a bucket. */
export type Place = Pick<BilledRow, "accountId" | "sku" | "resourceId" | "detail">;

interface Level {
  readonly place: Place;
  bytes: bigint;
  sinceMs: number;
  readonly byteMs: Map<string, bigint>;
}

/** Bytes that lie somewhere, and for how long: to the millisecond, given as byte-hours. */
export class StoredLevels {
  readonly #levels = new Map<string, Level>();

  /** `bytes` more from `atMs` on, or fewer when below zero. */
  change(place: Place, bytes: number, atMs: number): void {
    const level = this.#hold(place, atMs);
    level.bytes += BigInt(bytes);
  }

  /** Bytes that lie there now. */
  bytes(place: Place): bigint {
    return this.#levels.get(keyOf(place))?.bytes ?? 0n;
  }

  /** Byte-hours of every hour up to `untilMs`, to the nearest one. */
  rows(untilMs: number): BilledRow[] {
    return [...this.#levels.values()].flatMap(({ place }) =>
      [...this.#hold(place, untilMs).byteMs].map(([hour, byteMs]) => ({
        ...place,
        hour,
        by: "aws",
        cause: "stored" as const,
        units: (byteMs + HOUR_MS / 2n) / HOUR_MS,
      })),
    );
  }

  #hold(place: Place, untilMs: number): Level {
    const key = keyOf(place);
    const level = this.#levels.get(key) ?? { place, bytes: 0n, sinceMs: untilMs, byteMs: new Map<string, bigint>() };
    this.#levels.set(key, level);
    for (let at = level.sinceMs; at < untilMs && level.bytes > 0n;) {
      const next = Math.min(untilMs, (Math.floor(at / Number(HOUR_MS)) + 1) * Number(HOUR_MS));
      const hour = hourOf(at);
      level.byteMs.set(hour, (level.byteMs.get(hour) ?? 0n) + level.bytes * BigInt(next - at));
      at = next;
    }
    level.sinceMs = Math.max(level.sinceMs, untilMs);
    return level;
  }
}

const keyOf = ({ accountId, sku, resourceId, detail }: Place): string =>
  [accountId, sku, resourceId ?? "", detail ?? ""].join("\u0000");
