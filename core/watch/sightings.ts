import type { Touch } from "./touch.ts";
import type { WatchedEvent } from "./coverage.ts";

/** An event as the outbox has it, with the hash that the writer's next event names. */
export interface SeenEvent extends WatchedEvent {
  readonly hash: string;
}

/** The line that ends a request. */
export interface RequestLine {
  readonly requestId: string;
  readonly route: string;
  readonly status: number;
  /** When it ended. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
}

/** What an invocation opened, by its own account. */
export interface KeyUseLine {
  readonly requestId: string;
  /** Of the function whose log it stands in. */
  readonly service: string;
  readonly route?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  readonly atMs: number;
  readonly count: number;
  /** `nameTouch` names of single records. */
  readonly records: readonly string[];
  /** Groups with counts. */
  readonly more: readonly string[];
  readonly uncounted: number;
}

/** A call on the data table as CloudTrail recorded it. */
export interface DataCall {
  readonly eventId: string;
  readonly operation: string;
  readonly isWrite: boolean;
  /** Whole seconds, as CloudTrail has them. */
  readonly atMs: number;
  /** From the user agent; the caller's to choose. */
  readonly request?: string | undefined;
  /** The role behind the session; a user's name, or `root`. */
  readonly principal: string;
  /** `u-<user>`: set when the session was made, and not the caller's to change. */
  readonly sourceIdentity?: string | undefined;
  readonly touches: readonly Touch[];
  readonly isDenied: boolean;
}

/** A use of a tenant's data key as CloudTrail recorded it. */
export interface KeyCall extends Omit<DataCall, "touches" | "isWrite"> {
  readonly tenantId: string;
  readonly dataClass: string;
}

/** An object of the archive, by its name. */
export interface SeenObject {
  readonly key: string;
  readonly tenantId: string;
  readonly eventIds: readonly string[];
  readonly isSealed: boolean;
}

/** What the cross-check found in the data table's stream: a change without its event, or one that was undone. */
export interface ChangeAlarm {
  readonly kind: "unaudited-write" | "rolled-back";
  readonly tenantId?: string | undefined;
  readonly record: string;
  readonly atMs: number;
  /** The stream record, so that a batch that is read again tells the same thing. */
  readonly name: string;
}
