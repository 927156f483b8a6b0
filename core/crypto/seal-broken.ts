/** Which promise of the format did not hold. For alarms: it names a part of the format, never content, ids or keys. */
export type SealFault =
  | "header"
  | "legend"
  | "place"
  | "key"
  | "commitment"
  | "mac"
  | "attribute"
  | "frame"
  | "binding";

/**
 * Something sealed does not open: it was moved, altered, cut, rolled back to another version or forged.
 * It cannot happen to a careful user, so it is a throw and an alarm. The message holds no content and no id.
 */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
  readonly fault: SealFault;
  constructor(fault: SealFault) {
    super(`seal broken: ${fault}`);
    this.fault = fault;
  }
}

/** Throws SealBroken when `condition` is false. */
export function sealHolds(condition: unknown, fault: SealFault): asserts condition {
  if (!condition) throw new SealBroken(fault);
}
