import type { RecordClass } from "../../kernel/data-class.ts";
import type { TenantId, UserId } from "../../kernel/ids.ts";
import type { ClassConsent } from "../circumstances.ts";
import type { Purpose } from "../grant.ts";
import type { ConsentAction } from "./compiled.ts";

/** Who asks, what for, and when. What is left out is not known: it counts for a denial and never for a permit. */
export interface Inquiry {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly roles: readonly string[];
  readonly practitionerId?: string | undefined;
  /** The system that asks; absent for a person. */
  readonly clientId?: string | undefined;
  /** Id of the Organization, other than the clinic, for which a system acts: what it is given is a disclosure. */
  readonly onBehalfOf?: string | undefined;
  /** The member for whom an assistant acts: a denial to her binds it as well. */
  readonly delegator?:
    | {
        readonly userId: UserId;
        readonly roles: readonly string[];
        readonly practitionerId?: string | undefined;
      }
    | undefined;
  /**
   * `CareTeam/<id>`, `Group/<id>` and `PractitionerRole/<id>` of the member, all of them.
   */
  readonly affiliations?: readonly string[] | undefined;
  readonly purpose: Purpose;
  readonly action: ConsentAction;
  readonly nowMs: number;
  /** True for the patient herself: 45 CFR 164.524 gives her access whatever she has told others. */
  readonly isPatient?: boolean;
  /** True under an active break-glass: 42 CFR 2.51, 45 CFR 164.522(a)(1)(iii). */
  readonly isEmergency?: boolean;
}

/** A record that would leave, as far as consent asks. */
export interface RecordFacts {
  readonly type: string;
  readonly id: string;
  readonly dataClass: RecordClass;
  /** Codes of the special categories that it carries. */
  readonly labels: readonly string[];
  /** Id of the Practitioner who wrote it, where one is known. */
  readonly authorPractitionerId?: string | undefined;
  /** What time the record is about, milliseconds, end exclusive. */
  readonly span?: { readonly from: number; readonly until: number } | undefined;
}

/** What a patient's consents say to one inquiry. */
export interface ConsentRuling {
  /**
   * For the policy engine: `deny` where no record of the class may pass, `permit` where a consent opens at least some,
   * `none` where consents are silent. Which records pass is for `permits` to say, each by each.
   */
  readonly byClass: Readonly<Record<RecordClass, ClassConsent>>;
  /** `<id>:<version>` of the consents that had a say, the newest first, at most `MAX_CONSENT_IDS`. */
  readonly ids: readonly string[];
  /** Whether this record may leave. */
  permits(record: RecordFacts): boolean;
  /** Whether a consent shuts this record by what it says: of the charts of one person, each one's denial binds all. */
  denies?(record: RecordFacts): boolean;
  deniesLabel?(label: string): boolean;
  /** Whether an element with this label has to be taken out of a record that may leave. */
  redacts(label: string): boolean;
}

/** An event names no more than these: its size is bounded. */
export const MAX_CONSENT_IDS = 8;
