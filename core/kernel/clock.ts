/** Time as a dependency. `now` is milliseconds since the Unix epoch, UTC. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** `2026-11-22T08:00:00.000Z`: FHIR `instant` in UTC with milliseconds. */
export const toInstant = (ms: number): string => new Date(ms).toISOString();
