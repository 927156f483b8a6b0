import type { FunctionName, WitnessedSite } from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";

/** The role of the witness's account that a deploy works with there: the one thing that is made by hand, once. */
export const deployRoleName = ({ stage }: WitnessedSite): string => `keyward-${stage}-witness-deploy`;

/**
 * The provider of the witness's account. Whoever deploys holds both accounts for that moment; from then on no role of
 * either may change what the other keeps.
 */
export function witnessAccount(site: WitnessedSite, defaultTags: Readonly<Record<string, string>>): aws.Provider {
  return new aws.Provider("WitnessAccount", {
    region: site.region as aws.Region,
    allowedAccountIds: [site.witnessAccountId],
    assumeRoles: [{ roleArn: `arn:aws:iam::${site.witnessAccountId}:role/${deployRoleName(site)}` }],
    defaultTags: { tags: defaultTags },
  });
}

/** Where a function, its role and its log are made: the witness's in its own account, everybody else's in the cell's. */
export const accountOptions = ({ witnessProvider }: Ground, name: FunctionName): { provider?: aws.Provider } =>
  name === "witness" ? { provider: witnessProvider } : {};
