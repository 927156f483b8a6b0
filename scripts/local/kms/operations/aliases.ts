import { accountCheck, keyCheck } from "../authorization.ts";
import { kmsError, validation } from "../errors.ts";
import { optionalString, requiredString, type Input } from "../input.ts";
import type { Keyring } from "../keyring.ts";
import { seconds, type Operation, type Operations } from "../operation.ts";
import { page, PAGE_MEMBERS } from "../paging.ts";
import type { Alias } from "../store.ts";
import { resolveKeyOnly, resolveTarget } from "../target.ts";

/** Source: KMS API Reference, CreateAlias. `alias/aws/` belongs to AWS managed keys. */
function aliasName(input: Input): string {
  const name = requiredString(input, "AliasName", { min: 1, max: 256 });
  if (name.startsWith("alias/aws/")) throw kmsError("NotAuthorizedException");
  if (!name.startsWith("alias/")) throw validation("Invalid identifier");
  if (!/^alias\/[A-Za-z0-9/_-]+$/.test(name)) {
    throw kmsError("InvalidAliasNameException", "The alias name contains characters that are not allowed");
  }
  return name;
}

const unknownAlias = (keyring: Keyring, name: string) =>
  kmsError("NotFoundException", `Alias ${keyring.aliasArn(name)} is not found.`);

const createAlias: Operation = {
  readOnly: false,
  members: ["AliasName", "TargetKeyId"],
  plan(keyring, input, call) {
    const name = aliasName(input);
    const target = resolveKeyOnly(keyring, requiredString(input, "TargetKeyId"));
    const arn = keyring.aliasArn(name);
    return {
      checks: [accountCheck(call, "CreateAlias", arn), keyCheck(keyring, call, "CreateAlias", target)],
      parameters: { aliasName: name, targetKeyId: target.arn },
      run() {
        const key = target.require();
        keyring.requireNotPendingDeletion(key);
        if (keyring.store.alias(name) !== undefined) {
          throw kmsError("AlreadyExistsException", `An alias with the name ${arn} already exists`);
        }
        const nowMs = keyring.nowMs();
        keyring.store.putAlias({ name, keyId: key.id, createdAtMs: nowMs, updatedAtMs: nowMs });
        return {};
      },
    };
  },
};

const updateAlias: Operation = {
  readOnly: false,
  members: ["AliasName", "TargetKeyId"],
  plan(keyring, input, call) {
    const name = aliasName(input);
    const before = resolveTarget(keyring, name);
    const after = resolveKeyOnly(keyring, requiredString(input, "TargetKeyId"));
    return {
      checks: [
        accountCheck(call, "UpdateAlias", keyring.aliasArn(name)),
        ...(before.key === undefined ? [] : [keyCheck(keyring, call, "UpdateAlias", before)]),
        keyCheck(keyring, call, "UpdateAlias", after),
      ],
      parameters: { aliasName: name, targetKeyId: after.arn },
      run() {
        const alias = keyring.store.alias(name);
        if (alias === undefined) throw unknownAlias(keyring, name);
        const key = after.require();
        keyring.requireNotPendingDeletion(key);
        if (before.require().spec !== key.spec) {
          throw validation(`Alias ${name} cannot be changed to a key of another type or usage`);
        }
        keyring.store.putAlias({ ...alias, keyId: key.id, updatedAtMs: keyring.nowMs() });
        return {};
      },
    };
  },
};

const deleteAlias: Operation = {
  readOnly: false,
  members: ["AliasName"],
  plan(keyring, input, call) {
    const name = aliasName(input);
    const target = resolveTarget(keyring, name);
    return {
      checks: [
        accountCheck(call, "DeleteAlias", keyring.aliasArn(name)),
        ...(target.key === undefined ? [] : [keyCheck(keyring, call, "DeleteAlias", target)]),
      ],
      parameters: { aliasName: name },
      run() {
        if (keyring.store.alias(name) === undefined) throw unknownAlias(keyring, name);
        keyring.store.deleteAlias(name);
        return {};
      },
    };
  },
};

const listAliases: Operation = {
  readOnly: true,
  members: ["KeyId", ...PAGE_MEMBERS],
  plan(keyring, input, call) {
    const keyId = optionalString(input, "KeyId", { min: 1, max: 2048 });
    const target = keyId === undefined ? undefined : resolveKeyOnly(keyring, keyId);
    const entry = (alias: Alias) => ({
      AliasName: alias.name,
      AliasArn: keyring.aliasArn(alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: seconds(alias.createdAtMs),
      LastUpdatedDate: seconds(alias.updatedAtMs),
    });
    return {
      checks: [accountCheck(call, "ListAliases", "*")],
      parameters: target === undefined ? {} : { keyId: target.arn },
      run() {
        const aliases = keyring.store.aliases(target?.require().id);
        const { items, end } = page(aliases, (alias) => alias.name, input, { usual: 50, max: 100 });
        return { Aliases: items.map(entry), ...end };
      },
    };
  },
};

/** Names that stand for a key and can be moved to another. */
export const aliasOperations: Operations = {
  CreateAlias: createAlias,
  UpdateAlias: updateAlias,
  DeleteAlias: deleteAlias,
  ListAliases: listAliases,
};
