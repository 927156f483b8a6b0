import { QueryClient } from "@tanstack/react-query";
import type { RouteName } from "../../../core/contract/index.ts";
import type { AnswerKey } from "./keys.ts";

/** Answers live in memory, under the sign-in and clinic that they were given to, and are written nowhere. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      // The client itself repeats what may be repeated.
      retry: false,
      networkMode: "always",
      staleTime: 20_000,
      gcTime: 300_000,
      // Each read of a chart is told in the clinic's trail: none happens because a window was looked at.
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

/** Drops every answer, and stops what is under way. */
export function forgetAnswers(): void {
  void answers.cancelQueries();
  answers.clear();
}

/**
 * Asks everything anew that is on the screen, under what holds now. What is still on its way was asked under what held
 * before, and is stopped first: a first answer in flight would be kept otherwise.
 * @param except A route whose answer is the reason for it.
 */
export async function askAgain(except?: RouteName): Promise<void> {
  const filter = { predicate: ({ queryKey }: { readonly queryKey: readonly unknown[] }) => queryKey[2] !== except };
  await answers.cancelQueries(filter);
  await answers.invalidateQueries(filter);
}

/** How often one question is put anew for this reason: a server that always refuses is not asked for ever. */
const REFUSED_MAX = 3;

/**
 * Asks anew what was refused as signed out while the sign-in goes on: it was asked with a cookie that a step-up had just
 * ended, and nothing is wrong with it.
 */
export async function askRefusedAgain(): Promise<void> {
  await answers.refetchQueries({
    type: "active",
    predicate: ({ state }) => {
      const { status, error, errorUpdateCount } = state;
      const kind = error !== null && "kind" in error ? error.kind : undefined;
      return status === "error" && kind === "signed-out" && errorUpdateCount <= REFUSED_MAX;
    },
  });
}

/**
 * A part of a chart is refused: whatever else of that chart is still shown is asked again, so that nothing is left
 * standing that a consent or a hold has withdrawn meanwhile.
 * @param patient The id in the path of what was refused.
 */
export function doubtChart(patient: string): void {
  void answers.invalidateQueries({
    predicate: ({ queryKey, state }) => {
      const [, , , asked] = queryKey as Partial<AnswerKey>;
      // Not what is on its way, the refused one itself among it: it would be asked for ever.
      const isShown = state.status === "success" && state.fetchStatus === "idle";
      return isShown && Object.values(asked?.path ?? {}).includes(patient);
    },
  });
}
