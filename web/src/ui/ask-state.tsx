import type { ReactNode } from "react";
import type { Problem } from "../api/problem.ts";
import type { RuleTexts } from "../api/problem-text.ts";
import { useConnection } from "../app/connection.ts";
import { useFormat, useText } from "../i18n/index.ts";
import { uiMessages } from "./messages.ts";
import { ProblemState, Skeleton, StaleBar } from "./states.tsx";

/** What `useAsk` gives, as far as it is looked at here. */
export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Problem | null;
  readonly dataUpdatedAt: number;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly refetch: () => Promise<unknown>;
}

interface AskStateProps<T> {
  readonly query: Asked<T>;
  readonly children: (data: T) => ReactNode;
  /** Shown instead where `isEmpty` says so. */
  readonly empty?: ReactNode;
  readonly isEmpty?: (data: T) => boolean;
  /** Room for what is on its way; lines where not said. */
  readonly skeleton?: ReactNode;
  /** What is asked for, for who hears the page. */
  readonly label?: string;
  readonly rules?: RuleTexts;
}

const isEmptyList = (data: unknown): boolean => Array.isArray(data) && data.length === 0;

/**
 * A card's whole content in the state of its question: on its way, nothing there, failed with a way on, restricted, or
 * older than it should be. What was read stays in sight while the server cannot be reached.
 */
export function AskState<T>({ query, children, empty, isEmpty = isEmptyList, ...props }: AskStateProps<T>) {
  const [t, format, { isOnline }] = [useText(uiMessages), useFormat(), useConnection()];
  const retry = (): void => void query.refetch();
  if (query.data === undefined || query.data === null) {
    if (query.error !== null) {
      return (
        <ProblemState
          problem={query.error}
          onRetry={retry}
          {...(props.rules !== undefined && { rules: props.rules })}
        />
      );
    }
    return props.skeleton ?? <Skeleton {...(props.label !== undefined && { label: props.label })} />;
  }
  const when = format.time(query.dataUpdatedAt);
  const isWithdrawn = query.error !== null && !query.error.isTransient && query.error.kind !== "exception";
  // What may no longer be read is not left standing.
  if (isWithdrawn && query.error !== null) return <ProblemState problem={query.error} onRetry={retry} />;
  return (
    <>
      {(query.error !== null || !isOnline) && (
        <StaleBar
          text={isOnline ? `${t("stale")}. ${t("staleAsOf", { when })}` : t("offlineStale", { when })}
          onRetry={isOnline ? retry : undefined}
        />
      )}
      {empty !== undefined && isEmpty(query.data) ? empty : children(query.data)}
    </>
  );
}
