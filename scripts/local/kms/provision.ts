import type { PolicyDocument } from "../../../core/iam/document.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { SPEC_RULES, type KeySpec, type KeyUsage } from "./key-specs.ts";
import { DAY_MS, type Keyring } from "./keyring.ts";
import { parseKeyPolicy } from "./policy.ts";

/** A key as the stack's plan describes it. */
export interface KeyDefinition {
  /** A UUID of the provisioner's choice: the key has the same ARN in every start. */
  readonly keyId: string;
  /** The account that it stands in; the cloud's own when left out. */
  readonly accountId?: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly policy: PolicyDocument;
  /** Undefined: no automatic rotation. 90 to 2560 days. */
  readonly rotationPeriodDays?: number;
  /** With their prefix: `alias/keyward-dev-c01-cell`. */
  readonly aliases: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly description: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes the key, or brings a known one to its definition. Material, state and the next rotation of a known key stay.
 * The policy is checked as PutKeyPolicy checks it, without the lockout check: the stack owns the key.
 */
export function provisionKey(
  keyring: Keyring,
  definition: KeyDefinition,
): { readonly keyId: string; readonly arn: string } {
  const { keyId, spec, usage, policy, rotationPeriodDays, aliases, tags, description } = definition;
  invariant(UUID.test(keyId), "a provisioned key id is a lower-case UUID");
  invariant(SPEC_RULES[spec].usage === usage, "a provisioned key's usage fits its spec");
  invariant(rotationPeriodDays === undefined || spec === "SYMMETRIC_DEFAULT", "only symmetric keys rotate");
  const policyText = JSON.stringify(policy);
  parseKeyPolicy(policyText);
  const { store } = keyring;
  const known = keyring.find(keyId);
  invariant(known === undefined || known.spec === spec, "a provisioned key keeps its spec");
  const key =
    known ??
    keyring.create({
      id: keyId,
      accountId: definition.accountId,
      spec,
      description,
      policy: policyText,
      tags: {},
    });
  const nowMs = keyring.nowMs();
  const isSamePeriod = key.rotation?.periodDays === rotationPeriodDays;
  const rotation =
    rotationPeriodDays === undefined
      ? undefined
      : isSamePeriod
        ? key.rotation
        : { periodDays: rotationPeriodDays, nextAtMs: nowMs + rotationPeriodDays * DAY_MS };
  store.transaction(() => {
    store.putKey({ ...key, description, policy: policyText, rotation });
    for (const name of Object.keys(store.tags(keyId))) if (!(name in tags)) store.deleteTag(keyId, name);
    for (const [name, value] of Object.entries(tags)) store.putTag(keyId, name, value);
    for (const alias of store.aliases(keyId)) if (!aliases.includes(alias.name)) store.deleteAlias(alias.name);
    for (const name of aliases) {
      const createdAtMs = store.alias(name)?.createdAtMs ?? nowMs;
      store.putAlias({ name, keyId, createdAtMs, updatedAtMs: nowMs });
    }
  });
  return { keyId, arn: keyring.arn(keyId) };
}
