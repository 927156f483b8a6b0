import type {
  AllergyItem,
  ImmunizationItem,
  MedicationItem,
  NoneKnown,
  ProblemItem,
  Shown,
  VitalColumn,
} from "../chart.ts";
import type { ClinicProfile } from "../clinic-profile.ts";
import type { ChartPart, ConsentView } from "../consent.ts";
import type { DocumentView, PreviewTicketView } from "../document.ts";
import type { MessageCategory } from "../../kernel/message-category.ts";
import type { PurposeCode } from "../purpose.ts";
import type { ClockTime, Stage } from "../schedule.ts";
import type { FormAnswer, OwnTopic } from "./requests.ts";
import type { NoticeRule, PortalForm, PortalSettingsView, PortalWords } from "./settings.ts";

/** What a patient reads in her own portal. Everything is the server's: names, times of the clinic's clock, what may be done. */

/** `too-late`: by the clinic's notice rule; until when it could be is said. `no`: it is over, or somebody has arrived. */
export type MayCancel =
  | { readonly state: "yes"; readonly until?: { readonly day: string; readonly at: ClockTime } }
  | { readonly state: "too-late"; readonly until: { readonly day: string; readonly at: ClockTime } }
  | { readonly state: "no" };

export interface OwnVisit {
  readonly id: string;
  readonly version: number;
  readonly day: string;
  readonly start: ClockTime;
  readonly end: ClockTime;
  readonly minutes: number;
  readonly stage: Stage;
  readonly visitType?: string;
  readonly provider?: string;
  readonly place?: string;
  readonly reason?: string;
  readonly isConfirmed: boolean;
  readonly mayConfirm: boolean;
  readonly mayCancel: MayCancel;
}

export interface Bookable {
  readonly visitTypes: readonly { readonly id: string; readonly name: string; readonly minutes: number }[];
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** The last day that can be booked. */
  readonly until: string;
}

export interface OwnVisits {
  readonly today: string;
  readonly timeZone: string;
  readonly upcoming: readonly OwnVisit[];
  /** Newest first. */
  readonly past: readonly OwnVisit[];
  readonly notice: NoticeRule;
  /** Absent where visits are asked for in words alone, or as many are booked as may be. */
  readonly booking?: Bookable;
  readonly isFull: boolean;
}

export interface OwnFreeTimes {
  readonly times: readonly {
    readonly day: string;
    readonly start: ClockTime;
    readonly provider?: { readonly id: string; readonly name: string };
  }[];
  readonly until: string;
}

/** A released result or note. */
export interface OwnResult {
  readonly id: string;
  readonly name: string;
  readonly value?: string;
  readonly unit?: string;
  readonly date?: string;
  /** As the laboratory said it: `normal`, `low`, `high`, `abnormal`. Absent where it said nothing. */
  readonly flag?: "normal" | "low" | "high" | "abnormal";
  readonly range?: string;
  readonly note?: string;
}

export interface OwnNote {
  readonly id: string;
  /** The appointment whose visit it was written at. */
  readonly visit?: string;
  readonly title: string;
  readonly date?: string;
  readonly author?: string;
  readonly text?: string;
}

/** Of special categories: what is shown of it to herself. */
export interface OwnProtected {
  readonly id: string;
  readonly category: "substance-use" | "other";
  readonly summary?: string;
  readonly date?: string;
  readonly text?: string;
}

export interface OwnRecord {
  readonly at: string;
  readonly name: Shown<string>;
  readonly birthDate: Shown<string>;
  readonly problems: Shown<readonly ProblemItem[]>;
  readonly allergies: { readonly items: Shown<readonly AllergyItem[]>; readonly noneKnown: readonly NoneKnown[] };
  readonly medications: Shown<readonly MedicationItem[]>;
  readonly immunizations: Shown<readonly ImmunizationItem[]>;
  readonly vitals: Shown<readonly VitalColumn[]>;
  readonly results: Shown<readonly OwnResult[]>;
  readonly notes: Shown<readonly OwnNote[]>;
  /** Absent where there is nothing of the kind that she may see. */
  readonly protectedItems: Shown<readonly OwnProtected[]>;
}

export interface OwnMessage {
  readonly id: string;
  readonly from: "you" | "clinic";
  readonly name?: string;
  readonly at: string;
  readonly text: string;
}
export interface OwnThread {
  readonly id: string;
  readonly topic: string;
  readonly category: MessageCategory;
  readonly lastAt: string;
  readonly lastFrom: "you" | "clinic";
  readonly count: number;
  readonly isNew: boolean;
}
export interface OwnThreads {
  readonly threads: readonly OwnThread[];
}
export interface OwnThreadView extends OwnThread {
  readonly messages: readonly OwnMessage[];
}
export interface OwnThreadBegun {
  readonly thread: string;
}

