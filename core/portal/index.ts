/** The door of core/portal: the patient's own portal. Pure rules, and rows of its own. */
export { ownAccessOf } from "./accesses.ts";
export { recordBundle } from "./bundle.ts";
export { type Allowance, readAllowance, takeDownload } from "./downloads.ts";
export { keepFormDraft, type KeptFormDraft, readFormDraft } from "./drafts.ts";
export { issuesOf, responseIdOf, responseOf, sentFormsOf } from "./forms.ts";
export { newMessagesIn, ownThreads, ownThreadView } from "./messages.ts";
export { OWN_SECTIONS, ownNotes, ownRecord, ownResults } from "./record.ts";
export { readableRecord } from "./readable.ts";
export { releaseAt } from "./release.ts";
export { changePortalSettings, readPortalSettings } from "./settings.ts";
export { bookableOf, confirmed, earliestMs, type Names, ownVisitOf, ownVisitsOf, type VisitsAt } from "./visits.ts";
export { mayCancelAt } from "./notice.ts";
export { contactWish, languageOf, visitWish, type Wish } from "./wishes.ts";
