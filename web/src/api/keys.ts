import type { RouteName } from "../../../core/contract/index.ts";
import type { Ask } from "./ask.ts";

/** The key of one answer: whose sign-in, which clinic, which route, and what was asked. */
export type AnswerKey = readonly [tag: string, tenantId: string, name: RouteName, ask: AskedFor];

interface AskedFor {
  readonly path?: Ask<RouteName>["path"];
  readonly query?: Ask<RouteName>["query"];
  readonly body?: unknown;
  readonly purpose?: string;
}

interface Owner {
  readonly tag: string;
  readonly tenant: { readonly id: string };
}

/** The key factory: what no part of an answer depends on is left out. */
export function keyOf<N extends RouteName>(owner: Owner | undefined, name: N, ask: Ask<N> = {}): AnswerKey {
  const { path, query, body, purpose } = ask;
  const asked = {
    ...(path !== undefined && { path }),
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body }),
    ...(purpose !== undefined && { purpose }),
  };
  return [owner?.tag ?? "", owner?.tenant.id ?? "", name, asked];
}

/** True for the same question of the same clinic: only the sign-in is another, as after a session lapsed. */
export const isSameQuestion = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  JSON.stringify(one.slice(1)) === JSON.stringify(other.slice(1));
