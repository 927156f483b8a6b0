import { RECORD_CLASSES, type RecordClass } from "../../kernel/data-class.ts";
import type { TenantId, UserId } from "../../kernel/ids.ts";
import type { ClassConsent } from "../circumstances.ts";
import type { Purpose } from "../grant.ts";
import type { CompiledConsent } from "./compiled.ts";
import type { ConsentRuling } from "./inquiry.ts";
import { ruleOn } from "./rule-on.ts";

/** Whom a summary is about: a role as such, or one member with what the registry knows of her. */
export interface MemberKind {
  readonly role: string;
  readonly purpose: Purpose;
  readonly userId?: UserId;
  readonly practitionerId?: string;
}

/** What changes for one kind of member. `before` and `after` are for the policy engine; `text` is for people. */
export interface EffectLine {
  readonly role: string;
  readonly purpose: Purpose;
  readonly before: ConsentRuling["byClass"];
  readonly after: ConsentRuling["byClass"];
  readonly isChanged: boolean;
  readonly text: string;
}

const CLASS_WORDS: Readonly<Record<RecordClass, string>> = {
  C: "clinical records",
  S: "specially protected records",
  B: "billing records",
  D: "demographics and scheduling",
};

/**
 * How a patient's consents would change what each kind of member may read: by class, before and after. A role without a
 * member stands for one of whom nothing more is known, so that a denial to single persons may show for the whole role.
 */
export function describeEffect(
  before: readonly CompiledConsent[],
  after: readonly CompiledConsent[],
  members: readonly MemberKind[],
  at: { readonly tenantId: TenantId; readonly nowMs: number },
): readonly EffectLine[] {
  return members.map((member) => {
    const then = classesFor(before, member, at);
    const now = classesFor(after, member, at);
    const changed = RECORD_CLASSES.filter((letter) => then[letter] !== now[letter]);
    const text = changed.length === 0 ? `${nameOf(member)}: no change` : sentence(member, changed, then, now);
    return {
      role: member.role,
      purpose: member.purpose,
      before: then,
      after: now,
      isChanged: changed.length > 0,
      text,
    };
  });
}

/** An id that is nobody's. */
const NOBODY = "00000000000000000000000000" as UserId;

function classesFor(
  consents: readonly CompiledConsent[],
  { role, purpose, userId = NOBODY, practitionerId }: MemberKind,
  { tenantId, nowMs }: { readonly tenantId: TenantId; readonly nowMs: number },
): ConsentRuling["byClass"] {
  const isPatient = role === "patient";
  const inquiry = {
    tenantId,
    userId,
    roles: [role],
    practitionerId,
    purpose,
    action: "access" as const,
    nowMs,
    isPatient,
  };
  return ruleOn(consents, inquiry).byClass;
}

const nameOf = ({ role, purpose }: MemberKind): string => `${role} (${purpose})`;

const STATE_WORDS: Readonly<Record<ClassConsent, string>> = {
  none: "by role alone",
  permit: "opened by consent",
  deny: "closed by consent",
};

function sentence(
  member: MemberKind,
  changed: readonly RecordClass[],
  then: ConsentRuling["byClass"],
  now: ConsentRuling["byClass"],
): string {
  const parts = changed.map(
    (letter) => `${CLASS_WORDS[letter]} ${STATE_WORDS[now[letter]]} (before: ${STATE_WORDS[then[letter]]})`,
  );
  return `${nameOf(member)}: ${parts.join("; ")}`;
}
