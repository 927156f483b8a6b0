import { expectText } from "./attribute-value.ts";
import { tableCheck } from "./authorize.ts";
import { validation } from "./errors.ts";
import type { Input } from "./input.ts";
import { readList, readRequiredText } from "./input.ts";
import type { Operation } from "./plan.ts";
import { parseTags } from "./table-input.ts";
import { tableOfArn } from "./table-operations.ts";

const MAX_TAGS = 50;

function readArn(input: Input): string {
  const arn = readRequiredText(input, "ResourceArn");
  if (!arn.startsWith("arn:aws:dynamodb:")) {
    throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  }
  return arn;
}

export const tagResource: Operation = (engine, input) => {
  const arn = readArn(input);
  const tags = parseTags(input);
  const context = {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    "aws:TagKeys": tags.map(({ Key }) => Key),
  };
  return {
    checks: [tableCheck(engine, "TagResource", arn, context)],
    readOnly: false,
    managementEvent: true,
    parameters: { resourceArn: arn, tags },
    run: () => {
      const table = tableOfArn(engine, arn);
      const kept = table.tags.filter(({ Key }) => !tags.some((tag) => tag.Key === Key));
      if (kept.length + tags.length > MAX_TAGS) throw validation("One or more tags exceed the limit of 50 tags");
      engine.store.transaction(() => engine.tables.save({ ...table, tags: [...kept, ...tags] }));
      return {};
    },
  };
};

export const untagResource: Operation = (engine, input) => {
  const arn = readArn(input);
  const keys = (readList(input, "TagKeys") ?? []).map(expectText);
  return {
    checks: [tableCheck(engine, "UntagResource", arn, { "aws:TagKeys": keys })],
    readOnly: false,
    managementEvent: true,
    parameters: { resourceArn: arn, tagKeys: keys },
    run: () => {
      const table = tableOfArn(engine, arn);
      const tags = table.tags.filter(({ Key }) => !keys.includes(Key));
      engine.store.transaction(() => engine.tables.save({ ...table, tags }));
      return {};
    },
  };
};

export const listTagsOfResource: Operation = (engine, input) => {
  const arn = readArn(input);
  return {
    checks: [tableCheck(engine, "ListTagsOfResource", arn)],
    readOnly: true,
    managementEvent: true,
    parameters: { resourceArn: arn },
    run: () => ({ Tags: tableOfArn(engine, arn).tags }),
  };
};
