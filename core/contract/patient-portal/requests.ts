import * as z from "zod";
import { CalendarDay, WallTime } from "../clinic-profile.ts";
import { RestrictForm, ShareForm } from "../consent.ts";
import { OpenPreview } from "../document.ts";
import { PLAIN_TEXT } from "../plain-text.ts";

/** What a patient sends in her own portal. Whose record it is, is never in a request: the session's membership says it. */

const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const version = z.int().min(1);
const plain = (max: number) => z.string().trim().max(max).regex(PLAIN_TEXT);
const said = (max: number) => plain(max).min(1);

/** A free time, as `/patient/free-times` gave it. */
export const BookOwnVisit = z.strictObject({
  visitType: recordId,
  provider: recordId.optional(),
  day: CalendarDay,
  time: WallTime,
  occurrence: z.enum(["first", "second"]).optional(),
  reason: plain(500).optional(),
});
export type BookOwnVisit = z.infer<typeof BookOwnVisit>;

export const CancelOwnVisit = z.strictObject({ version, note: plain(500).optional() });
export type CancelOwnVisit = z.infer<typeof CancelOwnVisit>;

export const ConfirmOwnVisit = z.strictObject({ version });
export type ConfirmOwnVisit = z.infer<typeof ConfirmOwnVisit>;

export const WISH_TIMES = ["morning", "midday", "afternoon", "any"] as const;

/** A visit that is asked for in words: somebody at the desk answers. */
export const WishVisit = z.strictObject({
  reason: said(500),
  /** Days of the clinic's calendar. */
  from: CalendarDay.optional(),
  times: z.enum(WISH_TIMES),
  provider: recordId.optional(),
});
export type WishVisit = z.infer<typeof WishVisit>;

/** Of what a new message is about. `health` goes to those who treat, the others to the desk. */
export const OWN_TOPICS = ["health", "visit", "billing", "other"] as const;
export type OwnTopic = (typeof OWN_TOPICS)[number];
export const OWN_MESSAGE_MAX = 4_000;

export const BeginOwnThread = z.strictObject({ topic: z.enum(OWN_TOPICS), text: said(OWN_MESSAGE_MAX) });
export type BeginOwnThread = z.infer<typeof BeginOwnThread>;
export const AnswerOwnThread = z.strictObject({ text: said(OWN_MESSAGE_MAX) });
export type AnswerOwnThread = z.infer<typeof AnswerOwnThread>;

const linkId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
/** A text for what is typed, codes for what is chosen, `yes` or `no`, a day, a decimal number as it was typed. */
export const FormAnswer = z.strictObject({
  id: linkId,
  values: z.array(plain(2_000).min(1)).min(1).max(20),
});
export type FormAnswer = z.infer<typeof FormAnswer>;
const answers = z
  .array(FormAnswer)
  .max(200)
  .superRefine((all, context) => {
    if (new Set(all.map(({ id }) => id)).size < all.length) context.addIssue({ code: "custom" });
  });

/** `draft`: the saving that it goes on from; 0 for the first. */
export const KeepFormDraft = z.strictObject({ edition: version, draft: z.int().min(0), answers });
export type KeepFormDraft = z.infer<typeof KeepFormDraft>;
export const SendForm = z.strictObject({ edition: version, answers });
export type SendForm = z.infer<typeof SendForm>;

/** The two forms that a patient gives by herself. How it is signed is the server's to say: by her, in this session, today. */
export const OwnConsent = z
  .discriminatedUnion("form", [ShareForm.omit({ signature: true }), RestrictForm.omit({ signature: true })])
  .superRefine(({ period: { from, until }, recipients }, context) => {
    if (from !== undefined && until !== undefined && until < from)
      context.addIssue({ code: "custom", path: ["period", "until"] });
    // Systems are the clinic's to name: their forms are signed there.
    if (recipients.some(({ kind }) => kind === "system")) context.addIssue({ code: "custom", path: ["recipients"] });
  });
export type OwnConsent = z.infer<typeof OwnConsent>;

export const PreviewOwnConsent = z.union([z.strictObject({ give: OwnConsent }), z.strictObject({ revoke: recordId })]);
export type PreviewOwnConsent = z.infer<typeof PreviewOwnConsent>;

export const RevokeOwnConsent = z.strictObject({ version, note: plain(500).optional() });
export type RevokeOwnConsent = z.infer<typeof RevokeOwnConsent>;

export const DOWNLOAD_FORMATS = ["readable", "fhir"] as const;
export type DownloadFormat = (typeof DOWNLOAD_FORMATS)[number];
export const DownloadOwnRecord = z.strictObject({ format: z.enum(DOWNLOAD_FORMATS), language: z.enum(["en", "es"]) });
export type DownloadOwnRecord = z.infer<typeof DownloadOwnRecord>;

/** Always what the document holds now: no number of an earlier content is asked for here. */
export const OpenOwnPreview = OpenPreview.pick({ use: true });
export type OpenOwnPreview = z.infer<typeof OpenOwnPreview>;

/** What should change; the desk checks it and changes the record. */
export const WishContact = z
  .strictObject({
    phone: plain(40).min(5).optional(),
    email: z.email().max(120).optional(),
    address: said(300).optional(),
    note: said(500).optional(),
  })
  .refine((wish) => Object.values(wish).some((value) => value !== undefined));
export type WishContact = z.infer<typeof WishContact>;
