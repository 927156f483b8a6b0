import type { DataKey, Keyring, KeyScope, Kid } from "../crypto/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import { RECORD_CLASSES } from "../kernel/data-class.ts";
import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Grant } from "../policy/grant.ts";
import type { Table } from "../table/index.ts";
import type { AuditSink } from "./audit-sink.ts";
import type { OnAlarm } from "./failure.ts";
import type { DocumentWrite } from "./document-guard.ts";
import type { NoteWrite } from "./note-guard.ts";
import type { PatientPrivacy, Privacy, PrivacyByPatient } from "./privacy.ts";
import type { Released } from "./release.ts";
import type { Reporting } from "./reported.ts";

export interface RecordsDeps {
  /** With the credentials of the grant's scope. */
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly audit: AuditSink;
  /** Whose records may be seen, and under which consents. */
  readonly privacy: Privacy;
  readonly clock: Clock;
  /** A new id of ours, 26 characters, sorting by time. */
  readonly newId: (nowMs: number) => string;
  readonly onAlarm: OnAlarm;
  /** Staged transactions known to be committed; shared between requests of one process, because a commit is final. */
  readonly committed?: CommittedTransactions;
}

/** A bounded set: what falls out is asked for again. */
export interface CommittedTransactions {
  has(transactionId: string): boolean;
  add(transactionId: string): void;
}

export function createCommittedTransactions(maxEntries = 10_000): CommittedTransactions {
  const known = new Set<string>();
  return {
    has: (id) => known.has(id),
    add(id) {
      if (known.size >= maxEntries) known.clear();
      known.add(id);
    },
  };
}

/** What every step of an operation works with: the grant, and the dependencies that belong to its scope. */
export interface Desk extends RecordsDeps {
  readonly grant: Grant;
  readonly committed: CommittedTransactions;
  /** What the request does to notes; absent for every request that is not about one. */
  readonly noteWrites?: readonly NoteWrite[];
  /** What the request does to documents; absent for every request that is not about one. */
  readonly documentWrites?: readonly DocumentWrite[];
  /** What opens the content that this request files. */
  readonly contentSecret?: string;
  /** What is written together with a record, as far as it says which values stand in a report. */
  readonly reporting?: Reporting;
  /** True while rows are written that do not count yet. */
  readonly isStaging?: boolean;
  /** True where core/message writes: messages, tasks and reviews. */
  readonly isInboxWrite?: boolean;
  /** The record classes that the grant holds. */
  readonly classes: readonly RecordClass[];
  /** Keys that this request has opened rows with. */
  readonly openedKeys: Map<Kid, DataKey>;
  readonly privacyByPatient: PrivacyByPatient;
  /** Of patients on a list: enough for what a list shows of them. */
  readonly privacyOfListed: PrivacyByPatient;
  /** The patients of whom this request has seen a record of class S: its event commits only while their consent stands. */
  readonly released: Map<string, PatientPrivacy>;
  /** Of a patient's own request: what of her record shows to her. Absent for everybody else. */
  readonly ownRelease?: Released;
}

export function openDesk(deps: RecordsDeps, grant: Grant): Desk {
  const { keyScope } = deps;
  invariant(
    keyScope.tenantId === grant.tenantId && keyScope.purpose === grant.purpose,
    "records are reached with credentials of the grant's own tenant and purpose",
  );
  const classes = RECORD_CLASSES.filter((letter) => grant.classes.includes(letter));
  const committed = deps.committed ?? createCommittedTransactions();
  return {
    ...deps,
    grant,
    classes,
    committed,
    openedKeys: new Map(),
    privacyByPatient: new Map(),
    privacyOfListed: new Map(),
    released: new Map(),
  };
}
