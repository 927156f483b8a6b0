import * as z from "zod";
import { RECORD_CLASSES } from "../../kernel/data-class.ts";
import { PURPOSES } from "../grant.ts";

/** What a rule of a consent may be about: HL7 consentaction, without the two that are folded into these. */
export const CONSENT_ACTIONS = ["access", "collect", "disclose"] as const;
export type ConsentAction = (typeof CONSENT_ACTIONS)[number];

/** From open to closed: http://terminology.hl7.org/CodeSystem/v3-Confidentiality, a high-water mark in a consent. */
export const CONFIDENTIALITY_LEVELS = ["U", "L", "M", "N", "R", "V"] as const;
export type Confidentiality = (typeof CONFIDENTIALITY_LEVELS)[number];

/**
 * Whom a rule is about. `own-organization`: the clinic, and everyone who acts for it, by its Organization record; `tenant`:
 * the same by the clinic's id; `organization`: another one, for which a system acts; `affiliation`: a CareTeam, Group or
 * PractitionerRole, as `Type/id`.
 */
const Actor = z.strictObject({
  kind: z.enum([
    "practitioner",
    "user",
    "client",
    "patient",
    "role",
    "affiliation",
    "tenant",
    "own-organization",
    "organization",
    "related-person",
  ]),
  id: z.string().min(1).max(130),
});
export type ConsentActor = z.infer<typeof Actor>;

const texts = z.array(z.string().min(1).max(130)).min(1);
const instant = z.int();

const ruleShape = {
  /** Absent where the provision only narrows those inside it. */
  effect: z.enum(["permit", "deny"]).optional(),
  from: instant.optional(),
  until: instant.optional(),
  actors: z.array(Actor).min(1).optional(),
  /** Practitioner ids: the record was written by one of them. */
  authors: texts.optional(),
  actions: z.array(z.enum(CONSENT_ACTIONS)).min(1).optional(),
  purposes: z.array(z.enum(PURPOSES)).min(1).optional(),
  confidentiality: z.enum(CONFIDENTIALITY_LEVELS).optional(),
  labels: texts.optional(),
  /** With `types` one list: a record of one of the classes, or of one of the types. */
  classes: z.array(z.enum(RECORD_CLASSES)).min(1).optional(),
  types: texts.optional(),
  dataFrom: instant.optional(),
  dataUntil: instant.optional(),
  /** `Type/id` of single records. */
  records: texts.optional(),
};

const FlatRule = z.strictObject(ruleShape);

/**
 * One provision. Every element that is there must be met, and so must those of each provision around it; within a list
 * one is enough. Times are milliseconds since the epoch, `until` exclusive.
 */
export interface ConsentRule extends z.infer<typeof FlatRule> {
  /** Where one of these speaks, the rule itself is silent. */
  exceptions?: ConsentRule[] | undefined;
}

const Rule: z.ZodType<ConsentRule> = z.strictObject({
  ...ruleShape,
  get exceptions(): z.ZodOptional<z.ZodArray<z.ZodType<ConsentRule>>> {
    return z.array(Rule).min(1).optional();
  },
});

/**
 * A FHIR Consent as far as it can be computed: what the protection row of its patient keeps. `format` rises when the
 * meaning of a stored rule changes.
 */
export const CompiledConsent = z.strictObject({
  format: z.literal(1),
  id: z.string().min(1).max(64),
  version: z.int().min(0),
  patientId: z.string().min(1).max(64),
  /** False for every status but `active`: such a consent has no effect. */
  isActive: z.boolean(),
  /** Of `Consent.dateTime`, or of its last change where it has none. */
  issuedAtMs: instant,
  /** Absent where the consent says nothing of privacy: an advance directive, a consent to treatment. */
  rule: Rule.optional(),
  /** It was stored and cannot be read any more: it denies everything. */
  isUnreadable: z.literal(true).optional(),
});
export type CompiledConsent = z.infer<typeof CompiledConsent>;

/** What stands for a consent that is stored and no longer compiles: it denies everything, to everyone but the patient. */
export const unreadableConsent = (id: string, version: number, patientId: string): CompiledConsent => ({
  format: 1,
  id,
  version,
  patientId,
  isActive: true,
  issuedAtMs: 0,
  isUnreadable: true,
});

/** `<consent id>:<version>`, as events name it. */
export const consentName = ({ id, version }: CompiledConsent): string => `${id}:${version}`;

/** False for a consent that can never have an effect as it stands: nothing needs to keep it. */
const canHaveEffect = (consent: CompiledConsent): boolean =>
  consent.isActive && (consent.rule !== undefined || consent.isUnreadable === true);

/** The consents of a patient after one of them was written: the version before it is gone. */
export const withConsent = (
  consents: readonly CompiledConsent[],
  written: CompiledConsent,
): readonly CompiledConsent[] => [
  ...consents.filter((consent) => consent.id !== written.id),
  ...(canHaveEffect(written) ? [written] : []),
];

/** The consents of a patient after one was deleted. */
export const withoutConsent = (consents: readonly CompiledConsent[], id: string): readonly CompiledConsent[] =>
  consents.filter((consent) => consent.id !== id);
