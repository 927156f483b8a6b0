import { Api } from "./api.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { type Profile, writeProfile } from "./profile.ts";
import { reasonHeaders } from "./reason.ts";
import { clientToken, memberToken, newClientKey, stepUp } from "./sign-in.ts";

/** The stage's operator, as the profile holds it. */
export const operatorApi = (profile: Profile): Api =>
  new Api(profile.publicUrl, () => clientToken(profile.publicUrl, profile.operator, "platform"));

/**
 * One of the profile's members. Throws CliFailure where it holds none of that login.
 * @param isSteppedUp Shows both factors again after the sign-in.
 */
export function memberApi(profile: Profile, login: string, isSteppedUp = false): Api {
  const member = profile.members.find((known) => known.login === login);
  if (member === undefined) {
    const known = profile.members.map((entry) => entry.login).join(", ");
    throw new CliFailure(
      `the profile holds no member ${login}${known === "" ? "" : `; it holds ${known}`}`,
      EXIT.usage,
    );
  }
  return new Api(profile.publicUrl, async () => {
    const token = await memberToken(profile.publicUrl, member);
    if (isSteppedUp) await stepUp(profile.publicUrl, member, token);
    return token;
  });
}

/** A client of the tenant that may write records, made on the first import and kept in the profile. */
export async function importerApi(profile: Profile, tenantId: string): Promise<Api> {
  let client = profile.importers[tenantId];
  if (client === undefined) {
    const key = newClientKey();
    const added = await operatorApi(profile).json<{ clientId: string }>({
      method: "POST",
      path: `/platform/tenants/${encodeURIComponent(tenantId)}/clients`,
      headers: reasonHeaders({ reason: "onboarding" }),
      body: { name: "keyward import", roles: ["integration"], purpose: "HOPERAT", jwks: { keys: [key.publicJwk] } },
    });
    client = { clientId: added.clientId, privateJwk: key.privateJwk };
    writeProfile({ ...profile, importers: { ...profile.importers, [tenantId]: client } });
  }
  const importer = client;
  return new Api(profile.publicUrl, () => clientToken(profile.publicUrl, importer, "system/*.cruds"));
}
