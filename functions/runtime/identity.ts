import type { TokenTrust } from "../../core/identity/access-token.ts";
import { createSessions } from "../../core/identity/session.ts";
import { createStandings } from "../../core/identity/standing.ts";
import { loadTokenKey, type TokenKey } from "../../core/identity/token-key.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import type { AuthenticationDeps } from "../http/authenticate.ts";
import { dynamoDb, kms, ownSts } from "./clients.ts";
import { createVendor, type Vend } from "./credentials.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";

export interface ZoneIdentity {
  readonly vend: Vend;
  readonly registry: RegistryStore;
  readonly tokenKey: () => Promise<TokenKey>;
  readonly authentication: () => Promise<AuthenticationDeps>;
}

/** What a zone needs to know who asks, with the credentials of `roleArn`: registry rows and the token key's public half. */
export function createZoneIdentity(config: {
  readonly AWS_REGION: string;
  readonly PUBLIC_URL: string;
  readonly PORTAL_ORIGIN: string;
  readonly REGISTRY_TABLE: string;
  readonly TOKEN_KEY_ARN: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly isSessionUse?: boolean;
  /** How long this zone remembers who somebody is; without it, as long as a revocation may take. */
  readonly standingTtlMs?: number;
}): ZoneIdentity {
  const vend = createVendor(ownSts(config.AWS_REGION), systemClock);
  const credentials = () => vend({ roleArn: config.roleArn, sessionName: config.sessionName });
  const meter = createMeter();
  const table = createDynamoTable({
    client: dynamoDb(config.AWS_REGION, credentials),
    names: { registry: config.REGISTRY_TABLE },
    clock: systemClock,
    meter,
  });
  const registry = createRegistryStore(table);
  const sessions = createSessions(registry, systemClock);
  const standings = createStandings(registry, systemClock, config.standingTtlMs);
  let loading: Promise<TokenKey> | undefined;

  function tokenKey(): Promise<TokenKey> {
    if (loading === undefined) {
      const started = loadTokenKey(kms(config.AWS_REGION, credentials), config.TOKEN_KEY_ARN);
      started.catch(() => (loading = undefined));
      loading = started;
    }
    return loading;
  }

  async function trust(): Promise<TokenTrust> {
    const { kid, publicKey } = await tokenKey();
    return { issuer: config.PUBLIC_URL, audience: `${config.PUBLIC_URL}/fhir`, keys: new Map([[kid, publicKey]]) };
  }

  const dependencies: AuthenticationDeps = {
    ownOrigins: [new URL(config.PUBLIC_URL).origin, new URL(config.PORTAL_ORIGIN).origin],
    trust,
    standings,
    sessions,
    clock: systemClock,
    isSessionUse: config.isSessionUse ?? false,
  };
  return { vend, registry, tokenKey, authentication: () => Promise.resolve(dependencies) };
}
