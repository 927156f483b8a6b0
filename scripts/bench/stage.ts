import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TenantView } from "../../core/contract/index.ts";
import { Api } from "../cli/api.ts";
import type { Member, Profile } from "../cli/profile.ts";
import { reasonHeaders } from "../cli/reason.ts";
import { clientToken, memberToken, newClientKey } from "../cli/sign-in.ts";
import { startStack, type Stack, type StackOptions } from "../local/stack.ts";
import { prepareProfile } from "../start/profile.ts";

export interface BenchClinic {
  readonly tenantId: string;
  /** The physician, for sessions as the portal has them. */
  readonly member: Member;
  /** A physician, and a client that may write any record. Their tokens are renewed as they end. */
  readonly physician: Api;
  readonly importer: Api;
}

export interface BenchStage {
  readonly stack: Stack;
  readonly profile: Profile;
  readonly clinics: readonly BenchClinic[];
  close(): Promise<void>;
}

/** The stage's own limit protects it from the world; a bench is the only caller. */
const THROTTLE = { ratePerSecond: 10_000, burst: 20_000 };

/**
 * A whole stage in memory with clinics that are made through its API. `beforeSignIn` runs before anybody signs in, for a
 * virtual clock that has to catch up with the machine's.
 */
export async function openStage(
  clinics: number,
  options: StackOptions & { readonly beforeSignIn?: () => Promise<void> } = {},
): Promise<BenchStage> {
  const { beforeSignIn = () => Promise.resolve(), ...stackOptions } = options;
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-bench-"));
  const stack = await startStack({ throttle: THROTTLE, ...stackOptions });
  try {
    await beforeSignIn();
    const profile = await prepareProfile(stack, folder);
    const operator = new Api(profile.publicUrl, () => clientToken(profile.publicUrl, profile.operator, "platform"));
    const made: BenchClinic[] = [];
    for (let number = 1; number <= clinics; number += 1) {
      made.push(await openClinic(profile, operator, `clinic${number}`, beforeSignIn));
    }
    return { stack, profile, clinics: made, close: () => close(stack, folder) };
  } catch (error) {
    await close(stack, folder);
    throw error;
  }
}

async function close(stack: Stack, folder: string): Promise<void> {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
}

async function openClinic(
  { publicUrl }: Profile,
  operator: Api,
  name: string,
  beforeSignIn: () => Promise<void>,
): Promise<BenchClinic> {
  const post = <T>(route: string, body: unknown): Promise<T> =>
    operator.json<T>({ method: "POST", path: route, body, headers: reasonHeaders({ reason: "onboarding" }) });
  const { id: tenantId } = await post<TenantView>("/platform/tenants", { name });
  const below = `/platform/tenants/${tenantId}`;
  const password = "a password for one run only";
  const login = `${name}.doc`;
  const user = { login, displayName: "Physician", roles: ["physician"], password };
  const { totpSecret } = await post<{ totpSecret: string }>(`${below}/users`, user);
  const key = newClientKey();
  const client = { name: "importer", roles: ["integration"], purpose: "HOPERAT", jwks: { keys: [key.publicJwk] } };
  const { clientId } = await post<{ clientId: string }>(`${below}/clients`, client);
  const member: Member = { login, password, totpSecret, tenantId, role: "physician" };
  const physician = new Api(publicUrl, () => memberToken(publicUrl, member));
  const importer = new Api(publicUrl, () =>
    clientToken(publicUrl, { clientId, privateJwk: key.privateJwk }, "system/*.cruds"),
  );
  await beforeSignIn();
  await physician.token();
  await importer.token();
  return { tenantId, member, physician, importer };
}
