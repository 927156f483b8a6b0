import { STAGES, type Stage } from "../core/iam/index.ts";
import { invariant } from "../core/kernel/invariant.ts";

/** What one stage has otherwise than another. Anything not named here is the same in every stage. */
export interface StageSettings {
  readonly name: Stage;
  /** Such a stage is protected from removal, keeps its data when the app is removed, and never runs `sst dev`. */
  readonly holdsPhi: boolean;
  readonly region: string;
  /** COMPLIANCE mode in every stage: nobody shortens it, so a trial stage locks for a day only. */
  readonly archiveLock: { readonly days: number } | { readonly years: number };
  /**
   * When a version of an archived object moves to S3 Glacier Instant Retrieval, in days: after the window in which events
   * are looked up every day. It stays as locked and as readable in milliseconds as before.
   */
  readonly archiveTierAfterDays: number;
  /** CloudTrail records each call on an item of the charts, with its key and never its content. */
  readonly itemTrail: boolean;
  /** DynamoDB takes 1 to 35. */
  readonly pointInTimeRecoveryDays: number;
  readonly deletionProtection: boolean;
  readonly logRetentionDays: number;
  /** Of the whole HTTP API, in requests: API Gateway's token bucket. */
  readonly throttle: { readonly ratePerSecond: number; readonly burst: number };
  /**
   * Of one address, in requests of five minutes: AWS WAF in front of everything. A clinic's whole staff shares one address.
   * It costs about $8 a month, used or not, so that a trial stage has none.
   */
  readonly firewall: { readonly requestsPerAddress: number } | undefined;
}

const settings: { readonly [Name in Stage]: StageSettings & { readonly name: Name } } = {
  dev: {
    name: "dev",
    holdsPhi: false,
    region: "us-east-1",
    archiveLock: { days: 1 },
    archiveTierAfterDays: 90,
    itemTrail: true,
    pointInTimeRecoveryDays: 7,
    deletionProtection: false,
    logRetentionDays: 30,
    throttle: { ratePerSecond: 50, burst: 100 },
    firewall: undefined,
  },
  staging: {
    name: "staging",
    holdsPhi: true,
    region: "us-east-1",
    archiveLock: { years: 7 },
    archiveTierAfterDays: 365,
    itemTrail: true,
    pointInTimeRecoveryDays: 35,
    deletionProtection: true,
    logRetentionDays: 400,
    throttle: { ratePerSecond: 200, burst: 400 },
    firewall: { requestsPerAddress: 10_000 },
  },
  production: {
    name: "production",
    holdsPhi: true,
    region: "us-east-1",
    archiveLock: { years: 7 },
    archiveTierAfterDays: 365,
    itemTrail: true,
    pointInTimeRecoveryDays: 35,
    deletionProtection: true,
    logRetentionDays: 400,
    throttle: { ratePerSecond: 1000, burst: 2000 },
    firewall: { requestsPerAddress: 10_000 },
  },
};

/** Throws for a stage that is not one of `STAGES`: a stage by a mistyped name would be an unprotected one. */
export function settingsOf(stage: string | undefined): StageSettings {
  const name = STAGES.find((known) => known === stage);
  invariant(name !== undefined, `a stage is one of ${STAGES.join(", ")}`);
  return settings[name];
}

/**
 * The https origin that the portal and tokens name: `https://<stage>.<domain>`, production without the stage.
 * `KEYWARD_DOMAIN` says the domain; without it a name that RFC 2606 reserves.
 */
export function publicUrl(stage: string, domain: string | undefined): string {
  const zone = domain ?? "keyward.example";
  invariant(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(zone), "KEYWARD_DOMAIN is a lower-case domain name");
  // The documents' origin is told from the portal's by how its name begins.
  invariant(!zone.startsWith("documents."), "the portal's name does not begin as that of the documents' origin does");
  return stage === "production" ? `https://${zone}` : `https://${stage}.${zone}`;
}

/**
 * Where patients' files are shown from, in a frame of the portal: a name of its own, so that a hostile file reaches no
 * session. Cookies of ours are bound to the portal's host alone (`__Host-`).
 */
export const documentsOrigin = (portalUrl: string): string => portalUrl.replace("https://", "https://documents.");

/** What every resource of the stage is tagged with, in both accounts. */
export const stageTags = ({ name, holdsPhi }: StageSettings): Readonly<Record<string, string>> => ({
  "keyward:stage": name,
  "keyward:phi": String(holdsPhi),
});

/**
 * The account of the witness: another than the cell's wherever PHI is, because a witness that the log's own
 * administrators command proves nothing. A trial stage may do without a second account.
 */
export function witnessAccountId(settings: StageSettings, accountId: string, told: string | undefined): string {
  if (told === undefined && !settings.holdsPhi) return accountId;
  invariant(told !== undefined && /^\d{12}$/.test(told), "KEYWARD_WITNESS_ACCOUNT_ID is an AWS account");
  invariant(told !== accountId || !settings.holdsPhi, "the witness stands in another account than the cell");
  return told;
}
