import { PEOPLE_ACTS, type PeopleAct, type PeopleRule, type PersonState } from "../contract/admin-people.ts";
import { StaffRole } from "../contract/platform.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** What may be done to a person of a clinic, as a table: pure, so that a race is judged again by what it left. */

export const ADMINISTRATOR: StaffRole = "clinic-administrator";

export interface Subject {
  readonly isSelf: boolean;
  readonly state: PersonState;
  readonly roles: readonly string[];
  /** Whether nobody else could administer the clinic: invited people cannot yet. */
  readonly isLastAdministrator: boolean;
  /** Whether the account opens another clinic too. */
  readonly isElsewhere: boolean;
  /** Of a change of roles: what they shall be. */
  readonly wanted?: readonly string[];
}

type Judge = (subject: Subject) => PeopleRule | undefined;

const notSelf: Judge = ({ isSelf }) => (isSelf ? "own-access" : undefined);
const ofStaff: Judge = ({ roles }) =>
  roles.every((role) => StaffRole.safeParse(role).success) ? undefined : "not-staff";
const notEnded: Judge = ({ state }) => (state === "ended" ? "already-ended" : undefined);
const ended: Judge = ({ state }) => (state === "ended" ? undefined : "not-ended");
const keepsAnAdministrator: Judge = ({ isLastAdministrator, wanted = [] }) =>
  isLastAdministrator && !wanted.includes(ADMINISTRATOR) ? "last-administrator" : undefined;
const ownedHere: Judge = ({ isElsewhere }) => (isElsewhere ? "factors-elsewhere" : undefined);

/** By act: what is asked in turn. The first rule that stands in the way is told. */
const RULES: Readonly<Record<PeopleAct, readonly Judge[]>> = {
  roles: [notSelf, ofStaff, notEnded, keepsAnAdministrator],
  end: [notSelf, notEnded, keepsAnAdministrator],
  restore: [notSelf, ofStaff, ended],
  "end-sign-ins": [notSelf, notEnded],
  // Whoever sets factors anew can sign in as that person: in this clinic alone.
  code: [notSelf, ofStaff, notEnded, ownedHere, keepsAnAdministrator],
};

export function judge(act: PeopleAct, subject: Subject): Result<void, { readonly rule: PeopleRule }> {
  for (const rule of RULES[act]) {
    const met = rule(subject);
    if (met !== undefined) return err({ rule: met });
  }
  return ok(undefined);
}

/** What may not be done to a person now, by act. A change of roles is judged as one that keeps them. */
export const blockedActs = (subject: Subject): Partial<Record<PeopleAct, PeopleRule>> =>
  Object.fromEntries(
    PEOPLE_ACTS.flatMap((act) => {
      const met = judge(act, { ...subject, wanted: act === "roles" ? subject.roles : [] });
      return met.ok ? [] : [[act, met.error.rule]];
    }),
  );
