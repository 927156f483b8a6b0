import type { DocumentAct } from "../contract/document.ts";
import type { Signer } from "../encounter/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Grant } from "../policy/grant.ts";
import type { PrivacyDeps } from "../privacy/index.ts";
import type { AuditSink, OneEffect, Records } from "../record/index.ts";
import type { ContentScanner } from "./scan/scanner.ts";
import type { ContentStore } from "./store.ts";

/** What an operation on documents works with: the records, rows and files of one grant, and who is signed in. */
export interface DocumentDesk {
  readonly records: Records;
  readonly grant: Grant;
  readonly me: Signer;
  readonly clock: Clock;
  /** The request as one effect; absent where it reads. */
  readonly effect?: OneEffect;
  /** Rows of uploads, and the keys of content: under the record grant, in each of its classes. */
  readonly rows: PrivacyDeps;
  readonly audit: AuditSink;
  readonly files: ContentStore;
  readonly scanner: ContentScanner;
  /** What policy says of each act to a document. */
  readonly isPermitted: (act: DocumentAct) => boolean;
  /** Says in the event of what is written why it was. */
  readonly say: (reason: string) => void;
  readonly newId: (nowMs: number) => string;
  readonly random: (size: number) => Buffer;
}
