import { api } from "./api.ts";
import { archive } from "./archive.ts";
import { defaults } from "./defaults.ts";
import { edgeSecret } from "./edge.ts";
import { functions } from "./functions.ts";
import { ground } from "./ground.ts";
import { keys } from "./keys.ts";
import { portal } from "./portal.ts";
import { schedule } from "./schedule.ts";
import { streams } from "./streams.ts";
import { tables } from "./tables.ts";
import { permissions, roles } from "./tenancy.ts";
import { trail } from "./trail.ts";

/** Builds the stage in the order in which one thing needs another, and gives what a deployer wants to read. */
export async function build() {
  const here = await ground();
  if ($dev && here.settings.holdsPhi) throw new Error("sst dev never runs on a stage that holds PHI");
  defaults(here);
  trail(here);
  const allRoles = roles(here);
  const allKeys = keys(here, allRoles);
  const allPermissions = permissions(here, allRoles, allKeys);
  const allTables = tables(here);
  const store = archive(here, allKeys);
  const edge = edgeSecret();
  const zones = functions(here, allRoles, allPermissions, allKeys, edge);
  const gateway = api(here, zones);
  streams(allTables, zones, store);
  schedule(here, zones, allRoles, store);
  const { distribution, bucket } = portal(here, gateway, edge);
  return {
    publicUrl: here.publicUrl,
    apiEndpoint: gateway.apiEndpoint,
    portalDomain: distribution.domainName,
    portalBucket: bucket.bucket,
  };
}
