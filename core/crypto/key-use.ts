import type { KeyedClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";

/** Which sealed item was opened. Keys hold ids, some of them a caller's own: not for logs as they are. */
export interface KeyUse {
  readonly tenantId: TenantId;
  readonly dataClass: KeyedClass;
  readonly pk: string;
  readonly sk: string;
}

type Observer = (use: KeyUse) => void;

let observer: Observer | undefined;

/**
 * Names the one who hears of every sealed item that this process opens, whatever code opened it. Once a process: a
 * handler that could put another in its place could read without being heard.
 */
export function observeKeyUse(next: Observer): void {
  invariant(observer === undefined || observer === next, "key use has one observer");
  observer = next;
}

export const tellKeyUse = (use: KeyUse): void => observer?.(use);
