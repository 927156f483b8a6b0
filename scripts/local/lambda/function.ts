import type { LogFormat } from "./platform-lines.ts";

/**
 * A change of the source that a test makes before a function is bundled, to see whether a fault in it is found. Nothing
 * but `startStack` takes one: what is deployed is bundled by SST, which knows of no patches.
 */
export interface SourcePatch {
  /** From the project's root: `core/record/reader.ts`. */
  readonly file: string;
  /** Text that stands in the file once. */
  readonly from: string;
  readonly to: string;
}

/** A function as the plan declares it. */
export interface FunctionConfiguration {
  /** 1 to 64 letters, digits, `-` and `_`. */
  readonly functionName: string;
  /** The account that it stands in; the cloud's own when left out. */
  readonly accountId?: string;
  /** `functions/fhir.handler`: a module path from the project's root without its ending, then the export. */
  readonly handler: string;
  /** The execution role, which every call of the function is signed with. */
  readonly roleArn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  /** How Lambda writes its own lines into the function's log; text when left out. */
  readonly logFormat?: LogFormat;
  /** At most so many invocations at a time; 0 stops the function. Undefined: the account's share, without a limit here. */
  readonly reservedConcurrency?: number;
  /** Package names that stay outside of the bundle (SST: `nodejs.install`). */
  readonly externals?: readonly string[];
  /** Files beside the bundle (SST: `copyFiles`), from the project's root. */
  readonly copyFiles?: readonly { readonly from: string; readonly to?: string }[];
  readonly patches?: readonly SourcePatch[];
}

/** What STS gives for a service principal that assumes a role. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * Opens a session of `roleArn` for the service `principal` (`lambda.amazonaws.com`), as that role's trust policy allows.
 * Throws ServiceError AccessDenied when it does not.
 */
export type IssueServiceSession = (
  roleArn: string,
  principal: string,
  sessionName: string,
) => RoleSession | Promise<RoleSession>;
