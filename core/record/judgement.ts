import type { RecordClass } from "../kernel/data-class.ts";
import type { ConsentRuling } from "../policy/consent/index.ts";

/** What this request may see of one patient, by policy and by her consents as they are now. */
export interface Judgement {
  readonly ruling: ConsentRuling;
  /** The classes that policy permits for her: a hold that restricts, or a missing relationship, leaves none. */
  readonly classes: readonly RecordClass[];
}