export type OwnFormState = "to-fill" | "begun" | "sent";
export interface OwnFormLine {
  readonly id: string;
  readonly edition: number;
  readonly title: PortalWords;
  readonly state: OwnFormState;
  /** When the draft was kept, or when it was sent. */
  readonly at?: string;
}
export interface OwnForms {
  readonly forms: readonly OwnFormLine[];
}
export interface OwnForm extends OwnFormLine {
  readonly form: PortalForm;
  readonly answers: readonly FormAnswer[];
  /** Counts the savings of the draft; 0 for none. */
  readonly draft: number;
}
export interface FormDraftKept {
  readonly draft: number;
  readonly at: string;
}

export interface OwnConsents {
  readonly consents: readonly ConsentView[];
  /** What stands may not be changed now: a legal hold. A new word may be given. */
  readonly isHeld: boolean;
  /** Whom a word can name besides roles: members who opened the record or are named in a consent. */
  readonly people: readonly { readonly id: string; readonly name: string; readonly role: string }[];
}

/** What changes for a role of the clinic, or one person. `gains` and `loses` are never both empty. */
export interface OwnEffect {
  readonly who: { readonly role: string; readonly name?: string };
  readonly purpose: PurposeCode;
  readonly gains: readonly ChartPart[];
  readonly loses: readonly ChartPart[];
}
export interface OwnConsentPreview {
  readonly effects: readonly OwnEffect[];
  readonly isChanged: boolean;
}

/** One access to the record. Who, as what, when, why and to what; not from where. */
export interface OwnAccess {
  readonly id: string;
  readonly at: string;
  readonly who: { readonly kind: "you" | "staff" | "system"; readonly role?: string; readonly name?: string };
  readonly did: "looked" | "added" | "changed" | "removed" | "other";
  readonly interaction: string;
  readonly outcome: "success" | "denied" | "failure";
  readonly purpose?: string;
  readonly types: readonly string[];
  /** Opened in an emergency, past what her consents say. */
  readonly isEmergency: boolean;
}
export interface OwnAccesses {
  readonly events: readonly OwnAccess[];
  readonly next?: string;
}

export interface OwnContact {
  readonly name?: string;
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  readonly address?: string;
  readonly language?: string;
  readonly clinic: Pick<ClinicProfile, "name" | "phone" | "address">;
}

/** A file, made for this request and kept nowhere. */
export interface OwnDownload {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
  /** How many more there can be today. */
  readonly left: number;
}

/** A document that is released and was found clean. */
export interface OwnDocument extends Pick<
  DocumentView,
  "id" | "type" | "title" | "date" | "fileName" | "mediaType" | "sizeBytes" | "preview" | "isSavable"
> {
  readonly filedAt: string;
  /** In how many answers its content is read. */
  readonly slices: number;
}
export interface OwnDocuments {
  readonly documents: readonly OwnDocument[];
}

export interface OwnHome {
  readonly greeting: Shown<string>;
  readonly nextVisit?: OwnVisit;
  readonly forms: readonly OwnFormLine[];
  readonly newMessages: number;
  /** Results and notes that came within thirty days, newest first. */
  readonly results: readonly {
    readonly id: string;
    readonly kind: "result" | "note";
    readonly name: string;
    readonly date?: string;
  }[];
}

/** A form that a patient sent, as those read it who treat her. */
export interface SentForm {
  readonly id: string;
  readonly form: string;
  readonly title: string;
  readonly sentAt: string;
  readonly items: readonly { readonly question: string; readonly answers: readonly string[] }[];
}
export interface SentForms {
  readonly patient: string;
  readonly forms: Shown<readonly SentForm[]>;
}

export interface PatientPortalAnswers {
  readonly readOwnHome: OwnHome;
  readonly listOwnVisits: OwnVisits;
  readonly findOwnTimes: OwnFreeTimes;
  readonly bookOwnVisit: OwnVisit;
  readonly cancelOwnVisit: OwnVisit;
  readonly confirmOwnVisit: OwnVisit;
  readonly wishVisit: OwnThreadBegun;
  readonly readOwnRecord: OwnRecord;
  readonly downloadOwnRecord: OwnDownload;
  readonly listOwnDocuments: OwnDocuments;
  readonly openOwnPreview: PreviewTicketView;
  /** Bytes, and no JSON. */
  readonly readOwnContent: Uint8Array<ArrayBuffer>;
  readonly listOwnThreads: OwnThreads;
  readonly readOwnThread: OwnThreadView;
  readonly receiveOwnThread: OwnThreadView;
  readonly beginOwnThread: OwnThreadBegun;
  readonly answerOwnThread: OwnThreadBegun;
  readonly listOwnForms: OwnForms;
  readonly readOwnForm: OwnForm;
  readonly keepFormDraft: FormDraftKept;
  readonly sendForm: OwnFormLine;
  readonly listOwnConsents: OwnConsents;
  readonly previewOwnConsent: OwnConsentPreview;
  readonly giveOwnConsent: ConsentView;
  readonly revokeOwnConsent: ConsentView;
  readonly listOwnAccesses: OwnAccesses;
  readonly readOwnContact: OwnContact;
  readonly wishContact: OwnThreadBegun;
  readonly readPortalSettings: PortalSettingsView;
  readonly changePortalSettings: PortalSettingsView;
  readonly listSentForms: SentForms;
}

export type { OwnTopic };
