import type { Zone } from "../../core/contract/index.ts";
import { describeRule } from "../../core/fhir/issue.ts";
import type { Answer } from "./exchange.ts";
import type { Failure } from "./failure.ts";

interface Rendering {
  readonly status: number;
  /** https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly code: string;
  readonly sentence: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const retryAfter = (ms: number): Record<string, string> => ({
  "retry-after": String(Math.max(1, Math.ceil(ms / 1000))),
});

/** Sentences for rules of our own that core/fhir does not know. They name the way out where there is one. */
export const SENTENCES: Readonly<Record<string, string>> = {
  "if-match": "Say which version you change: send If-Match with the ETag of your last read.",
  "idempotency-key": "Send an Idempotency-Key header of 8 to 128 letters, digits, '-' or '_'.",
  purpose: "X-Purpose-Of-Use is TREAT, HPAYMT, HOPERAT, ETREAT, PATRQT, HRESCH or MLTRAINING.",
  "purpose-required":
    "Say what this is for: send X-Purpose-Of-Use, or sign in with a purpose. What is not said is not assumed.",
  "step-up": "Show both factors again with POST /session/step-up, then send this within five minutes.",
  "session-changed": "This page belongs to another sign-in than the browser's: load it again. Nothing was done.",
  "no-passkey": "You have no passkey yet: show password and code.",
  "passkey-known": "That passkey is registered already.",
  "passkey-count": "You have ten passkeys: remove one first.",
  "last-factor": "This is the only way in that you have: add another one first.",
  "purpose-role": "Your roles do not work for that purpose.",
  "legal-hold": "A legal hold keeps this chart as it is.",
  "note-locked": "The note is locked: add an addendum, or unlock it for a reason.",
  "note-door": "A note and its signatures are written where notes are written: here they are read.",
  "document-door": "A document whose content lies here is written where documents are filed: here it is read.",
  "document-sealed":
    "Its content is sealed as a special category: file it anew without the label, and this one as filed in error.",
  "document-patient":
    "This chart has an id of another system's: documents are filed in charts that were registered here.",
  "document-pending": "The document has not been checked yet: ask for its check first.",
  "document-infected": "Something harmful was found in the document: nobody opens it.",
  "document-failed":
    "The document could not be checked, and nobody opens it: ask for its check again, or file another copy.",
  "document-preview-only":
    "The document would act by itself where it is opened: it is looked at here and not handed out.",
  "document-withdrawn": "The document was filed in error: nobody opens or changes it.",
  "document-kind": "The office's documents and clinical ones are kept apart: file it anew under the other type.",
  "document-replaced": "Another content was filed meanwhile: read the document again.",
  "document-label": "A label is chosen when a clinical document is first filed.",
  "upload-part": "The parts of a file come in their order, each once.",
  "upload-incomplete": "Parts of the file are missing: send them first.",
  "upload-expired": "The upload was begun too long ago: begin it again.",
  "preview-session": "A preview belongs to a browser's session: read the content itself.",
  "document-media-type": "Files are PDF, PNG, JPEG, TIFF, plain text in UTF-8, or C-CDA.",
  "document-type-mismatch": "The file is not what its type says, or is none of those that are taken.",
  "document-size": "The part has another size than the file that was begun.",
  "note-act": "In its state, the note is not yours to do that to: read it again.",
  "note-checks": "Something has to be done before the note is signed: ask for its checks.",
  "note-section": "The text names a section that the note does not have.",
  "template-unknown": "The clinic has no template of that name.",
  "visit-change": "The visit cannot go there from where it is.",
  "visit-appointment": "That appointment is not this patient's, or was cancelled.",
  "visit-written": "A note was written at that visit: its start is not taken back.",
  "visit-without-notes": "No note is begun at a visit that has not begun, or that was cancelled.",
  "tier-not-placeable": "This stage cannot place a tenant of that tier yet.",
  "region-not-served": "This stage does not serve that region.",
  "login-taken": "That login is taken.",
  origin: "The request does not come from this site's own pages.",
  "audit-query":
    "Search by patient, actor, action, outcome, from, to, cursor and count, each once and in its own form.",
  cursor: "The page link does not belong to this search, or is too old: search again.",
  "reference-unresolved": "A reference names nothing that is here.",
  "reference-external": "A reference leaves this server.",
  "segmented-without-patient": "A record of a special category belongs to a patient: nobody else could consent.",
  redacted:
    "Parts of this record are withheld from you, and would be lost: ask somebody who sees them, or move an appointment without its reason and notes.",
  "relabel-size":
    "The label reaches more records and versions than one write can move: label those that refer to it first.",
  "decision-changed": "A consent or a hold changed while this ran: send it again.",
  "consent-element": "This part of a Consent would not be enforced here: say it with elements that are.",
  "consent-code": "That code is not known here.",
  "consent-reference": "Whom or what this names cannot be told.",
  "consent-period": "That period ends before it begins, or does not read.",
  "consent-empty": "The Consent is active and neither permits nor denies anything.",
  "consent-own-access": "No Consent keeps a patient from her own record.",
  "consent-size": "The Consent has more provisions than are judged in one request.",
  "patient-changed": "A record does not move between patients.",
  "merge-itself": "A chart is not merged with itself.",
  "merge-chain": "One of these charts has a part in another merge already.",
  "one-patient": "A record belongs to one patient.",
  "id-reserved": "The id does not fit the patient that the record belongs to.",
  "search-without-patient": "Say which patient: this type is searched inside one patient's record.",
  "search-patients": "Too many patients in one search.",
  "search-size": "The search finds too much: narrow it.",
  "include-size": "The search includes too much: narrow it.",
  "bundle-size": "The bundle holds too many entries.",
  "transaction-mixed-too-large": "A transaction of more than 33 records may only create: send changes in smaller ones.",
  "bundle-read": "A transaction that writes reads only records that it does not write: search in a request of its own.",
  "no-session": "A system's token has no session to end: it lapses by itself within ten minutes.",
  "no-step-up": "A system has one key and shows it with every token: there is nothing to step up.",
  "reason-required": "Say why: send X-Reason with one of the codes that the contract lists.",
  reason: "X-Reason is one of the codes that the contract lists, with words of your own after `; text*=UTF-8''`.",
  "approval-unknown": "No such request waits for a second person: ask for it again.",
  "approval-self": "Somebody else must approve what you asked for.",
  "second-person": "Somebody else must do this.",
  "break-glass-role": "Only a physician or a nurse opens a chart in an emergency.",
  "break-glass-open": "This chart is open to you in an emergency already.",
  "break-glass-ended": "That emergency is over.",
  "break-glass-not-ended": "An emergency is reviewed when it is over.",
  reviewed: "That emergency was reviewed already.",
  "hold-exists": "The chart is under a legal hold already.",
  "no-hold": "The chart is under no legal hold.",
  "approval-expired": "The request has lapsed: ask for it again.",
  "approval-decided": "Somebody has approved that already.",
  "approval-not-approved": "A second person has not approved that yet.",
  "approval-used": "That approval was used already.",
  "approval-other": "What was approved is something else.",
  "delegation-duration": "A delegation lasts 1 to 90 days.",
  "delegation-purpose": "That purpose cannot be delegated.",
  "delegation-ended": "That delegation is over.",
  "not-an-assistant": "No assistant of this clinic has that id.",
  "export-scope": "The export asks for more than your role reaches.",
  "time-taken": "That time was taken a moment ago.",
  "free-times": "Say for how many minutes, and whose time is looked at.",
  "provider-busy": "The provider has another appointment then.",
  "room-busy": "The room is taken then.",
  "patient-busy": "The patient has another appointment then.",
  "outside-hours": "The clinic is closed then.",
  "provider-away": "The provider does not work then.",
  "hours-full": "The hours of all providers together are more than is kept: take some days off out.",
  "in-the-past": "That time is over.",
  "time-skipped": "The clocks are put forward: that time is not on this day.",
  "time-doubled": "The clocks are put back: that time comes twice on this day, say which one is meant.",
  "step-refused": "The visit does not stand where that can be done.",
  "not-today": "That is done on the day of the appointment.",
  "too-early": "The appointment has not begun yet.",
  "undo-past": "Only a step of today can be taken back.",
  section: "The view has no section of that name.",
  "timeline-kind": "The timeline has no such kind, or the count is no number above zero.",
  "allergy-recorded": "An active allergy is on the chart: end it before you state that none is known.",
  "none-known-stated": "It is stated that no allergies are known: say that this allergy ends that statement.",
  "already-listed": "It is on the list already.",
  "move-not-allowed": "In its state, that cannot be done with it: read it again.",
  "not-editable": "In its state, it cannot be changed: read it again.",
  "code-unknown": "That code is not in the list: write it in words.",
  "date-future": "That day has not come yet.",
  "date-before-birth": "The patient was not born yet.",
  "lot-required": "Say the lot of a vaccine that was given here.",
  "refusal-required": "Say why the vaccine was not given.",
  "not-given-detail": "That belongs to a vaccine of the other kind: given, or not given.",
  "vital-impossible": "Nobody has that value: look again.",
  "vital-unlikely": "That value is unlikely: look again, and say that it is right.",
  "vital-order": "The systolic pressure is above the diastolic one.",
  "vital-twice": "The same measure stands twice in one column.",
  "vital-exists": "That was measured at this time already: correct it instead.",
  "vital-measure": "A measurement is corrected with a value of its own kind.",
  "reason-needed": "Say why.",
  "reconcile-missing": "Something of the list was not decided on.",
  "reconcile-changed": "It has changed since it was looked at: read the list again.",
  "reconcile-unknown": "That is no active item of this list, or it is named twice.",
  "reconcile-other-list": "That belongs to another list than the one that is reconciled.",
  "reconcile-dosage": "A dose is a medication's.",
  "reconcile-none-known": "That no allergies are known is stated where none is kept and none is new.",
  "notice-passed": "It is too late to cancel this visit here: call the clinic.",
  "booking-closed": "That visit cannot be booked here: ask the clinic for a time.",
  "booking-time": "That time cannot be booked: look for free times again.",
  "booking-full": "You have as many visits booked as can be booked here.",
  "visit-state": "That visit cannot be changed any more: read it again.",
  "patient-zone": "This is for those who work at the clinic: your own portal has your record.",
  "form-sent": "You have sent this form already.",
  "form-edition": "The form has changed since: read it again.",
  "form-value": "That is no answer to this question.",
  "unknown-question": "The form has no such question.",
  "answer-required": "This question needs an answer.",
  "already-live": "This clinic is open already.",
  checklist: "Settle what the checklist still asks for first.",
  confirmation: "Type the name exactly as it is shown.",
  "consent-state": "That consent is not in force: there is nothing to take back.",
  "consent-party": "A form names members and systems of this clinic that are active.",
  "enrolment-code": "That code opens nothing: it was used, has run out, or was never given. Ask for a new one.",
  "enrolment-totp": "That is not the code that the authenticator shows now.",
  "own-access": "Nobody changes their own access: another administrator does.",
  "last-administrator": "Nobody else could administer the clinic then: make somebody else an administrator first.",
  "not-staff": "That account is not one that the clinic gives: the platform’s operator keeps it.",
  "already-ended": "The access has ended: restore it first.",
  "not-ended": "The access has not ended.",
  "factors-elsewhere": "The account opens another clinic too: no clinic by itself sets what it signs in with.",
  "scope-of-kind": "An app of that kind cannot ask for that scope.",
  "redirect-of-kind": "An app that people sign in with needs addresses of one kind; a system has none.",
  "key-known": "That key is registered already, or another has its name.",
  "key-last": "It is the last key: add the next one first, or suspend the app.",
  "key-count": "Four keys are as many as an app has: take one out first.",
  "key-none": "A public app has no key.",
  "key-unknown": "The app has no key of that name.",
  "not-a-member": "A privacy officer is an active member of this clinic.",
  "id-mismatch": "The id in the body is not the id in the address.",
  "type-mismatch": "The resource is not of the type in the address.",
  month: "A month is asked for as `month=2026-11`.",
  "cost-level": "Ask for a layer, or for a layer and a SKU.",
  "month-too-old": "That month is more than twelve months back: nothing of it is booked any more.",
  "month-closed": "That month is closed: what comes to light later is booked in the current one.",
  "tenant-unknown": "No clinic has that id.",
  "plan-unknown": "There is no price plan of that name.",
  "plan-too-early": "The plan was not in force yet in that month.",
  "complete-until": "A bill tells everything up to a day of its month, or to the first of the next one.",
  bill: "The bill cannot be read: see which line and column.",
  assumptions: "The scenario's assumptions do not read.",
  "export-format": "That dataset is not written in that format.",
  "export-empty": "Nothing was metered in that month yet.",
  "export-size": "The file is larger than an answer may be: ask for one clinic, or for CSV.",
  "profile-unknown": "The tenancy decision weighs no such profile: see `keyward cost advise --help`.",
  "name-formula": "A name does not begin with =, +, - or @, and has no control characters.",
  "role-tenant": "That role is for the platform's own people, and they have no other.",
  "tenant-required": "You belong to several clinics: say which one with `tenant`.",
};

const sentenceOf = (rule: string | undefined): string | undefined =>
  rule === undefined ? undefined : (SENTENCES[rule] ?? describeRule(rule));

function render(failure: Failure): Rendering {
  switch (failure.kind) {
    case "structure":
      return { status: 400, code: "structure", sentence: sentenceOf(failure.rule) ?? "The request cannot be read." };
    case "invalid":
      return { status: 422, code: "invalid", sentence: sentenceOf(failure.rule) ?? "The content breaks a rule." };
    case "business-rule":
      return { status: 422, code: "business-rule", sentence: sentenceOf(failure.rule) ?? "A rule forbids this." };
    case "unauthenticated":
      return { status: 401, code: "login", sentence: "Sign in first.", headers: { "www-authenticate": "Bearer" } };
    case "forbidden":
      return {
        status: 403,
        code: "forbidden",
        sentence: sentenceOf(failure.rule) ?? "Your role does not permit this.",
      };
    case "not-found":
      return { status: 404, code: "not-found", sentence: "There is nothing here by that name." };
    case "deleted":
      return { status: 410, code: "deleted", sentence: "The resource was deleted." };
    case "version-conflict":
      return { status: 412, code: "conflict", sentence: "The resource has changed since: read it again." };
    case "duplicate":
      return { status: 412, code: "duplicate", sentence: sentenceOf(failure.rule) ?? "It exists already." };
    case "conflict":
      return {
        status: 409,
        code: "conflict",
        sentence: sentenceOf(failure.rule) ?? "It has changed meanwhile: begin again.",
      };
    case "locked":
      return { status: 423, code: "business-rule", sentence: sentenceOf(failure.rule) ?? "It is locked." };
    case "precondition-required":
      return { status: 428, code: "required", sentence: sentenceOf(failure.rule) ?? "A precondition is missing." };
    case "idempotency-mismatch":
      return { status: 422, code: "duplicate", sentence: "This Idempotency-Key was used for another request." };
    case "too-long":
      return { status: 413, code: "too-long", sentence: "The request is larger than this route takes." };
    case "unsupported-media-type":
      return { status: 415, code: "not-supported", sentence: "The content type is not one that this route takes." };
    case "not-acceptable":
      return { status: 406, code: "not-supported", sentence: "JSON is the only format here." };
    case "method-not-allowed":
      return { status: 405, code: "not-supported", sentence: "The method is not allowed here." };
    case "throttled":
      return {
        status: 429,
        code: "throttled",
        sentence: "Too many requests: try again later.",
        headers: retryAfter(failure.retryAfterMs),
      };
    case "unavailable":
      return {
        status: 503,
        code: "transient",
        sentence:
          "A part that this needs is not available. Send the same again, a write with the same Idempotency-Key.",
        headers: retryAfter(failure.retryAfterMs ?? 1000),
      };
    case "exception":
      return { status: 500, code: "exception", sentence: "Something went wrong on our side." };
  }
}

/**
 * The answer to a failure: an OperationOutcome in the FHIR zone, RFC 9457 problem details elsewhere.
 * Paths and rule keys only, never a value of the request; the request id is in a header.
 */
export function problem(failure: Failure, zone: Zone, isFhir: boolean): Answer {
  const { status, code, sentence, headers = {} } = render(failure);
  const issues = (failure.kind === "structure" || failure.kind === "invalid" ? failure.issues : undefined) ?? [];
  if (zone === "fhir" || isFhir) {
    const listed = issues.map((issue) => ({
      severity: issue.severity,
      code: issue.code,
      details: { coding: [{ system: "urn:keyward:rule", code: issue.rule }] },
      diagnostics: sentenceOf(issue.rule) ?? sentence,
      ...(issue.path === "" ? {} : { expression: [issue.path] }),
    }));
    const rule = "rule" in failure ? failure.rule : undefined;
    const single = {
      severity: "error",
      code,
      ...(rule === undefined ? {} : { details: { coding: [{ system: "urn:keyward:rule", code: rule }] } }),
      diagnostics: sentence,
      ...(failure.kind === "business-rule" && failure.path !== undefined ? { expression: [failure.path] } : {}),
    };
    const body = { resourceType: "OperationOutcome", issue: listed.length > 0 ? listed.slice(0, 50) : [single] };
    return {
      status,
      headers: { ...headers, "content-type": "application/fhir+json; charset=utf-8" },
      body: JSON.stringify(body),
    };
  }
  const body = {
    title: sentence,
    status,
    code,
    ...("rule" in failure && failure.rule !== undefined ? { rule: failure.rule } : {}),
    ...(failure.kind === "invalid" && failure.bill !== undefined ? { bill: failure.bill } : {}),
    ...(issues.length === 0 ? {} : { fields: issues.slice(0, 50).map(({ path, rule }) => ({ path, rule })) }),
  };
  return {
    status,
    headers: { ...headers, "content-type": "application/problem+json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
