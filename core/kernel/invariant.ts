/** A broken promise of our own: never a caller's mistake. The message names the invariant and holds no record content. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws InvariantError when `condition` is false. `message` must hold no PHI: it reaches logs. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
