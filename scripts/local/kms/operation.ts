import type { Call, Check } from "../service.ts";
import { kmsError } from "./errors.ts";
import { optionalBoolean, type Input } from "./input.ts";
import type { Keyring } from "./keyring.ts";

/** The members of an answer, as JSON: blobs are base64 text, times are seconds since the epoch. */
export type Answer = Readonly<Record<string, unknown>>;

/** A request that was understood: what it needs permission for, what the trail shows, how to run it. */
export interface Plan {
  readonly checks: readonly Check[];
  /** For the trail: names, ids and the encryption context; never plaintext, messages or blobs. */
  readonly parameters: Readonly<Record<string, unknown>>;
  run(): Answer;
}

export interface Operation {
  readonly readOnly: boolean;
  /** The members that this KMS understands. Any other gives 501. */
  readonly members: readonly string[];
  plan(keyring: Keyring, input: Input, call: Call): Plan;
}

export type Operations = Readonly<Record<string, Operation>>;

/** Seconds since the epoch, as AWS JSON 1.1 writes a time. */
export const seconds = (ms: number): number => ms / 1000;

export const base64 = (bytes: Buffer): string => bytes.toString("base64");

/** DryRun tells whether the call would work, and does nothing. Source: KMS Developer Guide, "Testing your permissions". */
export function stopIfDryRun(input: Input): void {
  if (optionalBoolean(input, "DryRun")) {
    throw kmsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
  }
}
