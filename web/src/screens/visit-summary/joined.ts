import type { Asked } from "../../ui/index.ts";

type Answers<Q> = { readonly [K in keyof Q]: Q[K] extends Asked<infer T> ? T : never };

/** Several questions as one: answered when all are, and failed with the first that failed. A sheet lacks nothing silently. */
export function joined<Q extends Readonly<Record<string, Asked<unknown>>>>(questions: Q): Asked<Answers<Q>> {
  const all = Object.values(questions);
  const isComplete = all.every(({ data }) => data !== undefined && data !== null);
  const answers = Object.fromEntries(Object.entries(questions).map(([name, { data }]) => [name, data]));
  return {
    data: isComplete ? (answers as Answers<Q>) : undefined,
    error: all.find(({ error }) => error !== null)?.error ?? null,
    dataUpdatedAt: Math.min(...all.map(({ dataUpdatedAt }) => dataUpdatedAt)),
    isPending: all.some(({ isPending }) => isPending),
    isFetching: all.some(({ isFetching }) => isFetching),
    refetch: () => Promise.all(all.map(({ refetch }) => refetch())),
  };
}
