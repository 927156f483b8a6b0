import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { Call, Check, ContextValue } from "../service.ts";
import type { EncryptionContext } from "./input.ts";
import { SPEC_RULES } from "./key-specs.ts";
import type { Keyring } from "./keyring.ts";
import { parseKeyPolicy } from "./policy.ts";
import type { Target } from "./target.ts";

export type Context = Readonly<Record<string, ContextValue>>;

/** `kms:EncryptionContext:<name>` once per pair, single-valued, and `kms:EncryptionContextKeys` with all the names. */
export function encryptionContextKeys(context: EncryptionContext): Context {
  const names = Object.keys(context);
  return {
    ...Object.fromEntries(names.map((name) => [`kms:EncryptionContext:${name}`, context[name] ?? ""])),
    ...(names.length > 0 ? { "kms:EncryptionContextKeys": names } : {}),
  };
}

/** Source: Service Authorization Reference, AWS KMS: the keys that every operation on a key carries. */
function keyContext(keyring: Keyring, target: Target): Context {
  const { key } = target;
  const alias = target.requestAlias === undefined ? {} : { "kms:RequestAlias": target.requestAlias };
  if (key === undefined) return alias;
  const aliases = keyring.store.aliases(key.id).map((entry) => entry.name);
  const tags = Object.entries(keyring.store.tags(key.id));
  return {
    ...alias,
    ...(aliases.length > 0 ? { "kms:ResourceAliases": aliases } : {}),
    "kms:KeyOrigin": "AWS_KMS",
    "kms:KeySpec": key.spec,
    "kms:KeyUsage": SPEC_RULES[key.spec].usage,
    "kms:MultiRegion": false,
    ...Object.fromEntries(tags.map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
  };
}

const parsedPolicies = new Map<string, PolicyDocument>();

function parsed(policy: string): PolicyDocument {
  const known = parsedPolicies.get(policy);
  if (known !== undefined) return known;
  if (parsedPolicies.size >= 256) parsedPolicies.clear();
  const document = parseKeyPolicy(policy);
  parsedPolicies.set(policy, document);
  return document;
}

/**
 * What IAM and the key's own policy must allow. `action` without `kms:`.
 * A key that does not exist has no policy: identity policies alone decide whether its absence is told.
 */
export function keyCheck(keyring: Keyring, call: Call, action: string, target: Target, context: Context = {}): Check {
  return {
    action: `kms:${action}`,
    resource: target.arn,
    context: { "kms:CallerAccount": call.caller.accountId, ...keyContext(keyring, target), ...context },
    ...(target.key === undefined ? {} : { resourcePolicy: parsed(target.key.policy), resourcePolicyMandatory: true }),
  };
}

/** For what is no key: an alias, or the account's list of keys (`*`). No key policy has a say. */
export const accountCheck = (call: Call, action: string, resource: string, context: Context = {}): Check => ({
  action: `kms:${action}`,
  resource,
  context: { "kms:CallerAccount": call.caller.accountId, ...context },
});
