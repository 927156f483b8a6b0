import {
  createKeyring,
  type Keyring,
  type KeyFailure,
  type KeyScope,
  openPersonWord,
  type PersonPlace,
  personWordKid,
  type PrivateKey,
  sealPersonWord,
} from "../../core/crypto/index.ts";
import { createKmsKeys, type KmsKeys } from "../../core/crypto/kms.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import { isId, type TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, loadKeyRows, type Table } from "../../core/table/index.ts";
import { RegistryUnavailable } from "../../core/table/registry-store.ts";
import type { OpenWord, SealWord, WordFailure } from "../../core/tenant/person-words.ts";
import { dynamoDb, kms } from "./clients.ts";
import type { Vend } from "./credentials.ts";
import { log } from "./log.ts";

export interface PeopleNamesConfig {
  readonly AWS_REGION: string;
  readonly CELL: string;
  readonly KEYS_TABLE: string;
  readonly CELL_KEY_ARN: string;
  readonly PEOPLE_NAMES_ROLE_ARN: string;
}

/** The clinic whose people are named, and for whom. */
export interface NameReader {
  readonly tenantId: TenantId;
  readonly userId: string;
  /** The tenant's, as the registry told this request. */
  readonly epoch: number;
}

export interface PeopleNames {
  readonly open: OpenWord;
  readonly seal: SealWord;
}

/** A pair seals and opens names, and nothing else is in its scope. */
const CLASSES = ["U"] as const;
const OPEN_MAX = 1_000;

const isClosed = ({ kind }: KeyFailure): boolean => kind === "suspended" || kind === "shredded" || kind === "not-found";

function wordOf<T>(result: Result<T, KeyFailure>): Result<T, WordFailure> {
  if (result.ok) return result;
  if (isClosed(result.error)) return err({ kind: "closed" });
  throw new RegistryUnavailable(`names: ${result.error.kind}`);
}

/**
 * Words that were opened, by the key that opened them: they live no longer than it does, so that whoever finds them in
 * memory finds nothing that the key beside them would not open. An opening is 0.2 ms, and a list of people has many.
 */
const opened = new WeakMap<PrivateKey, Map<string, string>>();
const WORDS_MAX = 2_000;

function openOnce(sealed: Uint8Array, place: PersonPlace, key: PrivateKey): string {
  const words = opened.get(key) ?? new Map<string, string>();
  const id = JSON.stringify([place, Buffer.from(sealed).toString("base64")]);
  const word = words.get(id) ?? openPersonWord(sealed, place, key);
  if (words.size >= WORDS_MAX) words.clear();
  opened.set(key, words.set(id, word));
  return word;
}

/** Opens and seals by a keyring and the scope of one reader. */
export function peopleNamesOf(keyring: Keyring, scope: KeyScope): PeopleNames {
  return {
    async open(sealed, place) {
      invariant(place.tenantId === scope.tenantId, "a reader opens the names of her own clinic");
      const key = wordOf(await keyring.privateKey(scope, personWordKid(sealed)));
      return key.ok ? ok(openOnce(sealed, place, key.value)) : key;
    },
    async seal(word, place) {
      const key = wordOf(await keyring.publicKey(scope, "U"));
      if (!key.ok) throw new RegistryUnavailable("names: closed");
      return sealPersonWord(word, place, key.value);
    },
  };
}

/**
 * What opens the names of a clinic's people, with a session of the role that can do that and nothing else: tagged with the
 * clinic, in the name of the user whom it is done for. One keyring keeps keys within the bounds of any other.
 */
export function createPeopleNames(config: PeopleNamesConfig, vend: Vend, clock: Clock) {
  const reaches = new Map<string, { readonly table: Table; readonly keys: KmsKeys }>();

  function reachOf(tenantId: TenantId, userId: string) {
    const id = `${tenantId}.${userId}`;
    const known = reaches.get(id);
    if (known !== undefined) return known;
    invariant(isId(tenantId) && isId(userId), "names of a tenant are opened for a user");
    const session = {
      roleArn: config.PEOPLE_NAMES_ROLE_ARN,
      sessionName: `u-${userId}`,
      sourceIdentity: `u-${userId}`,
      tags: { tenant: tenantId },
    };
    const credentials = () => vend(session);
    const reach = {
      table: createDynamoTable({
        client: dynamoDb(config.AWS_REGION, credentials),
        names: { keys: config.KEYS_TABLE },
        clock,
        meter: createMeter(),
      }),
      keys: createKmsKeys(kms(config.AWS_REGION, credentials), config.CELL_KEY_ARN),
    };
    if (reaches.size >= OPEN_MAX) reaches.clear();
    reaches.set(id, reach);
    return reach;
  }

  const keyring = createKeyring({
    cell: config.CELL,
    clock,
    loadKeyRows: ({ tenantId, credentialsId }, dataClass) =>
      loadKeyRows(reachOf(tenantId, credentialsId).table, tenantId, dataClass),
    kmsDecrypt: ({ tenantId, credentialsId }, request) => reachOf(tenantId, credentialsId).keys.decrypt(request),
    onSignal: (signal) => log("warn", "alarm", { failure: `key-${signal.kind}` }),
  });

  return ({ tenantId, userId, epoch }: NameReader): PeopleNames =>
    peopleNamesOf(keyring, { tenantId, purpose: "names", credentialsId: userId, classes: CLASSES, epoch });
}
