import { describe, expect, it } from "vitest";
import { passesFilters } from "../../../scripts/local/lambda/event-source/filter.ts";
import type { FilterPattern } from "../../../scripts/local/lambda/event-source/mapping.ts";

const record = {
  eventName: "REMOVE",
  userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
  dynamodb: { Keys: { pk: { S: "T#1#D#P#9" } }, NewImage: { n: { N: "5" } } },
};

describe("a mapping's filters", () => {
  it.each<[string, FilterPattern[], boolean]>([
    ["none lets all through", [], true],
    ["an equal value", [{ eventName: ["INSERT", "REMOVE"] }], true],
    ["no equal value", [{ eventName: ["INSERT"] }], false],
    ["all keys of a pattern", [{ eventName: ["REMOVE"], userIdentity: { type: ["Service"] } }], true],
    ["one key that does not match", [{ eventName: ["REMOVE"], userIdentity: { type: ["User"] } }], false],
    ["one of several patterns", [{ eventName: ["INSERT"] }, { eventName: ["REMOVE"] }], true],
    ["a prefix", [{ dynamodb: { Keys: { pk: { S: [{ prefix: "T#1#" }] } } } }], true],
    ["a suffix", [{ dynamodb: { Keys: { pk: { S: [{ suffix: "#9" }] } } } }], true],
    ["anything but", [{ eventName: [{ "anything-but": ["INSERT"] }] }], true],
    ["anything but itself", [{ eventName: [{ "anything-but": "REMOVE" }] }], false],
    ["absence", [{ dynamodb: { OldImage: { x: { S: [{ exists: false }] } } } }], true],
    ["presence", [{ dynamodb: { OldImage: { x: { S: [{ exists: true }] } } } }], false],
    ["numbers", [{ dynamodb: { NewImage: { n: { N: [{ numeric: [">", 4, "<=", 5] }] } } } }], true],
    ["numbers out of range", [{ dynamodb: { NewImage: { n: { N: [{ numeric: [">", 5] }] } } } }], false],
    ["numbers of what is no number", [{ eventName: [{ numeric: ["<", 5] }] }], false],
  ])("%s", (_title, filters, passes) => {
    expect(passesFilters(record, filters)).toBe(passes);
  });

  it("refuses a comparison that it does not know, so that none is ignored", () => {
    expect(() => passesFilters(record, [{ eventName: [{ wildcard: "R*" }] }])).toThrow(/wildcard is not supported/);
  });
});
