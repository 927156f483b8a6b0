import type { Refusal } from "../../core/policy/index.ts";
import { fail } from "./failure.ts";

/** Leaves a handler with what policy refused. Its event is written before. */
export function failRefused(refusal: Refusal): never {
  switch (refusal.kind) {
    case "invalid-purpose":
      return fail({ kind: "structure", rule: "purpose" });
    case "purpose-required":
      return fail({ kind: "structure", rule: "purpose-required" });
    case "locked":
      return fail({ kind: "locked", rule: "legal-hold" });
    case "forbidden":
      return fail({ kind: "forbidden", ...(refusal.lacks === undefined ? {} : { rule: refusal.lacks }) });
  }
}
