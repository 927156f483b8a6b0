import { BatchGetItemCommand, PutItemCommand, TransactGetItemsCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { itemsOf, outcome } from "../aws.ts";
import { newTestId } from "../world.ts";
import { key, partition, probes, type Scene, STORED_CLASSES, type Use } from "./scene.ts";
import {
  check,
  DATA,
  DAY,
  DENIED,
  get,
  KEYS,
  OUTBOX,
  put,
  query,
  queryIndex,
  remove,
  update,
  write,
} from "./table-calls.ts";

const c = partition;

export function foreignKeys(use: Use): void {
  describe("AW-01 foreign keys", () => {
    const everyClass = async (call: (scene: Scene, pk: string) => Promise<unknown>): Promise<void> => {
      const scene = use();
      for (const dataClass of STORED_CLASSES) {
        expect(await outcome(call(scene, c(scene.b, dataClass)))).toBe(DENIED);
      }
    };
    it("AW-01 GetItem of B's row, in every class", () => everyClass(({ own }, pk) => get(own, pk)));
    it("AW-01 Query of B's partition, in every class", () => everyClass(({ own }, pk) => query(own, pk)));
    it("AW-01 Query of B's index partition, in every class", async () => {
      for (const dataClass of STORED_CLASSES) {
        expect(await outcome(queryIndex(use().own, c(use().b, dataClass, "IX")))).toBe(DENIED);
      }
    });
    it("AW-01 BatchGetItem with one of B's keys among A's", () =>
      everyClass(({ own, a }, pk) =>
        own.dynamodb.send(
          new BatchGetItemCommand({ RequestItems: { [DATA]: { Keys: [key(c(a, "C")), key(c(a, "D")), key(pk)] } } }),
        ),
      ));
    it("AW-01 TransactGetItems with one of B's keys among A's", () =>
      everyClass(({ own, a }, pk) =>
        own.dynamodb.send(
          new TransactGetItemsCommand({
            TransactItems: [c(a, "C"), pk].map((each) => ({ Get: { TableName: DATA, Key: key(each) } })),
          }),
        ),
      ));
    it("AW-01 TransactWriteItems with one of B's keys among A's writes nothing at all", async () => {
      const { own, a, b, world } = use();
      const before = itemsOf(world, "data");
      for (const foreign of [put, check, update, remove]) {
        const mixed = write(own, put(c(a, "C"), "R#Observation#mixed"), foreign(c(b, "C")));
        expect(await outcome(mixed)).toBe(DENIED);
      }
      expect(itemsOf(world, "data")).toEqual(before);
    });
    probes("AW-01", use, [
      ["B's wrapped key", DENIED, ({ own, b }) => get(own, `T#${b}#C#K`, KEYS, "v#000001")],
      ["B's wrapped keys", DENIED, ({ own, b }) => query(own, `T#${b}#D#K`, KEYS)],
      ["an event in B's outbox", DENIED, ({ own, b }) => write(own, put(c(b, "A", DAY), newTestId(), OUTBOX))],
      [
        "an event in B's outbox, outside a transaction",
        DENIED,
        ({ own, b }) =>
          own.dynamodb.send(new PutItemCommand({ TableName: OUTBOX, Item: key(c(b, "A", DAY), newTestId()) })),
      ],
    ]);
    it("AW-01 control: the same calls on A's own rows are allowed and find them", async () => {
      const { own, a } = use();
      expect((await get(own, c(a, "C"))).Item).toBeDefined();
      expect((await query(own, c(a, "D"))).Count).toBe(1);
      expect((await queryIndex(own, c(a, "C", "IX"))).Count).toBe(1);
      const batch = new BatchGetItemCommand({ RequestItems: { [DATA]: { Keys: [key(c(a, "C")), key(c(a, "D"))] } } });
      expect((await own.dynamodb.send(batch)).Responses?.[DATA]).toHaveLength(2);
      const transaction = new TransactGetItemsCommand({
        TransactItems: [{ Get: { TableName: DATA, Key: key(c(a, "C")) } }],
      });
      expect((await own.dynamodb.send(transaction)).Responses?.[0]?.Item).toBeDefined();
      expect(await outcome(write(own, put(c(a, "C"), "R#Observation#own"), check(c(a, "D")), update(c(a, "C"))))).toBe(
        "allowed",
      );
      expect((await get(own, `T#${a}#C#K`, KEYS, "v#000001")).Item).toBeDefined();
      expect(await outcome(write(own, put(c(a, "A", DAY), newTestId(), OUTBOX)))).toBe("allowed");
    });
  });
}

/** Spellings that look like a key of A's, each with what is wrong about it. */
function twins(a: string): readonly (readonly [why: string, pk: string])[] {
  const shorter = a.slice(0, -1);
  return [
    ["nothing after the tenant", `T#${a}`],
    ["nothing after the tenant's delimiter", `T#${a}#`],
    ["no delimiter after the class", `T#${a}#C`],
    ["a longer tenant", `T#${a}x#C#P#1`],
    ["a shorter tenant", `T#${shorter}#C#P#1`],
    ["the last character of the tenant differs", `T#${shorter}${a.endsWith("0") ? "1" : "0"}#C#P#1`],
    ["the tenant in capitals", `T#${a.toUpperCase()}#C#P#1`],
    ["a small T", `t#${a}#C#P#1`],
    ["a small class", `T#${a}#c#P#1`],
    ["a space in front", ` T#${a}#C#P#1`],
    ["a space after the tenant", `T#${a} #C#P#1`],
    ["a line break in front", `\nT#${a}#C#P#1`],
    ["a zero byte after the tenant", `T#${a}\u0000#C#P#1`],
    ["a zero-width space in the tenant", `T#\u200b${a}#C#P#1`],
    ["a full-width delimiter", `T＃${a}#C#P#1`],
    ["an asterisk for the tenant", "T#*#C#P#1"],
    ["question marks for the tenant", `T#${"?".repeat(26)}#C#P#1`],
    ["the policy variable itself", "T#${aws:PrincipalTag/tenant}#C#P#1"],
    ["two classes", `T#${a}#CD#P#1`],
    ["an unknown class", `T#${a}#Z#P#1`],
    ["the tenant twice", `T#${a}#${a}#C#P#1`],
    ["something before it", `X#T#${a}#C#P#1`],
  ];
}

export function twinPrefixes(use: Use): void {
  describe("AW-07 twin prefixes", () => {
    it("AW-07 no key that only looks like one of A's is read, queried or written", async () => {
      const { own, a } = use();
      const got: Record<string, readonly string[]> = {};
      for (const [why, pk] of twins(a)) {
        got[why] = [await outcome(get(own, pk)), await outcome(query(own, pk)), await outcome(write(own, put(pk)))];
      }
      expect(got).toEqual(Object.fromEntries(twins(a).map(([why]) => [why, [DENIED, DENIED, DENIED]])));
    });
    it("AW-07 control: the key that they imitate is A's", async () => {
      const { own, a } = use();
      for (const call of [get(own, `T#${a}#C#P#1`), query(own, `T#${a}#C#P#1`), write(own, put(`T#${a}#C#P#1`))]) {
        expect(await outcome(call)).toBe("allowed");
      }
    });
  });
}
