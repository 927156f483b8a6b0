import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import type { AnswerOf, RouteName } from "../../../core/contract/index.ts";
import { currentSession, sessionState } from "../app/session-state.ts";
import { useStore } from "../app/store.ts";
import { requireStepUp } from "../app/step-up.ts";
import { actOf, type Ask, call, newEffect, Problem } from "./client.ts";
import { isSameQuestion, keyOf } from "./keys.ts";

export type { Ask } from "./client.ts";

export interface AskOptions {
  /** False: nothing is asked yet. */
  readonly isEnabled?: boolean;
  /** Asks again so often, in the background. */
  readonly refreshEveryMs?: number;
  /** How long an answer is fresh; 20 seconds where not said. */
  readonly freshMs?: number;
  /** Keeps what is shown while the next question is asked, as a search does. */
  readonly keepsPrevious?: boolean;
}

/** Reads a route and keeps the answer in memory while a screen looks at it. */
export function useAsk<N extends RouteName>(
  name: N,
  ask: Ask<N> = {},
  options: AskOptions = {},
): UseQueryResult<AnswerOf<N>, Problem> {
  const state = useStore(sessionState);
  const session = state.status === "active" || state.status === "ended" ? state.session : undefined;
  const { isEnabled = true, refreshEveryMs, freshMs, keepsPrevious = false } = options;
  const key = keyOf(session, name, ask);
  const isFirst = useRef(true);
  return useQuery<AnswerOf<N>, Problem>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const isBackground = refreshEveryMs !== undefined && !isFirst.current;
      isFirst.current = false;
      const answer = await call(name, { ...ask, signal, ...(isBackground && { isBackground }) });
      // A query must not be given undefined; a route without an answer reads as null.
      return (answer ?? null) as AnswerOf<N>;
    },
    enabled: isEnabled && state.status !== "ended",
    placeholderData: (previous, query) => {
      if (previous === undefined || query === undefined) return undefined;
      // After a sign-in behind the lock the page goes on with what it showed, so that no draft is unmounted.
      if (isSameQuestion(query.queryKey, key)) return previous as never;
      return keepsPrevious && query.queryKey[1] === key[1] && query.queryKey[2] === name
        ? (previous as never)
        : undefined;
    },
    ...(refreshEveryMs !== undefined && { refetchInterval: refreshEveryMs }),
    ...(freshMs !== undefined && { staleTime: freshMs }),
  });
}

/** Asks these routes again wherever their answers are shown, as after something that was done without `useAct`. */
export function useRefresh(): (routes: readonly RouteName[]) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    (routes) => {
      const tenantId = currentSession()?.tenant.id;
      return queries.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[1] === tenantId && routes.some((route) => route === queryKey[2]),
      });
    },
    [queries],
  );
}

export interface ActOptions<N extends RouteName> {
  readonly onDone?: (answer: AnswerOf<N>, ask: Ask<N>) => void;
  /** Reads whose answers this changes: they are asked again. */
  readonly refresh?: readonly RouteName[];
}

export interface Act<N extends RouteName> {
  /** Does it. Gives the answer, or undefined where it failed: `problem` says why, and nothing is thrown. */
  readonly act: (ask: Ask<N>) => Promise<AnswerOf<N> | undefined>;
  readonly isPending: boolean;
  readonly problem: Problem | undefined;
  readonly reset: () => void;
}

/** What makes two attempts the same: the same content keeps its key until it has succeeded. */
const contentOf = <N extends RouteName>({ path, query, body, ifMatch }: Ask<N>): string =>
  JSON.stringify([path, query, body instanceof URLSearchParams ? body.toString() : body, ifMatch]);

/**
 * Changes something. Where both factors are wanted again, the dialog is shown and the same request is sent after it. An
 * attempt that is repeated with the same content is one effect.
 */
export function useAct<N extends RouteName>(name: N, options: ActOptions<N> = {}): Act<N> {
  const refreshed = useRefresh();
  const attempt = useRef<{ readonly content: string; readonly effect: string } | undefined>(undefined);
  const mutation = useMutation<AnswerOf<N>, Problem, Ask<N>>({
    mutationFn: async (ask) => {
      const content = contentOf(ask);
      if (attempt.current?.content !== content) attempt.current = { content, effect: ask.effect ?? newEffect() };
      const sent = { ...ask, effect: attempt.current.effect };
      try {
        return await call(name, sent);
      } catch (thrown) {
        if (!(thrown instanceof Problem) || !thrown.stepUp) throw thrown;
        await requireStepUp(await actOf(name, sent));
        return call(name, sent);
      }
    },
    onSuccess: (answer, ask) => {
      attempt.current = undefined;
      options.onDone?.(answer, ask);
      // It is done whether or not what it changed has been read again.
      void refreshed(options.refresh ?? []);
    },
  });
  const { mutateAsync, reset } = mutation;
  const act = useCallback(
    async (ask: Ask<N>) => {
      try {
        // Undefined is a failure: an act without an answer gives null.
        return (await mutateAsync(ask)) ?? (null as AnswerOf<N>);
      } catch {
        return undefined;
      }
    },
    [mutateAsync],
  );
  return { act, isPending: mutation.isPending, problem: mutation.error ?? undefined, reset };
}
