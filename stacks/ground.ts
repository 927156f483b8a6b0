import type { Site } from "../core/iam/index.ts";
import { publicUrl, settingsOf, type StageSettings } from "./settings.ts";

/** What every file of the stack knows before it makes a resource. */
export interface Ground {
  readonly site: Site;
  readonly settings: StageSettings;
  readonly publicUrl: string;
  /** Of an ACM certificate for the public domain; without one the API keeps the name that API Gateway gives it. */
  readonly certificateArn: string | undefined;
}

/** Asks AWS for the account and the region, so that names and policies can be written out as text. */
export async function ground(): Promise<Ground> {
  const settings = settingsOf($app.stage);
  const { accountId } = await aws.getCallerIdentity();
  const { region } = await aws.getRegion();
  if (region !== settings.region) throw new Error(`stage ${$app.stage} belongs to region ${settings.region}`);
  return {
    site: { stage: settings.name, cell: "c01", accountId, region },
    settings,
    publicUrl: publicUrl($app.stage, process.env["KEYWARD_DOMAIN"]),
    certificateArn: process.env["KEYWARD_CERTIFICATE_ARN"],
  };
}
