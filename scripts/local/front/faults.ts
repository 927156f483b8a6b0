import { createHash } from "node:crypto";
import type { Clock } from "../../../core/kernel/clock.ts";
import { ServiceError } from "../service.ts";

/**
 * What goes wrong with a call. `timeout-before`: the connection breaks and nothing was done. `timeout-after`: it was done,
 * and the connection breaks before the answer. `server-error` and `server-error-after` likewise, with an answer of 500.
 * `delay`: the answer is late by `delayMs` of the machine's time.
 */
export type FaultKind =
  | "throttle"
  | "server-error"
  | "server-error-after"
  | "timeout-before"
  | "timeout-after"
  | "delay";

export interface FaultRule {
  readonly kind: FaultKind;
  /** Signing name; every service when left out. */
  readonly service?: string;
  /** Operation names; every operation when left out. */
  readonly operations?: readonly string[];
  /** Of one matching call, 0 to 1; within outages when `outages` is given. */
  readonly probability: number;
  /**
   * Correlated failures: time (`ms`) or the rule's own calls (`calls`) are cut into stretches of `length`, and the rule
   * acts only in those stretches that are drawn with `probability`. Faults that strike one call at a time miss bugs that
   * need many in a row.
   */
  readonly outages?: { readonly unit: "ms" | "calls"; readonly length: number; readonly probability: number };
  readonly delayMs?: number;
}

export interface FaultPlan {
  readonly seed: number | string;
  readonly rules: readonly FaultRule[];
}

export interface Fault {
  readonly kind: FaultKind;
  readonly delayMs: number;
}

export interface Faults {
  /** Replaces the plan and starts its count anew; without one nothing fails. */
  setPlan(plan?: FaultPlan): void;
  /** What happens to the next call of this operation. */
  draw(service: string, operation: string): Fault | undefined;
  /** How often each kind struck under the present plan. */
  struck(): Readonly<Partial<Record<FaultKind, number>>>;
}

/**
 * Faults that a seed repeats exactly. A draw depends on the seed, the rule and how many calls of the operation came
 * before, not on calls of other operations, so that two clients racing each other do not change what strikes whom.
 */
export function createFaults(clock: Clock, plan?: FaultPlan): Faults {
  let current: FaultPlan | undefined = plan;
  let startMs = clock.now();
  const callsOfOperation = new Map<string, number>();
  const callsOfRule = new Map<number, number>();
  const counts = new Map<FaultKind, number>();

  const isOutage = (rule: FaultRule, index: number, seed: string, ordinal: number): boolean => {
    if (rule.outages === undefined) return true;
    const { unit, length, probability } = rule.outages;
    const position = unit === "ms" ? clock.now() - startMs : ordinal;
    return chance(`${seed}/window/${index}/${Math.floor(position / length)}`) < probability;
  };

  return {
    setPlan(next) {
      current = next;
      startMs = clock.now();
      callsOfOperation.clear();
      callsOfRule.clear();
      counts.clear();
    },
    draw(service, operation) {
      if (current === undefined) return undefined;
      const seed = String(current.seed);
      const name = `${service}:${operation}`;
      const count = callsOfOperation.get(name) ?? 0;
      callsOfOperation.set(name, count + 1);
      let fault: Fault | undefined;
      for (const [index, rule] of current.rules.entries()) {
        if (rule.service !== undefined && rule.service !== service) continue;
        if (rule.operations !== undefined && !rule.operations.includes(operation)) continue;
        const ordinal = callsOfRule.get(index) ?? 0;
        callsOfRule.set(index, ordinal + 1);
        if (fault !== undefined || !isOutage(rule, index, seed, ordinal)) continue;
        if (chance(`${seed}/call/${index}/${name}/${count}`) >= rule.probability) continue;
        fault = { kind: rule.kind, delayMs: rule.delayMs ?? 0 };
        counts.set(rule.kind, (counts.get(rule.kind) ?? 0) + 1);
      }
      return fault;
    },
    struck: () => Object.fromEntries(counts),
  };
}

/** A number in [0, 1) from a name. */
const chance = (name: string): number => createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;

const THROTTLES: Readonly<Record<string, readonly [code: string, status: number]>> = {
  s3: ["SlowDown", 503],
  sts: ["Throttling", 400],
};
const FAILURES: Readonly<Record<string, string>> = {
  dynamodb: "InternalServerError",
  kms: "KMSInternalException",
  s3: "InternalError",
};

/** The error of a service that is overloaded or broken, in its own words. */
export function faultError(kind: "throttle" | "server-error", service: string): ServiceError {
  if (kind === "server-error") {
    return new ServiceError(
      FAILURES[service] ?? "InternalFailure",
      "The request processing has failed because of an internal error.",
      500,
    );
  }
  const [code, status] = THROTTLES[service] ?? ["ThrottlingException", 400];
  return new ServiceError(code, "Rate exceeded", status);
}
