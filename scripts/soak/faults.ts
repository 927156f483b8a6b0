import type { FaultPlan, FaultRule } from "../local/front/faults.ts";
import { Random } from "../seed/random.ts";

const SERVICES = ["dynamodb", "kms", "sts", "s3"] as const;
const KINDS = ["throttle", "server-error", "server-error-after", "timeout-before", "timeout-after"] as const;

/** Of one call: rare, now and then, often. */
const PROBABILITIES = [0.002, 0.02, 0.1] as const;

/**
 * What goes wrong in a run. Each seed draws its own mixture: faults that strike single calls, some of them often, and
 * outages that come in windows of seconds, because what survives one fault may still die of ten in a row, or of a lost
 * answer in the middle of an outage.
 */
export function planFaults(seed: string): FaultPlan {
  const random = new Random(`${seed}/faults`);
  const rules: FaultRule[] = [{ kind: "delay", probability: 0.01, delayMs: 200 }];
  for (const service of SERVICES) {
    for (const kind of KINDS) {
      if (random.chance(0.4)) rules.push({ kind, service, probability: random.pick(PROBABILITIES) });
    }
    const outages = {
      unit: "ms",
      length: random.integer(500, 3_000),
      probability: random.integer(5, 30) / 100,
    } as const;
    rules.push({ kind: random.pick(KINDS), service, probability: 0.95, outages });
  }
  return { seed, rules };
}
