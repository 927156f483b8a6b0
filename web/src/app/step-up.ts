import { Problem } from "../api/problem.ts";
import { createStore } from "./store.ts";

interface Asked {
  /** The request that it is for, as `actOf` names it; undefined for whatever comes next. */
  readonly act: string | undefined;
  readonly onShown: () => void;
  readonly onRefused: () => void;
}

/** The step-up that somebody waits for; the dialog in `session.tsx` looks at it. */
export const stepUpAsked = createStore<Asked | undefined>(undefined);

const waiting = new Map<string | undefined, Promise<void>>();
let last: Promise<unknown> = Promise.resolve();

const ask = (act: string | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (finish: () => void) => () => {
      waiting.delete(act);
      stepUpAsked.set(undefined);
      finish();
    };
    stepUpAsked.set({
      act,
      onShown: settle(resolve),
      onRefused: settle(() => reject(new Problem({ kind: "step-up", status: 403, rule: "step-up" }))),
    });
  });

/**
 * Asks the person for both factors again: once for everybody who waits for the same act, and one dialog after the other
 * for different ones. Resolves when they were shown.
 * @throws {Problem} `step-up`, where the dialog is closed without.
 */
export function requireStepUp(act?: string): Promise<void> {
  const known = waiting.get(act);
  if (known !== undefined) return known;
  const asked = last.then(
    () => ask(act),
    () => ask(act),
  );
  waiting.set(act, asked);
  last = asked;
  return asked;
}
