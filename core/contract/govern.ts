import * as z from "zod";
import type {
  ApprovalView,
  BreakGlassView,
  ConsentEffect,
  DelegationView,
  HoldView,
  PrivacySettings,
} from "./clinic.ts";
import type { StartExport } from "./export.ts";
import type { PurposeCode } from "./purpose.ts";

/** What a privacy officer, an administrator and an auditor are answered. Times are instants in UTC unless it says `Ms`. */

/** Whom an id of an answer is: a member or a system of this clinic. Patients are never in it. */
export interface PersonName {
  readonly name: string;
  readonly kind: "user" | "client";
}
/** By id. Empty for whom policy does not let know the clinic's people; an id that is not in it has left or was never one. */
export type People = Readonly<Record<string, PersonName>>;

export interface PersonView {
  readonly id: string;
  readonly kind: "user" | "client";
  readonly name: string;
  readonly roles: readonly string[];
  readonly practitionerId?: string;
  readonly status: "active" | "disabled";
  readonly isPrivacyOfficer: boolean;
}

export interface EmergencyView extends BreakGlassView {
  /** In the queue alone: it has waited longer than the clinic gives itself. */
  readonly isOverdue?: boolean;
}

/** One row of the trail: ids and words of ours, no PHI. */
export interface TrailEventView {
  readonly id: string;
  readonly at: string;
  readonly action: "C" | "R" | "U" | "D" | "E";
  readonly interaction: string;
  readonly outcome: "success" | "denied" | "failure";
  readonly service: string;
  readonly user: string;
  readonly kind: "user" | "client";
  readonly role?: string;
  readonly purpose?: string;
  readonly patient?: string;
  readonly patients?: number;
  readonly types: readonly string[];
  readonly count?: number;
  readonly request: string;
  readonly emergency?: string;
  readonly recipient?: string;
  readonly receipt: string;
}

export interface TrailPageView {
  readonly events: readonly TrailEventView[];
  readonly people: People;
  readonly next?: string;
}

/** An event as it was archived, without what is sealed. */
export interface TrailEventDetail {
  readonly event: Readonly<Record<string, unknown>> & {
    readonly id: string;
    readonly at: number;
    readonly action: string;
    readonly interaction: string;
    readonly outcome: string;
    readonly service: string;
    readonly actor: {
      readonly user: string;
      readonly kind: string;
      readonly roles: readonly string[];
      readonly session: string;
    };
    readonly purpose?: string;
    readonly patient?: string;
    readonly entities: readonly { readonly type: string; readonly id?: string; readonly version?: number }[];
    readonly classes: readonly string[];
    readonly sections?: readonly string[];
    readonly count?: number;
    readonly request: string;
    readonly decision: { readonly id: string; readonly version: string; readonly rules: readonly string[] };
    readonly consent: { readonly state: string; readonly ids: readonly string[] };
    readonly emergency?: string;
    readonly recipient?: string;
    readonly delegation?: { readonly id: string; readonly user: string };
    readonly reason?: { readonly code: string };
    readonly approver?: string;
    readonly stage?: string;
    readonly replay?: boolean;
  };
  readonly receipt: string;
  /** The object of the archive that holds the line. */
  readonly archived: string;
  readonly detail?: Readonly<Record<string, unknown>> & {
    readonly sourceIp: string;
    readonly userAgent: string;
    readonly method: string;
    readonly path: string;
    readonly query: string;
  };
  readonly people: People;
}

/** Whether the trail holds together, as far as one answer can look: the offline verifier looks at every line. */
export interface ChainState {
  readonly size: number;
  readonly sealedAt: string;
  readonly checkedAt: string;
  readonly checks: readonly {
    /** `signature`: the log's key signed the newest checkpoint. `witness`: so did the witness, from another account. */
    readonly check: "signature" | "witness" | "continues" | "day-closed";
    readonly state: "holds" | "fails" | "not-yet";
  }[];
  readonly witness?: { readonly size: number; readonly signedAt: string };
  /** The last day that was closed. */
  readonly day?: { readonly date: string; readonly size: number };
  /** Events that are sealed and not yet countersigned. */
  readonly unwitnessed: number;
}

export interface AlertView {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly severity: "incident" | "alert" | "notice";
  readonly handler?: string;
  readonly record?: string;
  readonly request?: string;
  readonly user?: string;
  readonly patient?: string;
  readonly count?: number;
  readonly evidence: readonly string[];
  readonly acknowledged?: { readonly user: string; readonly at: string };
}

/** A disclosure, or a series of them to one recipient for one purpose. */
interface DisclosureLineView {
  readonly recipient: { readonly id: string; readonly name: string; readonly address?: string };
  readonly purpose: string;
  /** Types of what was disclosed, and how often: a brief description and no content. */
  readonly description: string;
  readonly firstMs: number;
  /** 45 CFR 164.528(b)(3): of a series the first, how many, and the last. */
  readonly count: number;
  readonly lastMs: number;
  readonly eventIds: readonly string[];
  /** In the privacy officer's report only: until when the patient is not told. */
  readonly suspendedUntilMs?: number;
}

/** The accounting of disclosures of one patient: 45 CFR 164.528. */
export interface DisclosureReportView {
  readonly patient: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lines: readonly DisclosureLineView[];
  /** Disclosures to a recipient that the registry does not know: the officer must name them. Never in the patient's view. */
  readonly unnamed: readonly string[];
  /** False where a part of the trail could not be read. */
  readonly complete: boolean;
}

