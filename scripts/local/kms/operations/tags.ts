import { keyCheck } from "../authorization.ts";
import { constraint, kmsError } from "../errors.ts";
import { requiredString, tagList, type Input } from "../input.ts";
import type { Operation, Operations } from "../operation.ts";
import { page, PAGE_MEMBERS } from "../paging.ts";
import { resolveKeyOnly } from "../target.ts";

const MAX_TAGS = 50;

const tagResource: Operation = {
  readOnly: false,
  members: ["KeyId", "Tags"],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    const tags = tagList(input);
    const context = {
      ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.TagKey}`, tag.TagValue])),
      "aws:TagKeys": tags.map((tag) => tag.TagKey),
    };
    return {
      checks: [keyCheck(keyring, call, "TagResource", target, context)],
      parameters: { keyId: target.arn, tags },
      run() {
        const key = target.require();
        keyring.requireNotPendingDeletion(key);
        const names = new Set([...Object.keys(keyring.store.tags(key.id)), ...tags.map((tag) => tag.TagKey)]);
        if (names.size > MAX_TAGS) throw kmsError("LimitExceededException", "A key has at most 50 tags");
        keyring.store.transaction(() => tags.forEach((tag) => keyring.store.putTag(key.id, tag.TagKey, tag.TagValue)));
        return {};
      },
    };
  },
};

function tagNames(input: Input): readonly string[] {
  const value = input["TagKeys"];
  if (!Array.isArray(value) || !value.every((name): name is string => typeof name === "string")) {
    throw constraint("TagKeys", "Member must be a list of tag keys");
  }
  return value;
}

const untagResource: Operation = {
  readOnly: false,
  members: ["KeyId", "TagKeys"],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    const names = tagNames(input);
    return {
      checks: [keyCheck(keyring, call, "UntagResource", target, { "aws:TagKeys": names })],
      parameters: { keyId: target.arn, tagKeys: names },
      run() {
        const key = target.require();
        keyring.requireNotPendingDeletion(key);
        keyring.store.transaction(() => names.forEach((name) => keyring.store.deleteTag(key.id, name)));
        return {};
      },
    };
  },
};

const listResourceTags: Operation = {
  readOnly: true,
  members: ["KeyId", ...PAGE_MEMBERS],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "ListResourceTags", target)],
      parameters: { keyId: target.arn },
      run() {
        const tags = Object.entries(keyring.store.tags(target.require().id));
        const { items, end } = page(tags, ([name]) => name, input, { usual: 50, max: 50 });
        return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...end };
      },
    };
  },
};

/** Tags of keys, which policies can ask for with aws:ResourceTag. */
export const tagOperations: Operations = {
  TagResource: tagResource,
  UntagResource: untagResource,
  ListResourceTags: listResourceTags,
};
