import type { WitnessedSite } from "../core/iam/index.ts";
import { publicUrl, settingsOf, stageTags, witnessAccountId, type StageSettings } from "./settings.ts";
import { witnessAccount } from "./witness-account.ts";

/** What every file of the stack knows before it makes a resource. */
export interface Ground {
  readonly site: WitnessedSite;
  readonly settings: StageSettings;
  readonly publicUrl: string;
  /** Of an ACM certificate in us-east-1 for the public domain; without one CloudFront keeps the name that AWS gives it. */
  readonly certificateArn: string | undefined;
  /** Makes what stands in the witness's account. */
  readonly witnessProvider: aws.Provider;
}

/** Asks AWS for the account and the region, so that names and policies can be written out as text. */
export async function ground(): Promise<Ground> {
  const settings = settingsOf($app.stage);
  const { accountId } = await aws.getCallerIdentity();
  const { region } = await aws.getRegion();
  if (region !== settings.region) throw new Error(`stage ${$app.stage} belongs to region ${settings.region}`);
  const site: WitnessedSite = {
    stage: settings.name,
    cell: "c01",
    accountId,
    region,
    witnessAccountId: witnessAccountId(settings, accountId, process.env["KEYWARD_WITNESS_ACCOUNT_ID"]),
  };
  return {
    site,
    settings,
    publicUrl: publicUrl($app.stage, process.env["KEYWARD_DOMAIN"]),
    certificateArn: process.env["KEYWARD_CERTIFICATE_ARN"],
    witnessProvider: witnessAccount(site, stageTags(settings)),
  };
}
