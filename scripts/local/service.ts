import type { DatabaseSync } from "node:sqlite";
import type { PolicyDocument } from "../../core/iam/document.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { BilledUse } from "./billing/count.ts";

/** One HTTP request as it came over the wire; nothing decoded, so that SigV4 can be checked over it. */
export interface WireRequest {
  readonly method: string;
  /** The path, percent-encoded as sent, without the query. */
  readonly path: string;
  /** The query, as sent, without `?`. */
  readonly query: string;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Already freed of aws-chunked framing and verified against the signed hash. */
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Who signed the request, as IAM sees them. */
export interface Caller {
  readonly arn: string;
  readonly accountId: string;
  readonly type: "Root" | "IAMUser" | "AssumedRole" | "AWSService";
  readonly accessKeyId: string;
  /** arn:aws:iam::ACCOUNT:role/NAME for a role session. */
  readonly roleArn?: string;
  readonly sessionName?: string;
  readonly sourceIdentity?: string;
  readonly sessionTags: Readonly<Record<string, string>>;
}

export interface Call {
  readonly requestId: string;
  readonly caller: Caller;
  readonly nowMs: number;
  readonly sourceIp: string;
  readonly userAgent: string;
}

export type ContextValue = string | number | boolean | readonly string[];

/** One thing that IAM must allow before the operation runs; all checks must pass. */
export interface Check {
  /** `dynamodb:GetItem` */
  readonly action: string;
  readonly resource: string;
  /** Who owns the resource, where its ARN names no account (S3). */
  readonly resourceAccountId?: string;
  /** Service condition keys only (`dynamodb:LeadingKeys`); the front door adds the global ones. */
  readonly context: Readonly<Record<string, ContextValue>>;
  /** The policy on the resource itself (table, bucket, key), if it has one. */
  readonly resourcePolicy?: PolicyDocument;
  /** KMS: without a statement of the key policy that allows, nothing is allowed. */
  readonly resourcePolicyMandatory?: boolean;
}

/** A parsed request: what it asks permission for, what goes into the trail, and how to run it. Preparing changes nothing. */
export interface Prepared {
  readonly operation: string;
  readonly checks: readonly Check[];
  readonly readOnly: boolean;
  /** CloudTrail's split: true for KMS and STS calls and table administration, false for item and object calls. */
  readonly managementEvent: boolean;
  /** For the trail. Never item content, plaintext, key material or object bytes. */
  readonly requestParameters: Readonly<Record<string, unknown>>;
  /** For the trail, asked after a successful `run`: what a management call made, such as a session's access key id. No secrets. */
  responseElements?(): Readonly<Record<string, unknown>> | undefined;
  run(): WireResponse | Promise<WireResponse>;
  /** What AWS bills for it, asked after `run`, also where that threw. A service without it is classed by its operations. */
  billed?(): readonly BilledUse[];
}

/** An answer that AWS would give: thrown by services, rendered in the service's own protocol. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: string;
  readonly status: number;
  /** Further members of the error shape, such as CancellationReasons or Item. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

export interface Service {
  /** The service name in the SigV4 credential scope: `dynamodb`, `s3`, `kms`, `sts`, `sqs`, `cloudtrail`. */
  readonly signingName: string;
  /** Authorization is asked before existence is told: an unknown table or key still yields checks where AWS does so. */
  prepare(request: WireRequest, call: Call): Prepared | Promise<Prepared>;
  renderError(error: ServiceError, call: Pick<Call, "requestId">, request: WireRequest): WireResponse;
  close?(): void;
}

/** What every service is built from. */
export interface ServiceDeps {
  /** Opens the service's own database: a file in the data folder with mode 0600, or `:memory:` in tests. */
  openDatabase(name: string): DatabaseSync;
  /** A folder for large bytes (S3 blobs), or undefined in memory mode. */
  readonly blobFolder: string | undefined;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
  /** Wraps and unwraps secrets that go to disk (KMS key material), under a master key with mode 0600. */
  wrapSecret(plaintext: Buffer): Buffer;
  unwrapSecret(wrapped: Buffer): Buffer;
}
