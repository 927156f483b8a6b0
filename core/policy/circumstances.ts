import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { UserId } from "../kernel/ids.ts";
import type { Purpose } from "./grant.ts";

/** What the patient's consents say of one class, for this member, purpose and action: `none` where no consent speaks. */
export type ClassConsent = "none" | "permit" | "deny";

/**
 * What is so between a member and one patient at this moment. Read strongly consistent in the request that uses it, and
 * never kept for another (POL-14).
 */
export interface Circumstances {
  /**
   * The patient that all of it is about. Where it is said, it counts for no other patient's records. Where it is not,
   * the caller vouches that the request names one patient alone.
   */
  readonly patientId?: string;
  readonly consent: {
    readonly byClass: Readonly<Record<RecordClass, ClassConsent>>;
    /** `<consent id>:<version>` of each consent that had a say. */
    readonly ids: readonly string[];
  };
  /** `open` where the clinic does not ask for a treatment relationship. */
  readonly relationship: "open" | "present" | "absent";
  /**
   * `frozen`: what is there stays, and new records are added. `restricted`: besides, only who keeps the hold reads, and
   * nothing is added but in an emergency.
   */
  readonly hold: "none" | "frozen" | "restricted";
  /** The member's active break-glass for this patient. */
  readonly emergency?: { readonly id: string; readonly expiresAtMs: number };
  /** For whom an assistant acts, with what that person may do now. */
  readonly delegation?: {
    readonly id: string;
    readonly userId: UserId;
    readonly roles: readonly string[];
    readonly purposes: readonly Purpose[];
  };
}

/** Of every class the same: for the ends of the scale and for tests. */
export const consentOfAll = (state: ClassConsent): Readonly<Record<RecordClass, ClassConsent>> => ({
  C: state,
  S: state,
  B: state,
  D: state,
});

/** Nothing is known and nothing is asked: a role that policy refuses with these is refused without reading anything. */
export const NEUTRAL: Circumstances = {
  consent: { byClass: consentOfAll("none"), ids: [] },
  relationship: "open",
  hold: "none",
};

/**
 * What is left of circumstances that cannot be tied to one patient: everything that forbids, and nothing that permits.
 */
export function withoutPermits({ consent, relationship, hold, delegation }: Circumstances): Circumstances {
  const denied = RECORD_CLASSES.filter((recordClass) => consent.byClass[recordClass] === "deny");
  return {
    consent: {
      byClass: { ...consentOfAll("none"), ...Object.fromEntries(denied.map((recordClass) => [recordClass, "deny"])) },
      ids: consent.ids,
    },
    relationship: relationship === "open" ? "open" : "absent",
    hold,
    // It binds the assistant: without it nothing at all would be permitted.
    ...(delegation === undefined ? {} : { delegation }),
  };
}