export interface ExportFileView {
  readonly name: string;
  readonly type: string;
  readonly class: string;
  readonly count: number;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export type ExportState =
  | "requested"
  | "approved"
  | "running"
  | "finished"
  | "cancelled"
  | "expired"
  | "destroyed-consent"
  | "destroyed-standing"
  | "failed";

export interface ExportView {
  readonly id: string;
  readonly state: ExportState;
  readonly purpose: PurposeCode;
  readonly patients?: readonly string[];
  readonly types?: readonly string[];
  readonly recipient?: string;
  readonly classes: readonly string[];
  readonly reason: StartExport["reason"];
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly approvedBy?: string;
  readonly finishedAt?: string;
  readonly endedAt?: string;
  readonly expiresAt: string;
  readonly progress: {
    readonly chunks: number;
    readonly patients: number;
    /** Kept out by consent, hold or absence. */
    readonly leftOut: number;
    readonly records: number;
    readonly files: number;
    readonly sizeBytes: number;
  };
  readonly format?: string;
  readonly notice?: string;
  readonly files?: readonly ExportFileView[];
}

export interface ExportListAnswer {
  readonly exports: readonly (ExportView & { readonly isOwn: boolean; readonly mayApprove: boolean })[];
  readonly people: People;
}

/** Something that waits for a second person. What a subject is about is named by its id alone. */
export interface WaitingApproval extends ApprovalView {
  readonly kind: "hold-release" | "export";
  readonly patient?: string;
  readonly export?: string;
  readonly reason?: { readonly code: string; readonly text: string };
  /** False for who asked. */
  readonly mayApprove: boolean;
}

export const READINESS_ITEMS = [
  "privacy-officers",
  "relationship",
  "time-zone",
  "two-administrators",
  "step-up",
] as const;
export type ReadinessItem = (typeof READINESS_ITEMS)[number];

/** What a clinic settles before it takes in patients, and what is refused until then. */
export interface ReadinessAnswer {
  /** `live` for a clinic that was opened, or made without the checklist. */
  readonly state: "gated" | "live";
  readonly liveSince?: string;
  readonly items: readonly { readonly item: ReadinessItem; readonly isDone: boolean; readonly count?: number }[];
  /** Named by what policy refuses while the clinic is gated. */
  readonly refused: readonly ("patients" | "exports" | "delegations")[];
}

/** Opens the clinic. The confirmation is the clinic's own name as the page shows it. */
export const OpenClinic = z.strictObject({ confirm: z.string().trim().min(1).max(120) });
export type OpenClinic = z.infer<typeof OpenClinic>;

/** A record number stands in a body: with a name to it, it would say who somebody is. */
export const FindCharts = z.strictObject({ recordNumber: z.string().trim().min(1).max(64) });
export type FindCharts = z.infer<typeof FindCharts>;

interface PrivacyView extends PrivacySettings {
  readonly notWatched: readonly "off-hours"[];
  readonly people: People;
}

export interface GovernAnswers {
  readonly readPrivacy: PrivacyView;
  readonly changePrivacy: PrivacyView;
  readonly readReadiness: ReadinessAnswer;
  readonly openClinic: ReadinessAnswer;
  readonly listPeople: { readonly people: readonly PersonView[] };
  readonly beginBreakGlass: BreakGlassView;
  readonly ownBreakGlass: { readonly episodes: readonly BreakGlassView[] };
  readonly listBreakGlass: { readonly episodes: readonly EmergencyView[]; readonly people: People };
  readonly endBreakGlass: BreakGlassView;
  readonly reviewBreakGlass: BreakGlassView;
  readonly placeHold: HoldView | { readonly id: string; readonly state: "released" };
  readonly listHolds: { readonly holds: readonly HoldView[]; readonly people: People };
  /** 202 asks for a second person, 200 has released. */
  readonly releaseHold: ApprovalView | { readonly patient: string; readonly state: "released" };
  readonly grantDelegation: DelegationView;
  readonly listDelegations: { readonly delegations: readonly DelegationView[]; readonly people: People };
  readonly revokeDelegation: DelegationView;
  readonly previewConsent: {
    readonly patient: string;
    readonly effects: readonly ConsentEffect[];
    readonly isChanged: boolean;
  };
  /** Ids of charts, which is how the trail knows them, and nothing of the patients. */
  readonly findCharts: { readonly charts: readonly string[] };
  readonly searchAudit: TrailPageView;
  readonly readAuditEvent: TrailEventDetail;
  readonly readDisclosures: DisclosureReportView;
  readonly readCheckpoint: {
    readonly checkpoint: string;
    readonly witnessed?: string;
    readonly day?: { readonly date: string; readonly checkpoint: string };
    readonly logKey?: string;
    readonly witnessKey?: string;
  };
  readonly readChain: ChainState;
  readonly listAlerts: {
    readonly alerts: readonly AlertView[];
    readonly notWatched: readonly "off-hours"[];
    readonly people: People;
    readonly next?: string;
  };
  readonly acknowledgeAlert: { readonly id: string; readonly acknowledged: true };
  readonly listApprovals: { readonly approvals: readonly WaitingApproval[]; readonly people: People };
  readonly startExport: ExportView;
  readonly listExports: ExportListAnswer;
  readonly readExport: ExportView;
  readonly approveExport: ExportView;
  readonly cancelExport: ExportView;
}
