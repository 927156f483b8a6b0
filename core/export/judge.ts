import type { PrivacySettings } from "../contract/clinic.ts";
import type { Principal } from "../identity/principal.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { CompiledConsent, ConsentRuling } from "../policy/consent/index.ts";
import { consentName } from "../policy/consent/index.ts";
import { authorize, authorizeClinic, type Decision, type Grant, type Refusal } from "../policy/index.ts";
import { circumstancesOf, type PrivacyDeps, type Protection, relationship } from "../privacy/index.ts";
import { type ExportFailure, fromPrivacy } from "./failure.ts";
import type { ExportJob } from "./job.ts";
import type { Taken } from "./manifest.ts";

/** Who asked for an export, as the registry has her now. */
export interface ExportStanding {
  readonly principal: Principal;
  readonly privacy: PrivacySettings;
}

/** What is asked for, as policy is asked. */
export type Asked = Pick<ExportJob, "purpose" | "scope" | "classes">;

export interface PatientVerdict {
  readonly ruling: ConsentRuling;
  /** Empty where she is not to be taken. */
  readonly classes: readonly RecordClass[];
  readonly granted: Result<Grant, Refusal>;
}

const isOfficer = ({ principal, privacy }: ExportStanding): boolean =>
  privacy.privacyOfficers.includes(principal.userId);

/**
 * Whether the member who asked could ask again now: the step-up was shown when she did, and lasts for what it was shown
 * for. Any patient stands for all: they are one by one asked about when they are taken.
 */
export const mayExport = (standing: ExportStanding, { purpose, scope }: Asked): Result<Decision, Refusal> =>
  authorizeClinic(standing.principal, "export.start", {
    purpose,
    patientId: scope.patients?.[0],
    steppedUp: true,
    isPrivacyOfficer: isOfficer(standing),
  });

/** The classes of records of many patients at once, and of none: never those of class S. */
export const authorizeAll = (standing: ExportStanding, purpose: Asked["purpose"]): Result<Grant, Refusal> =>
  authorize(standing.principal, [{ action: "export", type: "Patient", classes: RECORD_CLASSES }], {
    purpose,
    isPrivacyOfficer: isOfficer(standing),
  });

/**
 * What may be taken of one patient at this moment: roles, purpose, consents, hold, and where the clinic asks for it the
 * treatment relationship. Asked for each patient and chunk, and never remembered (POL-14).
 */
export async function judgePatient(
  deps: PrivacyDeps,
  standing: ExportStanding,
  { purpose, scope, classes }: Asked,
  protection: Protection,
  isAgain = false,
): Promise<Result<PatientVerdict, ExportFailure>> {
  const { principal, privacy } = standing;
  const { patientId } = protection;
  const isAsked = !isAgain && purpose === "TREAT" && privacy.relationship === "required";
  const treats = isAsked ? await relationship(deps, patientId, principal.practitionerId) : ok("open" as const);
  if (!treats.ok) return err(fromPrivacy(treats.error));
  const { circumstances, ruling } = circumstancesOf(protection, principal, {
    purpose,
    action: scope.recipient === undefined ? "access" : "disclose",
    nowMs: deps.clock.now(),
    relationship: treats.value,
    ...(scope.recipient !== undefined && { onBehalfOf: scope.recipient }),
  });
  const granted = authorize(principal, [{ action: "export", type: "Patient", classes, patientId }], {
    purpose,
    circumstances,
    isPrivacyOfficer: isOfficer(standing),
  });
  // Without the patient's own record there is no chart: what is left, such as her consents themselves, is not taken.
  const isOpen = ruling.permits({ type: "Patient", id: patientId, dataClass: "D", labels: [] });
  const open = granted.ok && isOpen ? granted.value.classes : [];
  return ok({ ruling, granted, classes: classes.filter((letter) => open.includes(letter)) });
}

type Rule = NonNullable<CompiledConsent["rule"]>;
const denies = (rule: Rule): boolean => rule.effect === "deny" || (rule.exceptions ?? []).some(denies);

/** A consent that only opens takes nothing back. */
const isNarrowing = ({ rule, isUnreadable }: CompiledConsent): boolean =>
  isUnreadable === true || (rule !== undefined && denies(rule));

/**
 * Whether what was taken of a patient may still be kept: no consent that stood has gone or changed, none that forbids
 * anything has come, and no class that was open is closed. A consent that was withdrawn and did not matter stops the
 * export too: whoever takes her word back is heard first.
 */
export function stillStands(
  taken: Pick<Taken, "consents" | "classes">,
  { consents }: Protection,
  { classes }: PatientVerdict,
): boolean {
  const names = consents.map(consentName);
  return (
    taken.consents.every((name) => names.includes(name)) &&
    !consents.some((consent) => !taken.consents.includes(consentName(consent)) && isNarrowing(consent)) &&
    taken.classes.split("").every((letter) => classes.some((open) => open === letter))
  );
}

export const takenOf = ({ patientId, consents }: Protection, { classes }: PatientVerdict): Taken => ({
  patientId,
  consents: consents.map(consentName),
  classes: classes.join(""),
  isLeftOut: classes.length === 0,
});
