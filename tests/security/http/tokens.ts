import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import { createHmac, generateKeyPairSync, type KeyObject, sign as signWith } from "node:crypto";
import { loadTokenKey, type TokenKey } from "../../../core/identity/token-key.ts";
import { assumeRole, functionCredentials } from "../aws.ts";
import { SITE, type World } from "../world.ts";

/** Members as they stand in the text, so that they may stand twice. */
export type JsonText = string;
type Signer = (input: string) => Uint8Array | Promise<Uint8Array>;

export interface Decoded {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

export function decodeToken(token: string): Decoded {
  const [header, claims] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>);
  return { header: header ?? {}, claims: claims ?? {} };
}

const part = (value: object | JsonText): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A compact JWS of any header and claims, whether or not they make sense. */
export async function encodeToken(header: object | JsonText, claims: object | JsonText, signer: Signer) {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${Buffer.from(await signer(input)).toString("base64url")}`;
}

export const unsigned: Signer = () => new Uint8Array();
export const hmacBy =
  (secret: string | Uint8Array): Signer =>
  (input) =>
    createHmac("sha256", secret).update(input).digest();

/** A key of the attacker, which nobody here has ever seen. */
export function attackerKey(): { readonly publicKey: KeyObject; readonly sign: Signer } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey,
    sign: (input) => signWith("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/**
 * The stage's own signing key, in the hands of the session zone's role: it makes tokens whose signature is good and
 * whose content is not.
 */
export async function openStageKey(world: World): Promise<{ readonly key: TokenKey; close(): void }> {
  const { environment = {} } =
    world.stack.provisioned.functions.find(({ functionName }) => functionName.endsWith("-session")) ?? {};
  const options = { region: SITE.region, endpoint: world.stack.endpoint, maxAttempts: 1 };
  const sts = new STSClient({ ...options, credentials: functionCredentials(world, "session") });
  const credentials = await assumeRole(sts, {
    RoleArn: environment["IDENTITY_ROLE_ARN"],
    RoleSessionName: "session",
  });
  sts.destroy();
  const kms = new KMSClient({ ...options, credentials });
  const key = await loadTokenKey(kms, environment["TOKEN_KEY_ARN"] ?? "");
  return { key, close: () => kms.destroy() };
}
