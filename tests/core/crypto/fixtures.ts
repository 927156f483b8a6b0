import { createHash } from "node:crypto";
import type { KeyedClass } from "../../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { Result } from "../../../core/kernel/result.ts";
import type { Binding, Legend } from "../../../core/crypto/index.ts";
import { DataKey } from "../../../core/crypto/index.ts";

export const TENANT_A = "01hxzzabcd0123456789abcdef" as TenantId;
export const TENANT_B = "01hxzzabcd0123456789abcdeg" as TenantId;
export const USER_A = "01hxzzuser0123456789abcdef" as UserId;
export const USER_B = "01hxzzuser0123456789abcdeg" as UserId;
export const PATIENT = "01jd8x3k9m2n4p5q6r7s8t9v0w";

/** A fixed data key: the same bytes for the same tenant, class and version. */
export const keyBytes = (tenantId: TenantId, dataClass: KeyedClass, kver = 1): Buffer =>
  createHash("sha256").update(`${tenantId}/${dataClass}/${kver}`).digest();

export const dataKey = (tenantId: TenantId, dataClass: KeyedClass, kver = 1): DataKey =>
  new DataKey(tenantId, dataClass, kver, keyBytes(tenantId, dataClass, kver));

export const LEGEND: Legend = { phi: "encrypt", idx: "encrypt", _t: "sign", _aud: "sign", label: "sign", ttl: "leave" };
export const ITEM = { phi: "a canary in the chart", idx: "another", _t: "Observation", _aud: "event-1", label: "N" };

export const bindingOf = (tenantId: TenantId, changes: Partial<Binding> = {}): Binding => ({
  tenantId,
  table: "data",
  dataClass: "C",
  pk: `T#${tenantId}#C#P#${PATIENT}`,
  sk: `R#Observation#${PATIENT}.01jd8x3k9m2n4p5q6r7s8t9v0x`,
  version: 3,
  ...changes,
});

export function valueOf<T, E>(result: Result<T, E>): T {
  invariant(result.ok, `the result is a value, not ${JSON.stringify(result)}`);
  return result.value;
}

export function errorOf<T, E>(result: Result<T, E>): E {
  invariant(!result.ok, "the result is a failure");
  return result.error;
}
