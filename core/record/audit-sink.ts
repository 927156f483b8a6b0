import type { InteractionName } from "../audit/interaction.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { TableWrite } from "../table/index.ts";

export type RecordInteraction = InteractionName;

/** One access to records, as core/record knows it. Identifiers and counts, never content. */
export interface RecordEvent {
  readonly interaction: RecordInteraction;
  readonly outcome: "success" | "denied" | "failure";
  /** The compartment that was touched. */
  readonly patientId?: string;
  readonly entities: readonly { readonly type: string; readonly id?: string; readonly version?: number }[];
  /** How many records an answer held, where it is not one for each entity. */
  readonly count?: number;
  readonly classes: readonly RecordClass[];
  /** A repeat of a request that had its effect before. */
  readonly replay?: boolean;
  /** Which parts of a view were shown, by name. */
  readonly sections?: readonly string[];
  /** Who receives what is disclosed. */
  readonly recipientId?: string;
  /** The code of why it was done; free text goes into `detail`. */
  readonly reason?: string;
  /** The second person of an act that needs two. */
  readonly approverId?: string;
  readonly stage?: "start" | "approve" | "finish";
  /** What else an investigation should find. Sealed to the clinic's audit key; never a secret. */
  readonly detail?: Readonly<Record<string, string | readonly string[]>>;
}

/** An event whose row is still to be written, in the transaction of what it tells about. */
export interface EventDraft {
  /** Goes into the rows as `_aud`. */
  readonly eventId: string;
  readonly write: TableWrite;
  /** Called once: `refused` means certainly not written, `unknown` that nobody can say. */
  readonly settle: (settlement: "stored" | "refused" | "unknown") => void;
}

/** Where events go. Built for one request, so that it knows who asks and from where. */
export interface AuditSink {
  draft(grant: Grant, event: RecordEvent): Promise<Result<EventDraft, { readonly kind: "unavailable" }>>;
  /**
   * Writes an event on its own and waits for it: an answer may leave only after `ok`. With guards it is written in one
   * transaction with them; `conflict` where one does not hold, and then no event is written.
   */
  record(
    grant: Grant,
    event: RecordEvent,
    guards?: readonly TableWrite[],
  ): Promise<Result<void, { readonly kind: "unavailable" | "conflict" }>>;
}
