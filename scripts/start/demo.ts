import { randomBytes } from "node:crypto";
import path from "node:path";
import type { TenantView } from "../../core/contract/index.ts";
import { Api, sentenceOf } from "../cli/api.ts";
import { CliFailure } from "../cli/failure.ts";
import { ImportJournal } from "../cli/import/journal.ts";
import { runImport } from "../cli/import/run.ts";
import type { SourceFile } from "../cli/import/source.ts";
import { type Client, type Member, type Profile, writeProfile } from "../cli/profile.ts";
import { reasonHeaders } from "../cli/reason.ts";
import { clientToken, newClientKey } from "../cli/sign-in.ts";
import { generateClinic } from "../seed/index.ts";
import { seededId } from "../seed/random.ts";

const CLINICS = [
  { name: "Lakeside Family Practice", seed: "lakeside", prefix: "a" },
  { name: "Riverside Clinic", seed: "riverside", prefix: "b" },
] as const;

const MEMBERS = [
  { suffix: "doc", name: "Physician", role: "physician" },
  { suffix: "nurse", name: "Nurse", role: "nurse" },
  { suffix: "desk", name: "Front desk", role: "front-desk" },
  { suffix: "bill", name: "Billing", role: "billing" },
  { suffix: "admin", name: "Administrator", role: "clinic-administrator" },
  { suffix: "audit", name: "Auditor", role: "auditor" },
  { suffix: "patient", name: "Patient", role: "patient" },
] as const;

/** Why the synthetic clinics are made, for their own trails. */
const REASON = reasonHeaders({ reason: "onboarding" });

/** The day that histories end on: fixed, so that every demo holds the same records. */
const TODAY = "2026-11-20";

async function* pieces(seed: string, patients: number): AsyncGenerator<SourceFile> {
  let index = 0;
  for (const resources of generateClinic({ seed, today: TODAY }, patients)) {
    const bundle = { resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) };
    index += 1;
    yield await Promise.resolve({ name: `${seed}-${index}`, text: JSON.stringify(bundle) });
  }
}

const firstPatientId = (seed: string): string => seededId(seed, "patient", "0");

export const demoPatientId = firstPatientId("lakeside");

/**
 * Two synthetic clinics with members and charts, made through the API like any others. What exists is kept: a start
 * that was broken off goes on.
 */
export async function seedDemo(
  profile: Profile,
  folder: string,
  patients: number,
  say: (line: string) => void,
): Promise<Profile> {
  let current = profile;
  const operator = new Api(profile.publicUrl, () => clientToken(profile.publicUrl, profile.operator, "platform"));
  const { tenants } = await operator.json<{ tenants: TenantView[] }>({ method: "GET", path: "/platform/tenants" });
  for (const clinic of CLINICS) {
    const tenant =
      tenants.find(({ name, status }) => name === clinic.name && status === "active") ??
      (await operator.json<TenantView>({
        method: "POST",
        path: "/platform/tenants",
        body: { name: clinic.name },
        headers: REASON,
      }));
    for (const member of MEMBERS) {
      const isThere = current.members.some(({ tenantId, role }) => tenantId === tenant.id && role === member.role);
      if (isThere) continue;
      const added = await addMember(operator, tenant, `${clinic.prefix}.${member.suffix}`, {
        ...member,
        ...(member.role === "patient" && { patientId: firstPatientId(clinic.seed) }),
      });
      current = { ...current, members: [...current.members, added] };
      writeProfile(current, path.join(folder, "profile.json"));
    }
    const importer = current.importers[tenant.id] ?? (await addImporter(operator, tenant.id));
    current = { ...current, importers: { ...current.importers, [tenant.id]: importer } };
    writeProfile(current, path.join(folder, "profile.json"));
    const api = new Api(profile.publicUrl, () => clientToken(profile.publicUrl, importer, "system/*.cruds"));
    const journal = new ImportJournal(path.join(folder, "imports"), tenant.id);
    const report = await runImport(pieces(clinic.seed, patients), {
      api,
      tenantId: tenant.id,
      journal,
      concurrency: 2,
    });
    journal.close();
    if (report.refused > 0) throw new Error(`the synthetic clinic was refused: ${JSON.stringify(report.refusals[0])}`);
    say(`${clinic.name}  ${tenant.id}  ${report.patients} patients, ${report.stored + report.present} records`);
  }
  return current;
}

const MOST_LOGINS = 10;

/** A login that is taken belongs to a start that broke off before it kept the member's secrets: the next one is free. */
async function addMember(
  operator: Api,
  tenant: TenantView,
  login: string,
  member: (typeof MEMBERS)[number] & { readonly patientId?: string },
  number = 1,
): Promise<Member> {
  const numbered = number === 1 ? login : `${login}${number}`;
  const password = randomBytes(12).toString("base64url");
  const answer = await operator.call({
    method: "POST",
    path: `/platform/tenants/${tenant.id}/users`,
    headers: REASON,
    body: {
      login: numbered,
      displayName: `${member.name}, ${tenant.name}`,
      roles: [member.role],
      password,
      ...(member.patientId !== undefined && { patientId: member.patientId }),
    },
  });
  if (answer.status === 412 && number < MOST_LOGINS) return addMember(operator, tenant, login, member, number + 1);
  if (answer.status !== 201) throw new CliFailure(`a synthetic member was refused: ${sentenceOf(answer)}`);
  const { totpSecret } = JSON.parse(answer.text) as { readonly totpSecret: string };
  return { login: numbered, password, totpSecret, tenantId: tenant.id, role: member.role };
}

async function addImporter(operator: Api, tenantId: string): Promise<Client> {
  const key = newClientKey();
  const { clientId } = await operator.json<{ clientId: string }>({
    method: "POST",
    path: `/platform/tenants/${tenantId}/clients`,
    headers: REASON,
    body: { name: "keyward import", roles: ["integration"], purpose: "HOPERAT", jwks: { keys: [key.publicJwk] } },
  });
  return { clientId, privateJwk: key.privateJwk };
}
