import * as z from "zod";

/** What a clinic decides about its patients' portal: when results show, how late a visit is cancelled, which forms it asks. */

/** A text in the languages of the portal. */
const words = (max: number) =>
  z.strictObject({ en: z.string().trim().min(1).max(max), es: z.string().trim().min(1).max(max) });
export type PortalWords = z.infer<ReturnType<typeof words>>;

/**
 * When a record shows in the portal. `at-once`: as soon as it is final. `after-days`: that many days of the clinic's
 * calendar after it became final. `after-sign-off`: when somebody has signed it off, or at the latest after those days:
 * what is held back for good would be information blocking (45 CFR 171.103).
 */
export const ReleaseRule = z.discriminatedUnion("when", [
  z.strictObject({ when: z.literal("at-once") }),
  z.strictObject({ when: z.literal("after-days"), days: z.int().min(1).max(14) }),
  z.strictObject({ when: z.literal("after-sign-off"), atLatestDays: z.int().min(1).max(30) }),
]);
export type ReleaseRule = z.infer<typeof ReleaseRule>;

export const RELEASED_KINDS = ["notes", "results"] as const;
export type ReleasedKind = (typeof RELEASED_KINDS)[number];

/**
 * How long before a visit it can still be cancelled in the portal. Hours are hours; days are days of the clinic's calendar,
 * until the same time of day on the clinic's clock.
 */
export const NoticeRule = z.discriminatedUnion("unit", [
  z.strictObject({ unit: z.literal("hours"), count: z.int().min(0).max(168) }),
  z.strictObject({ unit: z.literal("days"), count: z.int().min(0).max(14) }),
]);
export type NoticeRule = z.infer<typeof NoticeRule>;

const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

export const BookingRules = z.strictObject({
  /** Whether free times are offered at all; without them a patient asks for a visit in words. */
  isOpen: z.boolean(),
  /** Types of visit that may be booked; empty for all that are active. */
  visitTypes: z.array(recordId).max(40),
  /** How many days ahead, of the clinic's calendar. */
  aheadDays: z.int().min(1).max(90),
  /** How long before it begins a visit must be booked, in hours. */
  leadHours: z.int().min(0).max(168),
  /** How many visits one patient may have booked at a time. */
  maxUpcoming: z.int().min(1).max(20),
});
export type BookingRules = z.infer<typeof BookingRules>;

export const QUESTION_KINDS = ["text", "long-text", "yes-no", "choice", "choices", "date", "number"] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

const linkId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const optionCode = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

export const FormQuestion = z
  .strictObject({
    id: linkId,
    kind: z.enum(QUESTION_KINDS),
    label: words(200),
    hint: words(300).optional(),
    isRequired: z.boolean(),
    options: z
      .array(z.strictObject({ code: optionCode, label: words(120) }))
      .min(2)
      .max(20)
      .optional(),
  })
  .superRefine(({ kind, options }, context) => {
    const isChoice = kind === "choice" || kind === "choices";
    if (isChoice !== (options !== undefined)) context.addIssue({ code: "custom", path: ["options"] });
    if (new Set((options ?? []).map(({ code }) => code)).size < (options ?? []).length)
      context.addIssue({ code: "custom", path: ["options"] });
  });
export type FormQuestion = z.infer<typeof FormQuestion>;

const FormSection = z.strictObject({ title: words(120), questions: z.array(FormQuestion).min(1).max(30) });

/** A form as a clinic's own data. A higher edition asks everybody once more. */
export const PortalForm = z
  .strictObject({
    id: linkId,
    edition: z.int().min(1).max(999),
    isActive: z.boolean(),
    title: words(120),
    intro: words(500),
    sections: z.array(FormSection).min(1).max(12),
  })
  .superRefine(({ sections }, context) => {
    const ids = sections.flatMap(({ questions }) => questions.map(({ id }) => id));
    if (new Set(ids).size < ids.length) context.addIssue({ code: "custom", path: ["sections"] });
  });
export type PortalForm = z.infer<typeof PortalForm>;

export const PortalSettings = z
  .strictObject({
    release: z.strictObject({ notes: ReleaseRule, results: ReleaseRule }),
    notice: NoticeRule,
    booking: BookingRules,
    /** Whether a patient reads the names of staff who opened the record; roles she reads always. */
    showsStaffNames: z.boolean(),
    forms: z.array(PortalForm).max(20),
  })
  .superRefine(({ forms }, context) => {
    if (new Set(forms.map(({ id }) => id)).size < forms.length) context.addIssue({ code: "custom", path: ["forms"] });
  });
export type PortalSettings = z.infer<typeof PortalSettings>;

export const ChangePortalSettings = z.strictObject({ version: z.int().min(0), settings: PortalSettings });
export type ChangePortalSettings = z.infer<typeof ChangePortalSettings>;

/** Version 0 where the clinic has not chosen anything yet. */
export interface PortalSettingsView {
  readonly version: number;
  readonly settings: PortalSettings;
}
